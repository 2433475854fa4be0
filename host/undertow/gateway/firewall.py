"""What boxes may reach through the gateway: rules of nftables, in a table of our own.

Whatever other tables forbid stays forbidden: a packet has to pass all of them.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from undertow.errors import UndertowError
from undertow.gateway import system
from undertow.gateway.settings import Settings
from undertow.gateway.surroundings import NOT_THE_INTERNET, Surroundings, collapsed

_NEW_SYN = "tcp flags & (syn | rst) == syn"
_REFUSE = "counter reject with icmp type admin-prohibited"


def table_of(interface: str) -> str:
    return f"undertow_gateway_{interface}"


def rules(settings: Settings, around: Surroundings, opened: Sequence[str]) -> str:
    """The whole table. opened: interfaces that forward because of us, and for us alone."""
    tunnel = settings.interface
    lines = [
        f"table ip {table_of(tunnel)} {{",
        *_chain("forward", "type filter hook forward priority filter - 5; policy accept;"),
        f'    iifname "{tunnel}" jump leaving',
        f'    oifname "{tunnel}" jump arriving',
        # Nobody else may pretend to be a box, and be translated.
        f"    ip saddr {settings.pool} counter drop",
    ]
    if opened:
        # This machine was no router: its neighbours cannot use it as one now, either.
        names = ", ".join(f'"{name}"' for name in opened)
        lines.append(f"    iifname {{ {names} }} ct state new ct status & dnat == 0 counter drop")
        # An answer to nothing is not new either; and a rule that asks for its status passes it.
        lines.append(f"    iifname {{ {names} }} ct state {{ invalid, untracked }} counter drop")
    lines += ["  }", *_leaving(settings, around), *_arriving(settings), *_to_the_gateway(settings)]
    lines += [
        *_chain("translation", "type nat hook postrouting priority srcnat; policy accept;"),
        f'    ip saddr {settings.pool} oifname != "{tunnel}" masquerade',
        "  }",
        "}",
    ]
    return "\n".join([*lines, ""])


def _chain(name: str, kind: str = "") -> list[str]:
    return [f"  chain {name} {{", *([f"    {kind}"] if kind else [])]


def _clamp(settings: Settings) -> str:
    """TCP's segments fit the tunnel, whatever the ends and the ICMP in between say."""
    size = settings.mtu - 40
    return f"    {_NEW_SYN} tcp option maxseg size > {size} tcp option maxseg size set {size}"


def _leaving(settings: Settings, around: Surroundings) -> list[str]:
    tunnel = settings.interface
    lines = _chain("leaving")
    lines += [f"    ip saddr != {settings.pool} counter drop", _clamp(settings)]
    # What a box asks for names it may ask, and nothing else of that machine.
    servers = ", ".join(str(server) for server in settings.servers())
    lines += [f"    ip daddr {{ {servers} }} {kind} dport 53 accept" for kind in ("udp", "tcp")]
    verdict = "accept" if settings.allow_peers else _REFUSE
    lines.append(f'    oifname "{tunnel}" {verdict}')
    if settings.outward and not settings.allow_lan:
        lines.append(f'    oifname != "{settings.outward}" {_REFUSE}')
    if not settings.allow_lan:
        inner = collapsed([*NOT_THE_INTERNET, *around.networks])
        lines.append(f"    ip daddr {{ {', '.join(str(network) for network in inner)} }} {_REFUSE}")
    return [*lines, "    accept", "  }"]


def _arriving(settings: Settings) -> list[str]:
    lines = [*_chain("arriving"), _clamp(settings), "    ct state established,related accept"]
    return [*lines, "    counter drop", "  }"]


def _to_the_gateway(settings: Settings) -> list[str]:
    """What boxes may ask of this machine itself: whether it is there."""
    lines = _chain("to_the_gateway", "type filter hook input priority filter - 5; policy accept;")
    lines += [
        f'    iifname != "{settings.interface}" accept',
        "    ct state established,related accept",
        "    icmp type echo-request accept",
    ]
    if settings.allow_lan:
        return [*lines, "    accept", "  }"]
    if settings.address() in settings.servers():
        lines += [f"    ip daddr {settings.address()} {k} dport 53 accept" for k in ("udp", "tcp")]
    return [*lines, f"    {_REFUSE}", "  }"]


def load(settings: Settings, around: Surroundings, opened: Sequence[str]) -> None:
    """Put the table in place of the one that is there; packets meet the one or the other."""
    table = table_of(settings.interface)
    anew = f"add table ip {table}\ndelete table ip {table}\n"
    system.run("nft", "-f", "-", text=(anew + rules(settings, around, opened)).encode())


def remove(interface: str) -> None:
    """Take the table away, if it is there."""
    table = table_of(interface)
    system.run("nft", "-f", "-", text=f"add table ip {table}\ndelete table ip {table}\n".encode())


@dataclass(frozen=True)
class Obstacle:
    """A chain of somebody else that drops what it does not know. hook: forward or input."""

    hook: str
    table: str
    chain: str


def obstacles(interface: str) -> list[Obstacle]:
    """Chains of others that may keep boxes from getting in or through."""
    try:
        listed = json.loads(system.run("nft", "-j", "list", "chains"))
    except (UndertowError, ValueError):
        return []
    found = []
    for entry in listed.get("nftables", []):
        chain = entry.get("chain", {})
        if (
            chain.get("hook") in ("forward", "input")
            and chain.get("policy") == "drop"
            and chain.get("family") in ("ip", "inet")
            and chain.get("table") != table_of(interface)
        ):
            table = f"{chain['family']} {chain['table']}"
            found.append(Obstacle(chain["hook"], table, chain["name"]))
    return found

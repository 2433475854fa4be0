"""What boxes may reach through the gateway: rules of nftables, in a table of our own.

Whatever other tables forbid stays forbidden: a packet has to pass all of them.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from undertow.errors import UndertowError
from undertow.gateway import system
from undertow.gateway.carriers import INSIDE_PORT
from undertow.gateway.settings import Settings
from undertow.gateway.surroundings import NOT_THE_INTERNET, Surroundings, collapsed

_NEW_SYN = "tcp flags & (syn | rst) == syn"
_REFUSE = "counter reject with icmp type admin-prohibited"


def table_of(interface: str) -> str:
    return f"undertow_gateway_{interface}"


@dataclass(frozen=True)
class Ports:
    """By which boxes come in."""

    udp: tuple[int, ...]
    tcp: tuple[int, ...] = ()


def rules(
    settings: Settings,
    around: Surroundings,
    opened: Sequence[str],
    redirected: Sequence[int] = (),
) -> str:
    """The whole table. opened: interfaces that forward because of us, and for us alone.

    redirected: UDP ports of this machine that lead to the tunnel's one.
    """
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
        *_redirection(settings, redirected),
        "}",
    ]
    return "\n".join([*lines, ""])


def _redirection(settings: Settings, ports: Sequence[int]) -> list[str]:
    """For a tunnel that listens at one port only. Answers leave by the port that was addressed."""
    if not ports:
        return []
    listed = ", ".join(str(port) for port in ports)
    return [
        *_chain("redirection", "type nat hook prerouting priority dstnat; policy accept;"),
        f'    iifname != "{settings.interface}" fib daddr type local udp dport {{ {listed} }} '
        f"redirect to :{settings.port}",
        "  }",
    ]


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
    lines.append(f"    ip daddr {settings.address()} udp dport {INSIDE_PORT} accept")
    if settings.allow_lan:
        return [*lines, "    accept", "  }"]
    if settings.address() in settings.servers():
        lines += [f"    ip daddr {settings.address()} {k} dport 53 accept" for k in ("udp", "tcp")]
    return [*lines, f"    {_REFUSE}", "  }"]


def load(
    settings: Settings,
    around: Surroundings,
    opened: Sequence[str],
    redirected: Sequence[int] = (),
) -> None:
    """Put the table in place of the one that is there; packets meet the one or the other."""
    table = table_of(settings.interface)
    anew = f"add table ip {table}\ndelete table ip {table}\n"
    system.run("nft", "-f", "-", text=(anew + rules(settings, around, opened, redirected)).encode())


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


def hint(obstacle: Obstacle, settings: Settings, ports: Ports) -> str:
    """What the owner could do about a chain of somebody else."""
    chain = f"{obstacle.table} {obstacle.chain}"
    if obstacle.hook == "forward":
        rule = f'nft insert rule {chain} iifname "{settings.interface}" accept'
        return f"another firewall ({chain}) may keep boxes from the internet. If so: {rule}"
    kinds = [(kind, found) for kind, found in (("udp", ports.udp), ("tcp", ports.tcp)) if found]
    named = " and ".join(f"{kind.upper()} port {_listed(found)}" for kind, found in kinds)
    wanted = "; ".join(f"{kind} dport {_as_set(found)} accept" for kind, found in kinds)
    mend = " and ".join(f"nft insert rule {chain} {rule}" for rule in wanted.split("; "))
    return f"another firewall ({chain}) may keep boxes away from {named}. If so: {mend}"


def _listed(ports: Sequence[int]) -> str:
    return ", ".join(str(port) for port in ports)


def _as_set(ports: Sequence[int]) -> str:
    return f"{{ {_listed(ports)} }}" if len(ports) > 1 else str(ports[0])


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

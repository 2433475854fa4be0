"""The networks of the machine that the gateway runs on, as far as IPv4 goes."""

import socket
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network

from undertow.errors import UndertowError
from undertow.gateway import system
from undertow.gateway.settings import Settings

# What is nowhere in the internet (RFC 6890); documentation's networks stand for the internet.
NOT_THE_INTERNET = tuple(
    IPv4Network(text)
    for text in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "224.0.0.0/3",
    )
)

# rtnetlink(7): what to be told of.
_RTMGRP_LINK, _RTMGRP_IPV4_IFADDR, _RTMGRP_IPV4_ROUTE = 0x1, 0x10, 0x40
_NETLINK_ROUTE = 0


@dataclass(frozen=True)
class Surroundings:
    """networks: those that this machine is itself in. outward: interfaces that lead outside.

    inward: all others. Ours is in neither.
    """

    networks: tuple[IPv4Network, ...]
    outward: tuple[str, ...]
    inward: tuple[str, ...]


def look(settings: Settings) -> Surroundings:
    networks, outward, inward = set(), set(), set()
    for route in system.ip_json("-4", "route", "show", "table", "main"):
        interface = str(route.get("dev", ""))
        if interface in ("", "lo", settings.interface):
            continue
        if route.get("dst") == "default":
            outward.add(interface)
        elif "gateway" not in route:
            inward.add(interface)
            networks.add(IPv4Network(str(route["dst"]), strict=False))
    if settings.outward:
        outward = {settings.outward}
    return Surroundings(
        tuple(sorted(networks)), tuple(sorted(outward)), tuple(sorted(inward - outward))
    )


def needed(settings: Settings, around: Surroundings) -> list[str]:
    """The interfaces by which answers to boxes come back."""
    found = set(around.outward)
    if settings.allow_lan:
        found.update(around.inward)
    for server in settings.servers():
        if not is_public(server) and server != settings.address():
            found.update(_way_to(server))
    return sorted(found - {"lo", settings.interface})


def _way_to(address: IPv4Address) -> set[str]:
    try:
        return {str(r["dev"]) for r in system.ip_json("route", "get", str(address)) if "dev" in r}
    except UndertowError:
        return set()


def own_address() -> IPv4Address | None:
    """The address from which this machine speaks to the internet; None: it has no way there."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asker:
        try:
            # Nothing is sent: this only asks the routes.
            asker.connect(("192.0.0.8", 9))
        except OSError:
            return None
        return IPv4Address(asker.getsockname()[0])


def is_public(address: IPv4Address) -> bool:
    return not any(address in network for network in NOT_THE_INTERNET)


def collapsed(networks: Sequence[IPv4Network]) -> list[IPv4Network]:
    """Sorted, and each address in one of them only."""
    kept: list[IPv4Network] = []
    for network in sorted(networks, key=lambda each: (each.prefixlen, each)):
        if not any(network.subnet_of(other) for other in kept):
            kept.append(network)
    return sorted(kept)


def open_watch() -> socket.socket:
    """A socket that is readable when addresses, routes or interfaces have changed."""
    watch = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, _NETLINK_ROUTE)
    watch.bind((0, _RTMGRP_LINK | _RTMGRP_IPV4_IFADDR | _RTMGRP_IPV4_ROUTE))
    watch.setblocking(False)
    return watch

"""What a gateway says when it runs: where it is, by which ways boxes come, and what is in them."""

from collections.abc import Mapping, Sequence

from undertow.gateway import firewall
from undertow.gateway.backend import KERNEL, Backend
from undertow.gateway.log import Log
from undertow.gateway.settings import Settings


def tell_running(log: Log, settings: Settings, backend: Backend, count: int) -> None:
    """count: how many boxes are let in."""
    log(
        "info",
        "running",
        f"{settings.interface} is up, UDP port {settings.port}, pool {settings.pool}, "
        f"{count} box{'' if count == 1 else 'es'}",
        interface=settings.interface,
        port=settings.port,
        pool=settings.pool,
        backend=backend.name,
        boxes=count,
    )


def tell_policy(log: Log, settings: Settings, ports: firewall.Ports) -> None:
    """What boxes reach. ports: by which they come, should another firewall be in the way."""
    also = " and this machine's networks" if settings.allow_lan else ""
    also += " and each other" if settings.allow_peers else ""
    log("info", "policy", f"boxes reach the internet{also or ', and nothing else'}")
    for obstacle in firewall.obstacles(settings.interface):
        log("warning", "firewall", firewall.hint(obstacle, settings, ports))


def tell_ways(
    log: Log,
    backend: Backend,
    more: Sequence[int],
    web: Mapping[int, bool],
    refused_tcp: Mapping[int, str],
) -> None:
    """By which ports boxes can come besides the first, and which cannot be had.

    more: the further UDP ports that are wanted. web: TCP ports that are open, and whether with TLS.
    """
    refused_udp = backend.refused()
    udp = [port for port in more if port not in refused_udp]
    tcp = [f"{port}{' (TLS)' if secure else ''}" for port, secure in web.items()]
    kinds = (("UDP", udp), ("TCP", tcp))
    ways = " and ".join(f"{kind} {', '.join(map(str, found))}" for kind, found in kinds if found)
    if ways:
        log("info", "ways", f"boxes can come by {ways}, too", udp=udp, tcp=list(web))
    for kind, refused in (("UDP", refused_udp), ("TCP", refused_tcp)):
        for port, why in refused.items():
            who = f"ss -ln{kind[0].lower()}p sport = {port}"
            text = f"{kind} port {port} cannot be had: {why}. Boxes come by the others. {who}"
            log("warning", "port", text, kind=kind, port=port)
    if backend.name == KERNEL:
        text = "the kernel's WireGuard knows UDP in its own shape only: no web site, no streams"
        log("warning", "kernel", text)

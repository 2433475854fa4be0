"""Endpoints by name: looked up before the tunnel stands, and later by box.names."""

import os
import socket
import time

import _system
from box.names import Names

from linux.errors import ProgramError, words
from linux.resolver import Resolver
from wg import endpoint
from wg.allowedips import parse_address
from wg.compat import TYPE_CHECKING
from wg.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable

    from linux.box import Box
    from wg.settings import HostPort, PeerSettings


# Seconds before each try at the start; after that the tunnel is set up and names are looked up on.
START_WAITS = (0, 1, 2)
# How long the system's resolver waits for a name server, unless the user has set it.
RES_OPTIONS = "timeout:2 attempts:1"


def literal(host_port: "HostPort") -> "bytes | None":
    """The endpoint of an address; None: it is a name. ProgramError: there is no such zone."""
    host, _, zone = host_port.host.partition("%")
    try:
        address = parse_address(host)
    except ConfigError:
        return None
    scope = 0
    if zone:
        scope = _system.interface_index(zone)
        if not scope:
            raise ProgramError(
                "endpoint " + repr(host_port),
                "there is no interface '%s'" % zone,
                "Name the one that leads to the peer.",
            )
    return endpoint.pack(address, host_port.port, scope)


def look_up(host_port: "HostPort") -> bytes:
    """The endpoint of a name by the system's own resolver, which takes a while. OSError: none."""
    found = socket.getaddrinfo(host_port.host, host_port.port)
    parts = socket.sockaddr(found[0][-1])
    scope = parts[4] if len(parts) > 4 else 0
    return endpoint.pack(parts[1], parts[2], scope)


def look_up_all(
    peers: "list[PeerSettings]", log: "Callable[[str, str], object]"
) -> "dict[bytes, bytes]":
    """The endpoints by public key; names that are not found after a few tries are left out."""
    found = {}
    if os.getenv("RES_OPTIONS") is None:
        os.putenv("RES_OPTIONS", RES_OPTIONS)
    for wait_s in START_WAITS:
        time.sleep(wait_s)
        missing = False
        for peer in peers:
            if peer.endpoint is None or peer.public_key in found:
                continue
            known = literal(peer.endpoint)
            try:
                found[peer.public_key] = known or look_up(peer.endpoint)
            except OSError as error:
                missing = True
                log("warning", "cannot find %s: %s" % (peer.endpoint.host, _reason(error)))
        if not missing:
            break
    return found


def _reason(error: OSError) -> str:
    # getaddrinfo() has errors of its own, which come as text.
    if isinstance(error.errno, int) and error.errno > 0:
        return words(error)
    return "no such name, or no name server answers"


def keep_up(box: "Box", peers: "list[PeerSettings]") -> Names:
    """What looks the names of peers up again, with the name servers of now, once it is started."""
    named = []
    for settings in peers:
        if settings.endpoint is not None and literal(settings.endpoint) is None:
            named.append((settings.public_key, settings.endpoint))
    return Names(box.device, box.control, Resolver(box.control, box.sockets).ask, named)

"""Endpoints by name: looked up before the tunnel stands, and again when a peer stays silent."""

import os
import socket
import time

import _datapath
import _system

from linux.errors import ProgramError, words
from linux.resolver import Resolver
from wg import endpoint, timers
from wg.allowedips import format_address, parse_address
from wg.compat import TYPE_CHECKING
from wg.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable

    from box.box import Box

    from wg.peer import Peer
    from wg.settings import HostPort, PeerSettings


# Seconds before each try at the start; after that the tunnel is set up and names are looked up on.
START_WAITS = (0, 1, 2)
# How long the system's resolver waits for a name server, unless the user has set it.
RES_OPTIONS = "timeout:2 attempts:1"
LOOK_EVERY_MS = 5000
ASK_AGAIN_MS = 30000
# A peer that has not answered so many handshakes may have moved (6 s each).
SILENT_TRIES = 3


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


class Names:
    """Keeps the endpoints of peers with names up to date, without stopping packets for it."""

    def __init__(self, box: "Box", peers: "list[PeerSettings]") -> None:
        """peers: wg.settings.PeerSettings."""
        self.box = box
        self.named = []
        for settings in peers:
            if settings.endpoint is not None and literal(settings.endpoint) is None:
                self.named.append((settings.public_key, settings.endpoint))
        self.resolver = Resolver(box.control, box.sockets)
        self.asked_ms: "dict[bytes, int]" = {}
        self.asking: "set[bytes]" = set()  # a search can take longer than the pause after it

    def start(self) -> None:
        if self.named:
            self.box.control.after(0, self._look)

    def _look(self) -> None:
        now_ms = _datapath.now_ms()
        for public_key, host_port in self.named:
            peer = self.box.device.peers.get(public_key)
            if peer is None or public_key in self.asking or not self._is_lost(peer):
                continue
            asked_ms = self.asked_ms.get(public_key)
            pause_ms = ASK_AGAIN_MS if peer.endpoint() else LOOK_EVERY_MS
            if asked_ms is None or now_ms - asked_ms >= pause_ms:
                self.asked_ms[public_key] = now_ms
                self._ask(peer, host_port)
        self.box.control.after(LOOK_EVERY_MS, self._look)

    def _ask(self, peer: "Peer", host_port: "HostPort") -> None:
        self.asking.add(peer.public_key)
        self.resolver.ask(host_port.host, lambda address: self._found(peer, host_port, address))

    def _is_lost(self, peer: "Peer") -> bool:
        if not peer.endpoint() or peer.given_up_bytes >= 0:
            return True
        trying = self.box.device.timers.is_armed(peer, timers.RETRY)
        return trying and peer.tries >= SILENT_TRIES

    def _found(self, peer: "Peer", host_port: "HostPort", address: "bytes | None") -> None:
        self.asking.discard(peer.public_key)
        if peer.number < 0 or address is None:
            return
        before = peer.endpoint()
        if before and endpoint.host(before) == address:
            return
        peer.set_endpoint(endpoint.pack(address, host_port.port))
        self.box.log(
            "info", "peer %s: %s is at %s" % (peer.name, host_port.host, format_address(address))
        )
        if peer.keepalive_s or self.box.tunnel.waiting(peer.number):
            peer.initiate(_datapath.now_ms())

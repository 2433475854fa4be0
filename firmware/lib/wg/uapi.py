"""WireGuard's configuration protocol (wireguard.com/xplatform): sessions, and what they ask for.

No I/O: a session takes bytes and gives bytes. A request is checked whole before anything changes.
"""

from _wg import PrivateKey

from wg import endpoint, uapi_request
from wg.allowedips import format_prefix
from wg.compat import TYPE_CHECKING
from wg.keytext import HEX_LEN, assemble, wipe, write_hex
from wg.uapi_request import EINVAL, RequestError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Protocol

    from wg.carrier_settings import ShapeSettings
    from wg.device import Device
    from wg.keytext import Piece
    from wg.peer import Peer
    from wg.uapi_request import Change, PeerChange

    class Host(Protocol):
        """What is outside the tunnel itself; both setters raise OSError and then change nothing."""

        listen_port: int
        fwmark: int
        # wide: WideHost: itself, if it is one.

        def set_listen_port(self, port: int) -> None: ...
        def set_fwmark(self, mark: int) -> None: ...

    class WideHost(Host, Protocol):
        """One that has more ports, a shape and streams; lines are of what an answer says."""

        def set_also_listen_ports(self, ports: "list[int]") -> None: ...
        def set_shape(self, shape: "ShapeSettings") -> None:
            """ValueError: it cannot be, and nothing has changed. It is ours from now on."""

        def lines(self) -> str: ...
        def peer_lines(self, number: int, outer: bytes) -> str: ...


# Only builds for hosts give keys out; a box does not.
SHOWS_KEYS = hasattr(PrivateKey, "export")

ENOMEM = 12
E2BIG = 7

BUFFER_LEN = 4096
REQUEST_LEN_MAX = 1 << 22

# An answer is put together from so many lines at a time.
PIECES_AT_ONCE = 64

ZERO_KEY = "0" * HEX_LEN


class Session:
    """One client: read into room(), say received(), and send what piece() gives."""

    def __init__(self, handle: "Callable[[memoryview], Iterable[bytearray]]") -> None:
        """handle: takes a request without its empty line, returns the answer in pieces.

        Pieces may be made one by one, but the request is gone when the first of them is.
        """
        self.handle = handle
        self.buffer = bytearray(BUFFER_LEN)
        self.length = 0
        self.searched = 0
        self.finished = False  # nothing more will be taken
        self._answer: "Iterator[bytearray] | None" = None

    def room(self) -> memoryview:
        """Where the next bytes go, at least one; empty when the session is finished."""
        if self.length == len(self.buffer):
            self._grow()
        if self.finished:
            return memoryview(self.buffer)[:0]
        return memoryview(self.buffer)[self.length :]

    def received(self, count: int) -> None:
        """Take count new bytes."""
        self.length += count
        if self.length >= REQUEST_LEN_MAX:
            self._end_with(E2BIG)

    def piece(self) -> "bytearray | None":
        """What is to be sent next, and wiped then; None: more must be read first.

        A call does a small part of the work, so that others get their turn between two.
        """
        while True:
            if self._answer is not None:
                try:
                    return next(self._answer)
                except StopIteration:
                    self._answer = None
            if not self._handle_next():
                return None

    def close(self) -> None:
        """Wipe what was read; an answer that was begun is given up."""
        self.finished = True
        wipe(self.buffer)
        self.length = 0
        self._answer = None

    def _end_with(self, errno: int) -> None:
        self.close()
        self._answer = iter(answer(errno))

    def _grow(self) -> None:
        try:
            larger = bytearray(2 * len(self.buffer))
        except MemoryError:
            self._end_with(ENOMEM)
            return
        larger[: self.length] = self.buffer
        wipe(self.buffer)
        self.buffer = larger

    def _handle_next(self) -> bool:
        """Carry out the first request; False: there is no whole one."""
        start = 0
        while start < self.length and self.buffer[start] == 0x0A:
            start += 1
        end = self._end_of_request(start)
        if end < 0:
            self._forget(start)
            self.searched = self.length
            return False
        self._answer = iter(self.handle(memoryview(self.buffer)[start:end]))
        self._forget(end + 2)
        self.searched = 0
        return True

    def _end_of_request(self, start: int) -> int:
        """Where the empty line after a request begins, or -1; looks at no byte twice."""
        buffer = self.buffer
        for i in range(max(start, self.searched), self.length):
            if buffer[i] == 0x0A and i > start and buffer[i - 1] == 0x0A:
                return i - 1
        return -1

    def _forget(self, count: int) -> None:
        """Move what comes after the first bytes to the front, and wipe where it was."""
        left = self.length - count
        if count:
            for i in range(left):
                self.buffer[i] = self.buffer[count + i]
            wipe(memoryview(self.buffer)[left : self.length])
        self.length = left


def answer(errno: int) -> "list[bytearray]":
    """An answer that only says how it went; 0: well."""
    return [bytearray(b"errno=%d\n\n" % -errno)]


class Configurator:
    """Carries requests out on a device and on what is around it."""

    def __init__(
        self,
        device: "Device",
        host: "Host",
        now_ms: "Callable[[], int]",
        peer_capacity: int,
        prefix_capacity: int,
    ) -> None:
        """peer_capacity, prefix_capacity: what the device's tunnel was made for."""
        self.device = device
        self.host = host
        self.now_ms = now_ms
        self.peer_capacity = peer_capacity
        self.prefix_capacity = prefix_capacity
        self.wide: "WideHost | None" = getattr(host, "wide", None)

    def handle(self, request: memoryview) -> "Iterable[bytearray]":
        """The answer to one request, in pieces. A refused one has changed nothing."""
        try:
            change = uapi_request.read(request)
            if change is None:
                return self.state()
            try:
                self.apply(change)
            finally:
                if change.shape is not None:
                    change.shape.wipe()
        except RequestError as error:
            return answer(error.errno)
        except OSError as error:
            return answer(error.errno or EINVAL)
        except MemoryError:
            return answer(ENOMEM)
        return answer(0)

    # --- get ---

    def state(self) -> "Iterator[bytearray]":
        """The answer to get=1, with secrets; who takes a piece wipes it.

        In pieces, because a small heap may have much room and none for all peers in one place, and
        packets should not wait until hundreds of peers are told.
        """
        pieces: "list[Piece]" = []
        private_key = self.device.private_key
        if private_key is not None and SHOWS_KEYS:
            pieces.extend(("private_key=", private_key, "\n"))
        if self.host.listen_port:
            pieces.append("listen_port=%d\n" % self.host.listen_port)
        if self.host.fwmark:
            pieces.append("fwmark=%d\n" % self.host.fwmark)
        if self.wide is not None:
            pieces.append(self.wide.lines())
        for peer in list(self.device.peers.values()):
            if peer.number < 0:
                continue  # removed since the last piece
            self._describe(peer, pieces)
            if len(pieces) >= PIECES_AT_ONCE:
                yield assemble(pieces, HEX_LEN, write_hex)
                pieces.clear()
        pieces.append("errno=0\n\n")
        yield assemble(pieces, HEX_LEN, write_hex)

    def _describe(self, peer: "Peer", pieces: "list[Piece]") -> None:
        """The lines of one peer."""
        key = bytearray(HEX_LEN)
        write_hex(key, 0, peer.public_key)
        pieces.append("public_key=%s\n" % bytes(key).decode())
        if peer.preshared_key is None:
            pieces.append("preshared_key=%s\n" % ZERO_KEY)
        elif SHOWS_KEYS:
            pieces.extend(("preshared_key=", peer.preshared_key, "\n"))
        pieces.append("protocol_version=1\n")
        outer = peer.endpoint()
        if outer and self.wide is not None:
            pieces.append(self.wide.peer_lines(peer.number, outer))
        elif outer and not endpoint.is_stream(outer):  # `wg` knows addresses alone
            pieces.append("endpoint=%s\n" % endpoint.format(outer))
        pieces.append(
            "last_handshake_time_sec=%d\nlast_handshake_time_nsec=%d\n" % peer.last_handshake
        )
        received, sent = peer.transfer()
        pieces.append("tx_bytes=%d\nrx_bytes=%d\n" % (sent, received))
        pieces.append("persistent_keepalive_interval=%d\n" % peer.keepalive_s)
        # The tunnel keeps no order; this one is the same each time.
        for _, address, prefix_len in sorted([(len(p[0]), p[0], p[1]) for p in peer.allowed()]):
            pieces.append("allowed_ip=%s\n" % format_prefix(address, prefix_len))

    # --- set ---

    def apply(self, change: "Change") -> None:
        """Carry out a change. RequestError, OSError: nothing has changed."""
        self._check_capacity(change)
        self._apply_host(change)
        now_ms = self.now_ms()
        device = self.device
        if change.sets_private_key:
            device.set_private_key(change.private_key)
        if change.replace_peers:
            for public_key in list(device.peers):
                device.remove_peer(public_key)
        for peer_change in change.peers:
            self._apply_peer(peer_change, now_ms)

    def _apply_host(self, change: "Change") -> None:
        port_before = self.host.listen_port
        if self.wide is None and (change.shape or change.also_listen_ports is not None):
            raise RequestError(EINVAL, "there is neither a shape nor a second port here")
        if change.listen_port is not None:
            self.host.set_listen_port(change.listen_port)
        if change.fwmark is not None:
            try:
                self.host.set_fwmark(change.fwmark)
            except OSError:
                if change.listen_port is not None:
                    self.host.set_listen_port(port_before)
                raise
        if self.wide is not None:
            self._apply_wide(self.wide, change, port_before)

    def _apply_wide(self, wide: "WideHost", change: "Change", port_before: int) -> None:
        if change.shape is not None:
            try:
                wide.set_shape(change.shape)
            except ValueError as error:
                if change.listen_port is not None:
                    wide.set_listen_port(port_before)
                raise RequestError(EINVAL, str(error))
        if change.also_listen_ports is not None:
            wide.set_also_listen_ports(change.also_listen_ports)

    def _apply_peer(self, change: "PeerChange", now_ms: int) -> None:
        device = self.device
        peer = device.peers.get(change.public_key)
        if change.remove:
            if peer is not None:
                device.remove_peer(change.public_key)
            return
        if peer is None:
            if change.update_only or change.public_key == device.public_key:
                return
            peer = device.add_peer(change.public_key)
        if change.sets_preshared_key:
            peer.set_preshared_key(change.preshared_key)
        if change.endpoint is not None:
            peer.set_endpoint(change.endpoint)
        if change.replace_allowed_ips:
            peer.replace_allowed_ips([])
        for adds, address, prefix_len in change.allowed_ips:
            if adds:
                peer.allow(address, prefix_len)
            else:
                peer.disallow(address, prefix_len)
        # Last, because it may send at once.
        if change.keepalive_s is not None:
            peer.set_keepalive(change.keepalive_s, now_ms)

    def _check_capacity(self, change: "Change") -> None:
        """Refuse what has no room, by going through it with names and prefixes only."""
        plan = Plan(self.peer_capacity, self.prefix_capacity)
        own = self.device.public_key
        if change.sets_private_key:
            own = None if change.private_key is None else change.private_key.public()
        if not change.replace_peers:
            for public_key, peer in self.device.peers.items():
                if public_key != own:
                    plan.add(public_key, peer.allowed())
        for peer_change in change.peers:
            if peer_change.public_key != own:
                plan.follow(peer_change)


class Plan:
    """Which peers and allowed IPs there will be; add() and follow() refuse what has no room."""

    def __init__(self, peer_capacity: int, prefix_capacity: int) -> None:
        self.peer_capacity = peer_capacity
        self.prefix_capacity = prefix_capacity
        self.peers: "dict[bytes, set[tuple[bytes, int]]]" = {}
        self.owners: "dict[tuple[bytes, int], bytes]" = {}

    def add(self, public_key: bytes, prefixes: "list[tuple[bytes, int]]") -> None:
        self.peers[public_key] = set()
        if len(self.peers) > self.peer_capacity:
            raise RequestError(ENOMEM, "more than %d peers" % self.peer_capacity)
        for prefix in prefixes:
            self.give(prefix, public_key)

    def give(self, prefix: "tuple[bytes, int]", public_key: bytes) -> None:
        owner = self.owners.get(prefix)
        if owner is not None:
            self.peers[owner].discard(prefix)
        self.owners[prefix] = public_key
        self.peers[public_key].add(prefix)
        if len(self.owners) > self.prefix_capacity:
            raise RequestError(ENOMEM, "more than %d allowed IPs" % self.prefix_capacity)

    def clear(self, public_key: bytes) -> None:
        for prefix in self.peers[public_key]:
            del self.owners[prefix]
        self.peers[public_key] = set()

    def follow(self, change: "PeerChange") -> None:
        key = change.public_key
        if change.remove:
            if key in self.peers:
                self.clear(key)
                del self.peers[key]
            return
        if key not in self.peers:
            if change.update_only:
                return
            self.add(key, [])
        if change.replace_allowed_ips:
            self.clear(key)
        for adds, address, prefix_len in change.allowed_ips:
            prefix = (address, prefix_len)
            if adds:
                self.give(prefix, key)
            elif self.owners.get(prefix) == key:
                del self.owners[prefix]
                self.peers[key].discard(prefix)

"""A packet path in Python for networks in memory; elsewhere C does this for each packet."""

from _wg import (
    ERR_COOKIE,
    ERR_EXPIRED,
    ERR_INDEX,
    ERR_NO_KEY,
    ERR_SHORT,
    ERR_TYPE,
    OK,
    OVERHEAD,
)

from wg import endpoint as endpoints
from wg.compat import TYPE_CHECKING
from wg.const import (
    COOKIE_REPLY_LEN,
    DECOY_MAX_LEN,
    KINDS_BY_LENGTH,
    MESSAGE_COOKIE,
    MESSAGE_TRANSPORT,
    PADDING,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from _wg import Gate, Shape, Tunnel

    from wg.device import Device

    Buffer = bytes | bytearray | memoryview


class MemoryPath:
    """The path of one device; attach() it before use.

    transmit: called with a datagram and the endpoint to send it to, which has no shape any more.
    deliver: called with an inner packet and the number of the peer that sent it.
    now_ms: gives the time for packets, which come without one.
    longest: bytes that an inner packet may have.
    """

    def __init__(
        self,
        tunnel: "Tunnel",
        gate: "Gate",
        transmit: "Callable[[bytes, bytes], object]",
        deliver: "Callable[[bytes, int], object]",
        now_ms: "Callable[[], int]",
        longest: int = 2048,
    ) -> None:
        self._tunnel = tunnel
        self._gate = gate
        self._transmit = transmit
        self._deliver = deliver
        self._now_ms = now_ms
        self._longest = longest
        self._device: "Device | None" = None
        self._shape: "Shape | None" = None

    def attach(self, device: "Device") -> None:
        """The device that takes the handshake messages."""
        self._device = device

    def set_shape(self, shape: "Shape | None") -> None:
        """How datagrams look to and from endpoints that have a shape; plain ones are taken, too."""
        self._shape = shape

    # --- from outside and inside ---

    def receive(self, datagram: "Buffer", source: bytes) -> None:
        """Take a datagram that arrived from this endpoint, which is given without a shape."""
        buffer = memoryview(bytearray(datagram))
        if self._shape is None:
            kind, offset, shape = _classify(buffer), 0, 0
        else:
            kind, offset, shape = self._shape.open(buffer)
        if kind < 0:
            self._tunnel.count_drop(-kind)
            return
        message = buffer[offset:]
        if shape:
            source = endpoints.with_shape(source, shape)
        if kind == MESSAGE_TRANSPORT:
            peer, offset, length = self._tunnel.open(message, source, self._now_ms())
            if peer >= 0 and length:
                self._deliver(bytes(message[offset : offset + length]), peer)
        else:
            self._receive_handshake(kind, message, source)

    def _receive_handshake(self, kind: int, message: memoryview, source: bytes) -> None:
        reply = bytearray(COOKIE_REPLY_LEN)
        now_ms = self._now_ms()
        status = ERR_INDEX
        if self._tunnel.expects(kind, message):
            status = self._gate.check(kind, message, source, now_ms, reply)
        if status == OK:
            if self._device is not None:
                self._device.receive_handshake(message, source, now_ms)
            return
        self._tunnel.count_drop(status)
        if status == ERR_COOKIE:
            self._send(MESSAGE_COOKIE, reply, source)

    def send_packet(self, packet: "Buffer") -> int:
        """Send an inner packet, or keep it until there are keys; a status."""
        peer = self._tunnel.route(packet)
        if peer < 0:
            return -peer
        status = self._seal(peer, packet)
        if status in (ERR_NO_KEY, ERR_EXPIRED):
            return self._tunnel.queue(peer, packet)
        return status

    # --- for the device ---

    def send(self, message: "Buffer", endpoint: bytes) -> int:
        """Send a handshake message, in the endpoint's shape; 0."""
        self._send(KINDS_BY_LENGTH[len(message)], message, endpoint)
        return 0

    def send_to_peer(self, peer: int, message: "Buffer") -> int:
        """Send a handshake message to the peer's endpoint; 0."""
        return self.send(message, self._tunnel.endpoint(peer))

    def send_decoy(self, datagram: "Buffer", endpoint: bytes) -> int:
        """Send bytes as they are, 1 to 1280 of them, to a UDP endpoint; 0."""
        if not 0 < len(datagram) <= DECOY_MAX_LEN or endpoints.is_stream(endpoint):
            raise ValueError("a decoy is 1 to 1280 bytes for a UDP endpoint")
        self._transmit(bytes(datagram), endpoints.with_shape(endpoint, 0))
        return 0

    def keepalive(self, peer: int) -> int:
        """Send an empty transport message; a status."""
        return self._seal(peer, b"")

    def flush(self, peer: int) -> int:
        """Send the packets that waited for keys; how many."""
        count = 0
        out = bytearray(OVERHEAD + self._longest + PADDING)
        while self._tunnel.waiting(peer):
            length = self._tunnel.seal_queued(peer, out, self._now_ms())
            if length == 0:
                break
            self._send(MESSAGE_TRANSPORT, memoryview(out)[:length], self._tunnel.endpoint(peer))
            count += 1
        return count

    def _seal(self, peer: int, packet: "Buffer") -> int:
        out = bytearray(OVERHEAD + len(packet) + PADDING)
        length = self._tunnel.seal(peer, out, packet, self._now_ms())
        if length < 0:
            return -length
        self._send(MESSAGE_TRANSPORT, memoryview(out)[:length], self._tunnel.endpoint(peer))
        return OK

    def _send(self, kind: int, message: "Buffer", endpoint: bytes) -> None:
        """Give a message the shape of its endpoint, and transmit it."""
        if not endpoints.shape(endpoint):
            self._transmit(bytes(message), endpoint)
        elif self._shape is not None:  # else a path whose shape was taken away: nobody understands
            datagram = bytearray(self._shape.room(kind)) + message
            self._shape.wrap(kind, datagram)
            self._transmit(bytes(datagram), endpoints.with_shape(endpoint, 0))


def _classify(message: memoryview) -> int:
    """The kind of a plain message by its type and length, or a negative status."""
    if len(message) < 4:
        return -ERR_SHORT
    kind = int.from_bytes(message[:4], "little")
    if kind == MESSAGE_TRANSPORT:
        return kind if len(message) >= OVERHEAD else -ERR_SHORT
    if not 0 < kind < MESSAGE_TRANSPORT:
        return -ERR_TYPE
    return kind if KINDS_BY_LENGTH.get(len(message)) == kind else -ERR_SHORT

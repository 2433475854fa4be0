"""A packet path in Python for networks in memory; elsewhere C does this for each packet."""

from _wg import ERR_COOKIE, ERR_EXPIRED, ERR_INDEX, ERR_NO_KEY, OK, OVERHEAD

from wg.compat import TYPE_CHECKING
from wg.const import COOKIE_REPLY_LEN, MESSAGE_TRANSPORT, PADDING

if TYPE_CHECKING:
    from collections.abc import Callable

    from _wg import Gate, Tunnel

    from wg.device import Device

    Buffer = bytes | bytearray | memoryview


class MemoryPath:
    """The path of one device; attach() it before use.

    transmit: called with a datagram and the endpoint to send it to.
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

    def attach(self, device: "Device") -> None:
        """The device that takes the handshake messages."""
        self._device = device

    # --- from outside and inside ---

    def receive(self, datagram: "Buffer", source: bytes) -> None:
        """Take a UDP payload that arrived from this endpoint."""
        if len(datagram) and datagram[0] == MESSAGE_TRANSPORT:
            buffer = bytearray(datagram)
            peer, offset, length = self._tunnel.open(buffer, source, self._now_ms())
            if peer >= 0 and length:
                self._deliver(bytes(buffer[offset : offset + length]), peer)
            return
        reply = bytearray(COOKIE_REPLY_LEN)
        now_ms = self._now_ms()
        status = ERR_INDEX
        if self._tunnel.expects(datagram):
            status = self._gate.check(datagram, source, now_ms, reply)
        if status == OK:
            if self._device is not None:
                self._device.receive_handshake(datagram, source, now_ms)
            return
        self._tunnel.count_drop(status)
        if status == ERR_COOKIE:
            self._transmit(bytes(reply), source)

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

    def send(self, datagram: "Buffer", endpoint: bytes) -> int:
        """Send a datagram; 0."""
        self._transmit(bytes(datagram), endpoint)
        return 0

    def send_to_peer(self, peer: int, datagram: "Buffer") -> int:
        """Send a datagram to the peer's endpoint; 0."""
        self._transmit(bytes(datagram), self._tunnel.endpoint(peer))
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
            self._transmit(bytes(out[:length]), self._tunnel.endpoint(peer))
            count += 1
        return count

    def _seal(self, peer: int, packet: "Buffer") -> int:
        out = bytearray(OVERHEAD + len(packet) + PADDING)
        length = self._tunnel.seal(peer, out, packet, self._now_ms())
        if length < 0:
            return -length
        self._transmit(bytes(out[:length]), self._tunnel.endpoint(peer))
        return OK

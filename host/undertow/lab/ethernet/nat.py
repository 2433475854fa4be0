"""The way out of an emulated network: UDP and TCP through NAT to sockets of this machine."""

import socket
from collections.abc import Callable

from undertow.lab.ethernet.loop import Loop
from undertow.lab.ethernet.splice import TcpNat
from undertow.lab.packets import ipv4, tcp, udp

End = tuple[str, int]

_MAX_DATAGRAM = 65_600
_AT_ONCE = 32


class Nat:
    """Every address and port inside gets a socket on loopback of its own.

    The world outside is what reach() and reach_tcp() were told; the rest is dropped and counted.
    """

    def __init__(self, loop: Loop, send_inside: Callable[[ipv4.Packet], None]) -> None:
        self._loop = loop
        self._send_inside = send_inside
        self._outside: dict[End, End] = {}
        self._outside_tcp: dict[End, End] = {}
        self._sockets: dict[End, socket.socket] = {}
        # By which of its addresses an end inside spoke last with what is really there.
        self._spoken: dict[tuple[End, End], End] = {}
        self._tcp = TcpNat(loop, send_inside, self._outside_tcp.get)
        self._dropped = 0

    @property
    def dropped(self) -> int:
        """Packets that go where nobody is."""
        return self._dropped + self._tcp.dropped

    def reach(self, address: str, port: int, real_port: int) -> None:
        """Let UDP to address:port outside be real_port of 127.0.0.1 on this machine."""
        self._loop.call(lambda: self._outside.update({(address, port): ("127.0.0.1", real_port)}))

    def reach_tcp(self, address: str, port: int, real_port: int) -> None:
        """The same for TCP."""
        real = "127.0.0.1", real_port
        self._loop.call(lambda: self._outside_tcp.update({(address, port): real}))

    def find_tcp(self, address: str, port: int) -> End | None:
        """Where address:port outside really is: for a proxy, which is outside, too."""
        return self._loop.call(lambda: self._outside_tcp.get((address, port)))

    def rebind(self) -> None:
        """Forget all mappings, as a router does that restarts; flows get new ports outside."""

        def forget() -> None:
            for made in self._sockets.values():
                self._loop.forget(made)
                made.close()
            self._sockets.clear()
            self._spoken.clear()
            self._tcp.forget()

        self._loop.call(forget)

    def take(self, packet: ipv4.Packet) -> None:
        """A packet from inside. In the loop's thread."""
        if segment := tcp.parse(packet):
            self._tcp.take(packet, segment)
            return
        datagram = udp.parse(packet)
        outside = packet.destination, datagram.destination_port if datagram else 0
        real = self._outside.get(outside)
        if not datagram or not real:
            self._dropped += 1
            return
        inside = packet.source, datagram.source_port
        self._spoken[inside, real] = outside
        try:
            self._socket(inside).sendto(datagram.payload, real)
        except OSError:  # nobody is there just now
            self._dropped += 1

    def _socket(self, inside: End) -> socket.socket:
        if inside not in self._sockets:
            made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            made.bind(("127.0.0.1", 0))
            made.setblocking(False)
            self._sockets[inside] = made
            self._loop.watch(made, lambda: self._take_answers(made, inside))
        return self._sockets[inside]

    def _take_answers(self, mapped: socket.socket, inside: End) -> None:
        for _ in range(_AT_ONCE):
            try:
                payload, sender = mapped.recvfrom(_MAX_DATAGRAM)
            except BlockingIOError:
                return
            except OSError:  # the answer is that nobody is there
                continue
            outside = self._spoken.get((inside, sender))
            if outside is None:
                self._dropped += 1
                continue
            datagram = udp.Datagram(outside[1], inside[1], payload)
            self._send_inside(udp.build(outside[0], inside[0], datagram))

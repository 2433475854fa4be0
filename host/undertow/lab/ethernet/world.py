"""The Internet behind a gateway, answering in Python: every address is a host with the same doors.

Ping, UDP echo (7), TCP echo (7), a page (TCP 80), DNS (UDP 53), and as many bytes as one asks for
(TCP 81: the line "N" gets N of them).
"""

from collections.abc import Callable

from undertow.lab.ethernet.acceptor import Acceptor, is_first
from undertow.lab.ethernet.connection import Connection
from undertow.lab.ethernet.loop import Loop
from undertow.lab.packets import dns, icmp, ipv4, tcp, udp

ECHO = 7
WEB = 80
BULK = 81
PAGE = b"HTTP/1.0 200 OK\r\nContent-Length: 6\r\n\r\nhello\n"
_SERVED = (ECHO, WEB, BULK)


class World:
    """Packets in by take(), packets out by send. In the loop's thread."""

    def __init__(self, loop: Loop, send: Callable[[ipv4.Packet], None]) -> None:
        self.names: dict[str, tuple[str, ...]] = {}
        self.asked: list[str] = []
        self.seen: list[ipv4.Packet] = []
        self._acceptor = Acceptor(loop, send)
        self._send = send

    def close(self) -> None:
        """Reset what is open."""
        self._acceptor.close()

    def take(self, packet: ipv4.Packet) -> None:
        """A packet from the tunnel."""
        self.seen.append(packet)
        if message := icmp.parse(packet):
            if message.kind == icmp.ECHO_REQUEST:
                answer = message._replace(kind=icmp.ECHO_REPLY)
                self._send(icmp.build(packet.destination, packet.source, answer))
        elif datagram := udp.parse(packet):
            self._take_datagram(packet, datagram)
        elif segment := tcp.parse(packet):
            self._take_segment(packet, segment)

    def _take_datagram(self, packet: ipv4.Packet, datagram: udp.Datagram) -> None:
        answer = None
        if datagram.destination_port == ECHO:
            answer = datagram.payload
        elif datagram.destination_port == dns.PORT:
            answer = self._resolve(datagram.payload)
        if answer is not None:
            back = udp.Datagram(datagram.destination_port, datagram.source_port, answer)
            self._send(udp.build(packet.destination, packet.source, back))

    def _resolve(self, payload: bytes) -> bytes | None:
        query = dns.parse(payload)
        if not query or query.is_response:
            return None
        self.asked.append(query.name)
        addresses = self.names.get(query.name, ()) if query.kind == dns.A else ()
        code = 0 if query.name in self.names else dns.NXDOMAIN
        return dns.build(query._replace(is_response=True, addresses=addresses, code=code))

    def _take_segment(self, packet: ipv4.Packet, segment: tcp.Segment) -> None:
        connection = self._acceptor.find(packet, segment)
        if connection is not None:
            connection.take(segment)
        elif is_first(segment) and segment.destination_port in _SERVED:
            self._acceptor.accept(packet, segment, self._serve)
        elif is_first(segment):
            self._acceptor.refuse(packet, segment)

    def _serve(self, connection: Connection) -> None:
        port = connection.ports[0]
        if port == ECHO:
            connection.send(bytes(connection.received))
            connection.received.clear()
            if connection.ended:
                connection.close()
        elif port == WEB and b"\r\n\r\n" in connection.received:
            connection.received.clear()
            connection.send(PAGE)
            connection.close()
        elif port == BULK and b"\n" in connection.received:
            line, _, _ = bytes(connection.received).partition(b"\n")
            connection.received.clear()
            connection.send(bytes(int(line)))
            connection.close()

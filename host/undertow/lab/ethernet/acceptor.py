"""Who answers TCP: connections by their ends, made by a first segment, let go when they ended."""

from collections.abc import Callable
from typing import NamedTuple

from undertow.lab.ethernet.connection import Connection
from undertow.lab.ethernet.loop import Loop
from undertow.lab.packets import ipv4, tcp

_MODULO = 1 << 32
_KEPT_S = 5.0  # for a last word that is repeated


class Key(NamedTuple):
    """The ends of a connection, as the first segment names them."""

    source: str
    source_port: int
    destination: str
    destination_port: int


Serve = Callable[[Connection], None]


class Acceptor:
    """Segments in by take(), packets out by send. In the loop's thread."""

    def __init__(
        self, loop: Loop, send: Callable[[ipv4.Packet], None], holds: bool = False
    ) -> None:
        """holds: as Connection has it."""
        self.connections: dict[Key, Connection] = {}
        self._loop = loop
        self._send = send
        self._holds = holds

    def find(self, packet: ipv4.Packet, segment: tcp.Segment) -> Connection | None:
        """The connection that a segment belongs to."""
        return self.connections.get(key_of(packet, segment))

    def accept(self, packet: ipv4.Packet, segment: tcp.Segment, serve: Serve) -> Connection:
        """Answer the first segment of a connection that serve() gets the data of."""
        key = key_of(packet, segment)

        def told(connection: Connection) -> None:
            if is_over(connection):
                self._loop.after(_KEPT_S, lambda: self._let_go(key, connection))
            serve(connection)

        ports = key.destination_port, key.source_port
        connection = Connection(
            self._loop,
            ports,
            lambda out: self._send(tcp.build(key.destination, key.source, out)),
            told,
            holds=self._holds,
        )
        self.connections[key] = connection
        connection.accept(segment)
        return connection

    def refuse(self, packet: ipv4.Packet, segment: tcp.Segment) -> None:
        """Say that nobody is there, or knows of this connection (RFC 9293, 3.10.7.1)."""
        ports = segment.destination_port, segment.source_port
        if segment.flags & tcp.ACK:
            answer = tcp.Segment(*ports, segment.acknowledgement, 0, tcp.RST, 0)
        else:
            after = (segment.sequence + 1) % _MODULO
            answer = tcp.Segment(*ports, 0, after, tcp.RST | tcp.ACK, 0)
        self._send(tcp.build(packet.destination, packet.source, answer))

    def close(self) -> None:
        """Reset what is open."""
        for connection in self.connections.values():
            if not connection.reset:
                connection.abort()
        self.connections.clear()

    def _let_go(self, key: Key, connection: Connection) -> None:
        if self.connections.get(key) is connection:
            del self.connections[key]


def is_over(connection: Connection) -> bool:
    """Whether both ends have said everything, or one of them broke off."""
    return connection.reset or (connection.ended and connection.closed)


def is_first(segment: tcp.Segment) -> bool:
    """Whether somebody wants a connection."""
    return bool(segment.flags & tcp.SYN) and not segment.flags & tcp.ACK


def key_of(packet: ipv4.Packet, segment: tcp.Segment) -> Key:
    """The connection that a segment of the side that opened it belongs to."""
    ports = segment.source_port, segment.destination_port
    return Key(packet.source, ports[0], packet.destination, ports[1])

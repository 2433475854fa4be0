"""The way out for TCP: a guest's connection ends here, and goes on as a socket of this machine."""

import errno
import socket
from collections.abc import Callable

from undertow.lab.ethernet.acceptor import Acceptor, Key, is_first, is_over, key_of
from undertow.lab.ethernet.connection import Connection
from undertow.lab.ethernet.loop import Loop
from undertow.lab.packets import ipv4, tcp

End = tuple[str, int]

_CHUNK = 16_384
# So much is read ahead of what the guest has taken.
_AHEAD = 65_536


class TcpNat:
    """Every connection of a guest gets a socket to what find() says is there.

    A guest hears "refused" where the real port refuses; what find() does not know is dropped and
    counted. Bytes wait where the other side is slow: windows stay shut, sockets unread.
    """

    def __init__(
        self,
        loop: Loop,
        send_inside: Callable[[ipv4.Packet], None],
        find: Callable[[End], End | None],
    ) -> None:
        self.dropped = 0
        self._loop = loop
        self._find = find
        self._acceptor = Acceptor(loop, send_inside, holds=True)
        self._splices: dict[Key, _Splice] = {}

    def take(self, packet: ipv4.Packet, segment: tcp.Segment) -> None:
        """A segment from inside. In the loop's thread."""
        connection = self._acceptor.find(packet, segment)
        if connection is not None and not (is_first(segment) and is_over(connection)):
            connection.take(segment)
            return
        key = key_of(packet, segment)
        if key in self._splices and not self._splices[key].is_over:
            return  # the real port has not answered yet
        real = self._find((packet.destination, segment.destination_port))
        if real is None:
            self.dropped += 1
        elif is_first(segment):
            self._splices[key] = _Splice(self._loop, real, self._acceptor, packet, segment)
        elif not segment.flags & tcp.RST:
            self._acceptor.refuse(packet, segment)  # as the far end does, which knows no such port

    def forget(self) -> None:
        """Lose all connections, as a router does that restarts: neither end is told by us."""
        for splice in self._splices.values():
            splice.drop()
        self._splices.clear()
        self._acceptor.connections.clear()

    def close(self) -> None:
        """Close the sockets."""
        self.forget()


class _Splice:
    """One connection and its socket."""

    def __init__(
        self,
        loop: Loop,
        real: End,
        acceptor: Acceptor,
        packet: ipv4.Packet,
        segment: tcp.Segment,
    ) -> None:
        self.is_over = False
        self._loop = loop
        self._acceptor = acceptor
        self._first = packet, segment
        self._guest: Connection | None = None
        self._to_world = bytearray()
        self._world_ended = False
        self._guest_ended = False
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self._socket.setblocking(False)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.connect_ex(real)
        self._watch()

    def drop(self) -> None:
        """Close the socket, and say nothing to the guest."""
        if not self.is_over:
            self.is_over = True
            self._loop.forget(self._socket)
            self._socket.close()

    def _watch(self) -> None:
        if self.is_over:
            return
        wants_out = self._guest is None or bool(self._to_world)
        waits = 0 if self._guest is None else self._guest.waiting
        wants_in = self._guest is not None and waits < _AHEAD and not self._world_ended
        if wants_in or wants_out:
            reader = self._read if wants_in else None
            self._loop.watch(self._socket, reader, self._write if wants_out else None)
        else:
            self._loop.forget(self._socket)

    def _write(self) -> None:
        if self.is_over:
            return
        if self._guest is None:
            self._connected()
            return
        try:
            sent = self._socket.send(self._to_world)
        except BlockingIOError:
            return
        except OSError:
            self._break()
            return
        del self._to_world[:sent]
        self._serve(self._guest)

    def _connected(self) -> None:
        if self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
            self.drop()
            self._acceptor.refuse(*self._first)
            return
        self._guest = self._acceptor.accept(*self._first, self._serve)
        self._watch()

    def _serve(self, guest: Connection) -> None:
        """Something came from the guest, or went to it."""
        if self.is_over:
            return
        if guest.reset:
            # A reset of ours tells theirs: no time for what was said before (RFC 9293, 3.10.7.4).
            linger = (1).to_bytes(4, "little") + bytes(4)
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            self.drop()
            return
        if len(self._to_world) < _CHUNK:
            self._to_world += guest.take_received()
        if guest.ended and not self._to_world and not guest.received and not self._guest_ended:
            self._guest_ended = True
            self._shut_down()
        if self._guest_ended and self._world_ended and not guest.waiting:
            self.drop()
        self._watch()

    def _shut_down(self) -> None:
        try:
            self._socket.shutdown(socket.SHUT_WR)
        except OSError as error:
            if error.errno != errno.ENOTCONN:
                raise

    def _read(self) -> None:
        guest = self._guest
        if self.is_over or guest is None:
            return
        try:
            data = self._socket.recv(_CHUNK)
        except BlockingIOError:
            return
        except OSError:
            self._break()
            return
        if data:
            guest.send(data)
        else:
            self._world_ended = True
            guest.close()
        self._serve(guest)

    def _break(self) -> None:
        """The real connection was reset: so is the guest's."""
        self.drop()
        if self._guest is not None and not self._guest.reset:
            self._guest.abort()

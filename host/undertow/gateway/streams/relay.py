"""Between a box's TLS connection and the data path: whole chunks, and no more than fits.

Either side is read only when the other has taken all of the last chunk. So whoever is slow slows
the other end down, and a stream holds one chunk at the most; what lies ready in the kernel is
bounded, too, so that packets are dropped where their age is known: in the data path's queue.
"""

import asyncio
import contextlib
import socket
import ssl
import time
from collections.abc import Callable
from typing import cast

from undertow.gateway.streams.channel import Secure

# So much at a turn, in so large pieces: what lies between OpenSSL and the sockets never shrinks
# again, and each stream has its own. The buffers are shared, as one thread serves all streams.
CHUNK, PIECE = 1 << 18, 1 << 15
KERNEL_LEN = 1 << 17
_TCP_NOTSENT_LOWAT = 25
_chunk = bytearray(CHUNK)
# What is opened of it, and of what was left of the turn before, is no longer than that.
_opened = bytearray(CHUNK)


def tune(connection: socket.socket) -> None:
    """Little in the kernel's queue, and nothing held back. OSError: the connection is gone."""
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    bound(connection)


def bound(connection: socket.socket) -> None:
    """Little in the kernel's queue: else it keeps megabytes for who takes nothing, and a slow one
    is not heard of until so much has gone."""
    with contextlib.suppress(OSError):  # not every kernel has it
        connection.setsockopt(socket.IPPROTO_TCP, _TCP_NOTSENT_LOWAT, KERNEL_LEN)


class Relay:
    def __init__(
        self, channel: Secure, inner: socket.socket, ended: "Callable[[Relay], None]"
    ) -> None:
        """inner: a stream socket whose other end the data path has. ended: called once.

        Both sockets are the relay's from now on. To be made in the loop's thread.
        """
        self.channel = channel
        self.inner = inner
        self.heard_s = time.monotonic()
        self._ended = ended
        self._loop = asyncio.get_running_loop()
        self._inward = memoryview(b"")  # opened, and not yet taken by the data path
        self._outward = memoryview(b"")  # sealed, and not yet taken by the network
        self._is_closing = False
        self._is_over = False
        inner.setblocking(False)
        self._loop.add_reader(channel.connection, self._guarded, self._from_network)
        self._loop.add_reader(inner, self._guarded, self._from_path)
        # What came with the end of the handshake lies opened already.
        self._loop.call_soon(self._guarded, self._open)

    def end(self) -> None:
        """Close both sides; a second time does no harm."""
        if self._is_over:
            return
        self._is_over = True
        outer = self.channel.connection
        for connection in (outer, self.inner):
            self._loop.remove_reader(connection)
            self._loop.remove_writer(connection)
            connection.close()
        self._ended(self)

    def _guarded(self, action: Callable[[], None]) -> None:
        if self._is_over:
            return
        try:
            action()
        except (BlockingIOError, InterruptedError):
            return
        except OSError:  # ssl.SSLError is one
            self.end()

    def _from_network(self) -> None:
        for _ in range(CHUNK // PIECE):
            count = self.channel.connection.recv_into(_chunk, PIECE)
            if not count:
                self.end()
                return
            self.heard_s = time.monotonic()
            with memoryview(_chunk) as view:
                self.channel.incoming.write(view[:count])
            self._open()
            if self._is_over or self._inward or count < PIECE:
                return

    def _open(self) -> None:
        """Hand the data path what can be opened, record by record into one chunk."""
        if self._inward:
            return  # it has not taken the last one yet
        filled = 0
        tls = self.channel.object
        with memoryview(_opened) as view:
            try:
                while filled < CHUNK:
                    # OpenSSL gives one record at a time.
                    count = cast(int, tls.read(CHUNK - filled, view[filled:]))
                    if not count:
                        self._is_closing = True
                        break
                    filled += count
            except ssl.SSLWantReadError:
                pass
            except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
                self._is_closing = True
            if filled:
                self._inward = memoryview(self._taken(view[:filled]))
        if self.channel.outgoing.pending and not self._outward:
            self._send()  # an answer of TLS itself
        if self._inward:
            self._loop.remove_reader(self.channel.connection)
            self._loop.add_writer(self.inner, self._guarded, self._to_path)
        elif self._is_closing:
            self.end()
        elif filled == CHUNK:
            self._loop.call_soon(self._guarded, self._open)

    def _taken(self, data: memoryview) -> bytes:
        """Give the data path what it takes; a copy of the rest."""
        try:
            sent = self.inner.send(data)
        except BlockingIOError:
            sent = 0
        return bytes(data[sent:])

    def _to_path(self) -> None:
        sent = self.inner.send(self._inward)
        self._inward = self._inward[sent:]
        if self._inward:
            return
        self._loop.remove_writer(self.inner)
        if self._is_closing:
            self.end()
            return
        self._loop.add_reader(self.channel.connection, self._guarded, self._from_network)
        self._open()  # what was left unopened

    def _from_path(self) -> None:
        for _ in range(CHUNK // PIECE):
            count = self.inner.recv_into(_chunk, PIECE)
            if not count:
                self.end()
                return
            with memoryview(_chunk) as view:
                self.channel.object.write(view[:count])
            self._send()
            if self._outward or count < PIECE:
                return

    def _send(self) -> None:
        data = self.channel.outgoing.read()
        try:
            sent = self.channel.connection.send(data)
        except BlockingIOError:
            sent = 0
        if sent < len(data):
            self._outward = memoryview(data)[sent:]
            self._loop.remove_reader(self.inner)
            self._loop.add_writer(self.channel.connection, self._guarded, self._to_network)

    def _to_network(self) -> None:
        sent = self.channel.connection.send(self._outward)
        self._outward = self._outward[sent:]
        if self._outward:
            return
        self._loop.remove_writer(self.channel.connection)
        self._loop.add_reader(self.inner, self._guarded, self._from_path)
        if self.channel.outgoing.pending:
            self._send()

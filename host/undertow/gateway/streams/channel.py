"""A visitor's connection as bytes, with TLS or without, before it is known who that is."""

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Iterator, Sequence
from typing import Protocol

from undertow.gateway.streams import certificate, hello

CHUNK = 1 << 16
# What is said, piece after piece; a file's own bytes are not copied for each who fetches it.
Said = Sequence[bytes | memoryview]
# So much is encrypted, and waits in our memory, at a time; as nginx has it, whoever takes none of
# it for so long (send_timeout) is not waited for.
PIECE, SEND_S = 1 << 15, 60.0


class Channel(Protocol):
    """OSError: it is broken."""

    connection: socket.socket

    async def read(self) -> bytes:
        """What has come, at least one byte; empty: no more will come."""

    async def read_raw(self) -> bytes:
        """As read(), of bytes that nobody wants to know: also behind finish()."""

    async def write(self, said: Said) -> None:
        """TimeoutError: whoever asked does not take it."""

    async def finish(self) -> None:
        """Say that no more will be written."""


class Plain:
    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection

    async def read(self) -> bytes:
        return await asyncio.get_running_loop().sock_recv(self.connection, CHUNK)

    async def read_raw(self) -> bytes:
        return await self.read()

    async def write(self, said: Said) -> None:
        for piece in _pieces(said):
            await _send(self.connection, piece)

    async def finish(self) -> None:
        self.connection.shutdown(socket.SHUT_WR)


class Secure:
    """TLS at the server's end. What the relay needs later is open: object, incoming, outgoing."""

    def __init__(self, connection: socket.socket, context: ssl.SSLContext) -> None:
        self.connection = connection
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.object = context.wrap_bio(self.incoming, self.outgoing, server_side=True)
        self._context = context
        self._hello = b""

    async def shake_hands(self) -> None:
        """OSError (ssl.SSLError): whoever is there does not speak TLS with us."""
        while True:
            try:
                self._judge_hello()
                self.object.do_handshake()
            except ssl.SSLWantReadError:
                await self._flush()
                self._hello += await self._more()
            except ssl.SSLError:
                with contextlib.suppress(OSError):
                    await self._flush()  # the alert that says why
                raise
            else:
                await self._flush()
                return

    def _judge_hello(self) -> None:
        """Refuse who wants protocols of which we have none, as nginx does and ssl does not."""
        refusing = certificate.refusing(self._context)
        if refusing is not None and not hello.may_be_met(self._hello):
            self.object.context = refusing
        if len(self._hello) > hello.LEN_MAX:
            self._hello = b""

    async def read(self) -> bytes:
        while True:
            try:
                found = self.object.read(CHUNK)
            except ssl.SSLWantReadError:
                await self._flush()
                await self._more()
            except ssl.SSLZeroReturnError:
                return b""
            except ssl.SSLEOFError:
                return b""
            else:
                return found

    async def read_raw(self) -> bytes:
        return await asyncio.get_running_loop().sock_recv(self.connection, CHUNK)

    async def write(self, said: Said) -> None:
        for piece in _pieces(said):
            self.object.write(piece)
            await self._flush()

    async def finish(self) -> None:
        with contextlib.suppress(ssl.SSLError):
            self.object.unwrap()
        await self._flush()
        self.connection.shutdown(socket.SHUT_WR)

    async def _more(self) -> bytes:
        data = await asyncio.get_running_loop().sock_recv(self.connection, CHUNK)
        if data:
            self.incoming.write(data)
        else:
            self.incoming.write_eof()
        return data

    async def _flush(self) -> None:
        data = self.outgoing.read()
        if data:
            await _send(self.connection, data)


def _pieces(said: Said) -> Iterator[bytes | memoryview]:
    """What is short together, so that it leaves together."""
    if sum(len(part) for part in said) <= PIECE:
        yield b"".join(said)
        return
    for part in said:
        with memoryview(part) as view:
            for at in range(0, len(view), PIECE):
                yield view[at : at + PIECE]


async def _send(connection: socket.socket, data: bytes | memoryview) -> None:
    async with asyncio.timeout(SEND_S):
        await asyncio.get_running_loop().sock_sendall(connection, data)

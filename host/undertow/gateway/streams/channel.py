"""A visitor's connection as bytes, with TLS or without, before it is known who that is."""

import asyncio
import contextlib
import socket
import ssl
from typing import Protocol

CHUNK = 1 << 16


class Channel(Protocol):
    """OSError: it is broken."""

    connection: socket.socket

    async def read(self) -> bytes:
        """What has come, at least one byte; empty: no more will come."""

    async def write(self, data: bytes) -> None: ...

    async def finish(self) -> None:
        """Say that no more will be written."""


class Plain:
    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection

    async def read(self) -> bytes:
        return await asyncio.get_running_loop().sock_recv(self.connection, CHUNK)

    async def write(self, data: bytes) -> None:
        await asyncio.get_running_loop().sock_sendall(self.connection, data)

    async def finish(self) -> None:
        self.connection.shutdown(socket.SHUT_WR)


class Secure:
    """TLS at the server's end. What the relay needs later is open: object, incoming, outgoing."""

    def __init__(self, connection: socket.socket, context: ssl.SSLContext) -> None:
        self.connection = connection
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.object = context.wrap_bio(self.incoming, self.outgoing, server_side=True)

    async def shake_hands(self) -> None:
        """OSError (ssl.SSLError): whoever is there does not speak TLS with us."""
        while True:
            try:
                self.object.do_handshake()
            except ssl.SSLWantReadError:
                await self._flush()
                await self._more()
            except ssl.SSLError:
                with contextlib.suppress(OSError):
                    await self._flush()  # the alert that says why
                raise
            else:
                await self._flush()
                return

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

    async def write(self, data: bytes) -> None:
        self.object.write(data)
        await self._flush()

    async def finish(self) -> None:
        with contextlib.suppress(ssl.SSLError):
            self.object.unwrap()
        await self._flush()
        self.connection.shutdown(socket.SHUT_WR)

    async def _more(self) -> None:
        data = await asyncio.get_running_loop().sock_recv(self.connection, CHUNK)
        if data:
            self.incoming.write(data)
        else:
            self.incoming.write_eof()

    async def _flush(self) -> None:
        data = self.outgoing.read()
        if data:
            await asyncio.get_running_loop().sock_sendall(self.connection, data)

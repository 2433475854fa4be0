"""Waiting in asyncio for sockets that are read and written by hand."""

import asyncio
import socket


async def readable(connection: socket.socket) -> None:
    """Until there is something to read, or the end."""
    loop = asyncio.get_running_loop()
    woken = loop.create_future()
    loop.add_reader(connection, _wake, woken)
    try:
        await woken
    finally:
        loop.remove_reader(connection)


def _wake(woken: "asyncio.Future[None]") -> None:
    if not woken.done():
        woken.set_result(None)

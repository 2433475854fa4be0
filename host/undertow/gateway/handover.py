"""Streams of boxes go from our web server to the data path, which is another process.

Each message of a SOCK_SEQPACKET socket has one descriptor and says what it is; the other way come
the numbers of streams that are over. A question has a descriptor, too: for its answer.
"""

import array
import asyncio
import contextlib
import ipaddress
import socket
import struct
from collections import Counter

from undertow.gateway.streams.crowd import source_of
from undertow.gateway.streams.sink import Arrival
from wg import endpoint

# Framing, kind, number, length of the outer endpoint, which follows.
_HEAD = struct.Struct(">BBIB")
_ENDED = struct.Struct(">IB")
# Of all addresses together, and of one: boxes behind one router share it.
STREAMS_MAX, STREAMS_OF_ONE = 4096, 256
# In place of a framing. A data path that says nothing for so long takes nobody in, either.
_QUESTION = 0
_ANSWER_S = 2.0


def make() -> tuple["Handover", socket.socket]:
    """Our end, and the other's, for its standard input."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    return Handover(ours), theirs


class Handover:
    """A sink (streams.sink.Sink). It never waits for the other end."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._connection.setblocking(False)
        self._next = 0
        self._sources: dict[int, str] = {}  # of the streams that are open, by number
        self._shares: Counter[str] = Counter()

    def adopt(self, connection: socket.socket, arrival: Arrival) -> None:
        self._take_ended()
        source = source_of(arrival.address)
        if len(self._sources) >= STREAMS_MAX or self._shares[source] >= STREAMS_OF_ONE:
            raise OSError("there are too many streams")
        self._next = (self._next + 1) & 0xFFFFFFFF
        outer = endpoint.pack(ipaddress.ip_address(arrival.address).packed, arrival.port)
        head = _HEAD.pack(arrival.framing, arrival.kind, self._next, len(outer))
        self._send(head + outer, connection)
        self._sources[self._next] = source
        self._shares[source] += 1

    async def is_new(self, message: bytes) -> bool:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        ours.setblocking(False)
        with ours, contextlib.suppress(OSError):
            with theirs:
                self._send(_HEAD.pack(_QUESTION, 0, 0, 0) + message, theirs)
            async with asyncio.timeout(_ANSWER_S):
                return await asyncio.get_running_loop().sock_recv(ours, 1) == b"\1"
        return False

    def _send(self, message: bytes, connection: socket.socket) -> None:
        rights = array.array("i", [connection.fileno()])
        self._connection.sendmsg(
            [message], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, rights)], socket.MSG_NOSIGNAL
        )

    def close(self) -> None:
        self._connection.close()

    def _take_ended(self) -> None:
        """Forget the streams that the data path says are over."""
        with contextlib.suppress(OSError):
            while len(message := self._connection.recv(64)) >= _ENDED.size:
                number, _ = _ENDED.unpack_from(message)
                source = self._sources.pop(number, None)
                if source is None:
                    continue
                self._shares[source] -= 1
                if not self._shares[source]:
                    del self._shares[source]

"""The TCP ports of a gateway: listening, who comes, and where he goes."""

import asyncio
import contextlib
import socket
import ssl
import time
from collections import Counter

from undertow.gateway.streams import openings, relay, waiting
from undertow.gateway.streams.channel import Channel, Plain, Secure
from undertow.gateway.streams.conversation import HEAD_S, Conversation, Entrance
from undertow.gateway.streams.crowd import Crowd, source_of
from undertow.gateway.streams.relay import Relay
from undertow.gateway.streams.sink import LENGTH, TCP, TLS, WEBSOCKET_SERVER, WS, Arrival, Sink

# At once: visitors of whom nothing is known; boxes behind TLS. And of one address.
VISITORS_MAX, VISITORS_OF_ONE = 2048, 128
RELAYS_MAX, RELAYS_OF_ONE = 4096, 256
# A box pings at least every 30 s; after three in vain it has gone.
SILENCE_S = 120.0
SWEEP_S = 15.0
# How long a visitor may stay at the least though others wait, who meanwhile do so in the kernel.
STAY_S = 5.0
# Out of descriptors, or of room: until somebody has left.
PAUSE_S = 0.1
_BACKLOG = 1024
_ACCEPTED_AT_ONCE = 64


class StreamServer:
    """Ports are opened at once, in the caller's thread; serve() then runs in a loop of asyncio.

    counts: what came of visitors, for people: how many were boxes, and by which way.
    """

    def __init__(
        self, entrance: Entrance, sink: Sink, context: ssl.SSLContext | None = None
    ) -> None:
        """context: for TLS; without it there are no secure ports."""
        self.entrance = entrance
        self.sink = sink
        self.context = context
        self.counts: Counter[str] = Counter()
        self.visitors: Crowd[_Visit] = Crowd(VISITORS_MAX, VISITORS_OF_ONE)
        self.relays: Crowd[Relay] = Crowd(RELAYS_MAX, RELAYS_OF_ONE)
        # By address and port: the socket, and whether TLS is spoken there.
        self._listeners: dict[tuple[str, int], tuple[socket.socket, bool]] = {}
        self._loop: asyncio.AbstractEventLoop | None = None

    def open(self, address: str, port: int, secure: bool) -> int:
        """Listen there; the port, chosen by the system for 0. OSError: it cannot be had.

        While it serves, to be called in the loop's thread (Background.call).
        """
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        listener = socket.socket(family, socket.SOCK_STREAM)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            listener.setblocking(False)
            listener.bind((address, port))
            listener.listen(_BACKLOG)
        except (OSError, OverflowError):
            listener.close()
            raise
        self._listeners[address, port or int(listener.getsockname()[1])] = listener, secure
        if self._loop is not None:
            self._loop.add_reader(listener, self._accept, listener, secure)
        return int(listener.getsockname()[1])

    def close(self, address: str, port: int) -> None:
        """Listen there no more, if it did; who is in stays in. As open()."""
        listener, _ = self._listeners.pop((address, port), (None, False))
        if listener is None:
            return
        if self._loop is not None:
            self._loop.remove_reader(listener)
        listener.close()

    async def serve(self, until: asyncio.Event) -> None:
        self._loop = asyncio.get_running_loop()
        try:
            for listener, secure in self._listeners.values():
                self._loop.add_reader(listener, self._accept, listener, secure)
            while not until.is_set():
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(until.wait(), SWEEP_S)
                self.sweep()
        finally:
            for address, port in list(self._listeners):
                self.close(address, port)
            for crowd in (self.visitors, self.relays):
                for one in crowd:
                    one.end()

    def sweep(self) -> None:
        """Let boxes go that have been silent for too long."""
        before_s = time.monotonic() - SILENCE_S
        for one in self.relays:
            if one.heard_s < before_s:
                self.counts["silent"] += 1
                one.end()

    def _accept(self, listener: socket.socket, secure: bool) -> None:
        for _ in range(_ACCEPTED_AT_ONCE):
            if not self.visitors.has_room(STAY_S):
                self._pause(listener, secure, "waits")
                return
            try:
                connection, address = listener.accept()
            except BlockingIOError:
                return
            except OSError:
                self._pause(listener, secure, "no descriptor")
                return
            self.counts["visitors"] += 1
            connection.setblocking(False)
            relay.bound(connection)
            visit = _Visit(self, connection, address[0], address[1], secure)
            self.visitors.enter(visit, source_of(address[0]))

    def _pause(self, listener: socket.socket, secure: bool, why: str) -> None:
        self.counts[why] += 1
        loop = asyncio.get_running_loop()
        loop.remove_reader(listener)
        loop.call_later(PAUSE_S, self._resume, listener, secure)

    def _resume(self, listener: socket.socket, secure: bool) -> None:
        if listener.fileno() >= 0:
            asyncio.get_running_loop().add_reader(listener, self._accept, listener, secure)

    def carry_tls(self, channel: Secure, arrival: Arrival) -> None:
        """A box's connection with TLS: between it and the sink stands a relay from now on."""
        inner, far = socket.socketpair()
        with far:
            try:
                relay.tune(channel.connection)
                for end in (inner, far):
                    end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, relay.KERNEL_LEN)
                self.sink.adopt(far, arrival)
            except OSError:
                inner.close()
                raise
        self.relays.enter(Relay(channel, inner, self.relays.leave), source_of(arrival.address))
        self.counts["boxes by TLS"] += 1

    def carry(self, connection: socket.socket, arrival: Arrival) -> None:
        """A box's connection without TLS: it is the sink's alone. OSError: there is no room."""
        with connection:  # the sink has its own
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.sink.adopt(connection, arrival)
        self.counts["boxes by TCP" if arrival.kind == TCP else "boxes by WS"] += 1


class _Visit:
    """One connection of somebody of whom nothing is known yet."""

    def __init__(
        self, server: StreamServer, connection: socket.socket, source: str, port: int, secure: bool
    ) -> None:
        self.server = server
        self.connection = connection
        self.source = source
        self.port = port
        self.secure = secure
        self._is_relayed = False
        self._task = asyncio.get_running_loop().create_task(self._run())

    def end(self) -> None:
        self._task.cancel()

    async def _run(self) -> None:
        try:
            await self._serve()
        except (OSError, TimeoutError, ssl.SSLError):
            self.server.counts["gone"] += 1
        finally:
            self.server.visitors.leave(self)
            if not self._is_relayed:
                _close(self.connection)

    async def _serve(self) -> None:
        async with asyncio.timeout(HEAD_S):
            await waiting.readable(self.connection)
            first = self.connection.recv(1, socket.MSG_PEEK)
            if not first:
                return
            if openings.may_begin(first) and await self._is_opening():
                self.server.carry(self.connection, self._arrival(LENGTH, TCP))
                return
        channel: Channel = Plain(self.connection)
        # As nginx decides it: a record of TLS, or a hello of SSL 2.
        is_tls = self.secure and (first == b"\x16" or first[0] & 0x80 != 0)
        if is_tls and self.server.context is not None:
            secure = Secure(self.connection, self.server.context)
            async with asyncio.timeout(HEAD_S):
                await secure.shake_hands()
            channel = secure
        talk = Conversation(self.server.entrance, channel, is_tls, self.secure)
        if not await talk.hold():
            return
        if isinstance(channel, Secure):
            self.server.carry_tls(channel, self._arrival(WEBSOCKET_SERVER, TLS))
            self._is_relayed = True
        else:
            self.server.carry(self.connection, self._arrival(WEBSOCKET_SERVER, WS))

    def _arrival(self, framing: int, kind: int) -> Arrival:
        return Arrival(framing, kind, self.source, self.port)

    async def _is_opening(self) -> bool:
        """Whether the first frame is a box's; not a byte is taken.

        It comes in one piece. Whoever sends less is answered at once: a web server does not wait.
        """
        beginning = self.connection.recv(openings.FIRST_LEN_MAX, socket.MSG_PEEK)
        length = openings.expected_len(beginning)
        if not openings.may_begin(beginning) or not 0 < length <= len(beginning):
            return False
        message = self.server.entrance.recognise(beginning[2:length])
        return bool(message) and await self.server.sink.is_new(message)


def _close(connection: socket.socket) -> None:
    """With nothing unread: else the system would take back what was said last."""
    with contextlib.suppress(OSError):
        for _ in range(64):
            if not connection.recv(1 << 16):
                break
    connection.close()

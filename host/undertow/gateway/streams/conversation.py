"""A web server's talk with one visitor, until he turns out to be a box or goes away."""

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass, field

from undertow.gateway.streams import body, pages, request, upgrade
from undertow.gateway.streams.channel import Channel, Said
from undertow.gateway.streams.openings import Recogniser, Seen
from undertow.gateway.streams.pages import Answer
from undertow.gateway.streams.refusal import RefusedError
from undertow.gateway.streams.request import Request
from undertow.gateway.streams.site import Site

# As nginx has them by default.
HEAD_S, IDLE_S, LINGER_S, LINGER_ALL_S = 60.0, 75.0, 5.0, 30.0
REQUESTS_MAX = 1000
# What a box asks for to find out whether a sign-in page is in its way.
PORTAL_PATH = "/generate_204"


@dataclass(frozen=True)
class Entrance:
    """secret_path: where a WebSocket is a box's, with its slash. name: the site's, for redirects.

    recognise: whether the first datagram of UDP over TCP is a box's. seen: the paths that were
    taken without TLS.
    """

    secret_path: str
    site: Site
    recognise: Recogniser
    name: str = "localhost"
    seen: Seen = field(default_factory=Seen)

    def __repr__(self) -> str:
        return f"Entrance(name={self.name!r})"


class Conversation:
    def __init__(
        self, entrance: Entrance, channel: Channel, is_tls: bool, port_is_tls: bool
    ) -> None:
        self.entrance = entrance
        self.channel = channel
        self.is_tls = is_tls
        self.port_is_tls = port_is_tls
        self._data = b""

    async def hold(self) -> bool:
        """Answer requests; True: a box has got its WebSocket. OSError: the visitor has gone."""
        for number in range(1, REQUESTS_MAX + 1):
            try:
                found = await self._request(HEAD_S if number == 1 else IDLE_S)
            except RefusedError as error:
                await self._say(error.answer.said(False, is_bare=error.is_bare))
                if error.is_early:
                    await self._linger()
                return False
            if found is None:
                return False
            if self._is_box(found):
                await self.channel.write((upgrade.answer(found),))
                return True
            if not await self._answer(found, number == REQUESTS_MAX):
                return False
        return False

    async def _request(self, patience_s: float) -> Request | None:
        """The next one; None: there is none any more. RefusedError: it is none."""
        if not self._data and not await self._wait_for_it(patience_s):
            return None
        reader = request.Reader()
        self._data = request.without_rests(self._data)
        async with asyncio.timeout(HEAD_S):
            while True:
                found = reader.read(self._data)
                if found is not None:
                    self._data = self._data[found.length :]
                    return found
                more = await self.channel.read()
                if not more:
                    return None
                self._data = request.without_rests(self._data + more)

    async def _wait_for_it(self, patience_s: float) -> bool:
        """Whether it begins. Only who has begun none is told that nobody waits any longer."""
        try:
            async with asyncio.timeout(patience_s):
                self._data = await self.channel.read()
        except TimeoutError:
            async with asyncio.timeout(LINGER_S):
                await self.channel.finish()
        return bool(self._data)

    def _is_box(self, found: Request) -> bool:
        # TLS alone on TLS's port, and bytes before the 101 are nobody's of ours.
        if self.is_tls != self.port_is_tls or self._data:
            return False
        seen = None if self.is_tls else self.entrance.seen
        return upgrade.is_wanted(found, self.entrance.secret_path, seen)

    async def _answer(self, found: Request, is_last: bool) -> bool:
        """Whether the connection goes on."""
        answer = self._chosen(found)
        chunks = body.Chunks()
        is_kept, is_broken = found.is_kept and not answer.closes and not is_last, False
        if found.is_chunked:
            try:
                self._data = chunks.skip(self._data)
            except body.BrokenBodyError:
                is_kept, is_broken = False, True
                answer = answer if self.is_tls or answer.closes else pages.BAD_REQUEST
        if answer.status >= 400 and found.wants_padding:
            answer = pages.padded(answer)
        is_whole = chunks.is_over if found.is_chunked else len(self._data) >= found.body_length
        if answer.asks and _waits(found):
            await self.channel.write((pages.CONTINUE,))
        said = answer.said(is_kept, found.method != "HEAD", found.is_bare)
        if is_kept or not (is_whole or is_broken):
            await self.channel.write(said)
            if not await self._skip_body(found, chunks):
                return False
            if is_kept:
                return True
            said = ()
        await self._say(said)
        if self._data:
            await self._linger()
        return False

    def _chosen(self, found: Request) -> Answer:
        if found.method in ("TRACE", "CONNECT"):
            return pages.page(405, closes=True)
        if self.port_is_tls and not self.is_tls:
            return pages.page(400, closes=True, told=pages.NOT_TLS)
        if found.body_length > request.BODY_MAX:
            return pages.page(413, closes=True)
        if self.is_tls:
            return self.entrance.site.answer(found)
        if found.path == PORTAL_PATH:
            return Answer(pages.NO_CONTENT, asks=True)
        host = found.host or self.entrance.name
        return pages.redirect(f"https://{host}{found.target}")

    async def _skip_body(self, found: Request, chunks: body.Chunks) -> bool:
        """Whether it ends as it should."""
        try:
            async with asyncio.timeout(LINGER_ALL_S):
                if found.is_chunked:
                    self._data = await body.skip_chunks(chunks, self._data, self._read_on)
                else:
                    length = found.body_length
                    self._data = await body.skip_length(length, self._data, self._read_on)
        except body.BrokenBodyError:
            return False
        return True

    async def _say(self, said: Said) -> None:
        if said:
            await self.channel.write(said)
        async with asyncio.timeout(HEAD_S):
            await self.channel.finish()

    async def _linger(self) -> None:
        """Read on for a while: closed with something unread, the answer could get lost."""
        async with asyncio.timeout(LINGER_ALL_S):
            while await self._within(self.channel.read_raw()):
                pass

    async def _read_on(self) -> bytes:
        return await self._within(self.channel.read())

    async def _within(self, reading: Awaitable[bytes]) -> bytes:
        async with asyncio.timeout(LINGER_S):
            return await reading


def _waits(found: Request) -> bool:
    """Whether it sends its body only when it is asked to."""
    return found.version >= (1, 1) and found.headers.get("expect", "").lower() == "100-continue"

"""A web server's talk with one visitor, until he turns out to be a box or goes away."""

import asyncio
from dataclasses import dataclass

from undertow.gateway.streams import body, pages, request, upgrade
from undertow.gateway.streams.channel import Channel
from undertow.gateway.streams.openings import Recogniser
from undertow.gateway.streams.pages import Answer
from undertow.gateway.streams.request import Request
from undertow.gateway.streams.site import Site

# As nginx has them by default.
HEAD_S, IDLE_S, LINGER_S = 60.0, 75.0, 5.0
REQUESTS_MAX = 1000
# What a box asks for to find out whether a sign-in page is in its way.
PORTAL_PATH = "/generate_204"


@dataclass(frozen=True)
class Entrance:
    """secret_path: where a WebSocket is a box's, with its slash. name: the site's, for redirects.

    recognise: whether the first datagram of UDP over TCP is a box's.
    """

    secret_path: str
    site: Site
    recognise: Recogniser
    name: str = "localhost"

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
            except request.RefusedError as error:
                await self._say(error.answer.encode(False))
                return False
            if found is None:
                return False
            if self._is_box(found):
                await self.channel.write(upgrade.answer(found))
                return True
            if not await self._answer(found, number == REQUESTS_MAX):
                return False
        return False

    async def _request(self, patience_s: float) -> Request | None:
        """The next one; None: there is none any more. request.RefusedError: it is none."""
        async with asyncio.timeout(patience_s):
            while True:
                found = request.read(self._data) if self._data else None
                if found is not None:
                    self._data = self._data[found.length :]
                    return found
                more = await self.channel.read()
                if not more:
                    return None
                self._data += more

    def _is_box(self, found: Request) -> bool:
        # TLS alone on TLS's port, and bytes before the 101 are nobody's of ours.
        may = self.is_tls == self.port_is_tls
        return upgrade.is_wanted(found, self.entrance.secret_path) and may and not self._data

    async def _answer(self, found: Request, is_last: bool) -> bool:
        """Whether the connection goes on."""
        answer = self._chosen(found)
        chunks = body.Chunks()
        is_kept = found.is_kept and not answer.closes and not is_last
        if found.is_chunked:
            try:
                self._data = chunks.skip(self._data)
            except body.BrokenBodyError:
                is_kept = False
                answer = answer if self.is_tls or answer.closes else pages.BAD_REQUEST
        is_whole = chunks.is_over if found.is_chunked else len(self._data) >= found.body_length
        if not is_whole and not answer.closes and _waits(found):
            await self.channel.write(pages.CONTINUE)
        said = answer.encode(is_kept, found.method != "HEAD", found.is_bare)
        if is_kept:
            await self.channel.write(said)
            return await self._skip_body(found, chunks)
        if is_whole or found.is_chunked:
            await self._say(said)
        else:
            await self.channel.write(said)
            await self._linger()
        return False

    def _chosen(self, found: Request) -> Answer:
        if self.port_is_tls and not self.is_tls:
            return pages.page(400, closes=True, told=pages.NOT_TLS)
        if found.body_length > request.BODY_MAX:
            return pages.page(413, closes=True)
        if self.is_tls:
            return self.entrance.site.answer(found)
        if found.path == PORTAL_PATH:
            return Answer(pages.NO_CONTENT)
        host = found.host or self.entrance.name
        return pages.page(301, location=f"https://{host}{found.target}")

    async def _skip_body(self, found: Request, chunks: body.Chunks) -> bool:
        try:
            async with asyncio.timeout(HEAD_S):
                if found.is_chunked:
                    self._data = await body.skip_chunks(chunks, self._data, self.channel.read)
                else:
                    length = found.body_length
                    self._data = await body.skip_length(length, self._data, self.channel.read)
        except body.BrokenBodyError:
            return False
        return True

    async def _say(self, said: bytes) -> None:
        async with asyncio.timeout(HEAD_S):
            await self.channel.write(said)
            await self.channel.finish()

    async def _linger(self) -> None:
        """Read on for a while: closed with something unread, the answer could get lost."""
        for _ in range(256):
            async with asyncio.timeout(LINGER_S):
                if not await self.channel.read():
                    return


def _waits(found: Request) -> bool:
    """Whether it sends its body only when it is asked to."""
    return found.headers.get("expect", "").lower() == "100-continue"

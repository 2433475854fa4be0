"""The body of a request, which is read and not kept."""

import re
from collections.abc import Awaitable, Callable

Read = Callable[[], Awaitable[bytes]]

_SIZE = re.compile(rb"0*([0-9A-Fa-f]{1,16})([ \t;][^\r\n]*)?\r?\n")
_SIZE_PREFIX = re.compile(rb"0*([0-9A-Fa-f]{1,16})(?P<more>[ \t;][^\r\n]*)?(?P<cr>\r?)")
_SIZE_MAX = 1 << 63
_END, _END_PREFIX = re.compile(rb"\r?\n"), re.compile(rb"\r?")
_TRAILER = re.compile(rb"([^\r\n]*)\r?\n")
_TRAILER_PREFIX = re.compile(rb"([^\r\n]?)[^\r\n]*(?P<cr>\r?)")


class BrokenBodyError(Exception):
    """It is none, or it ends too early: nothing can follow on this connection."""


class Chunks:
    """A body in chunks (RFC 9112, 7.1), read on through whatever comes; next to nothing is kept."""

    def __init__(self) -> None:
        self._left = 0  # of this chunk
        self._is_ending = False  # the line's end behind a chunk has to come
        self._is_last = False
        self.is_over = False

    def skip(self, data: bytes) -> bytes:
        """What is left behind the body, or of a line not yet whole. BrokenBodyError: no chunks."""
        while data and not self.is_over:
            if self._left:
                taken = min(self._left, len(data))
                self._left -= taken
                data = data[taken:]
            elif self._is_ending:
                match = _match(_END, _END_PREFIX, data)
                if match is None:
                    return data
                data, self._is_ending = data[match.end() :], False
            elif self._is_last:
                match = _match(_TRAILER, _TRAILER_PREFIX, data)
                if match is None:
                    return data[:1] + (b"\r" if data[1:].endswith(b"\r") else b"")
                data, self.is_over = data[match.end() :], not match[1]
            else:
                match = _match(_SIZE, _SIZE_PREFIX, data)
                if match is None:
                    return _shortened(data)
                self._begin(int(match[1], 16))
                data = data[match.end() :]
        return data

    def _begin(self, size: int) -> None:
        if size >= _SIZE_MAX:
            raise BrokenBodyError
        self._left, self._is_ending, self._is_last = size, bool(size), not size


Pattern = re.Pattern[bytes]


def _match(whole: Pattern, prefix: Pattern, data: bytes) -> "re.Match[bytes] | None":
    """None: it may still become one. BrokenBodyError: it cannot."""
    match = whole.match(data)
    if match is None and not prefix.fullmatch(data):
        raise BrokenBodyError
    return match


def _shortened(line: bytes) -> bytes:
    """The beginning of a chunk's line without what means nothing: it may go on for ever."""
    match = _SIZE_PREFIX.fullmatch(line)
    if match is None:
        return line
    return match[1] + (b";" if match["more"] else b"") + match["cr"]


async def skip_length(length: int, data: bytes, read: Read) -> bytes:
    """Read over so many bytes, of which data are the first; what follows them."""
    while length > len(data):
        length -= len(data)
        data = await read()
        if not data:
            raise BrokenBodyError
    return data[length:]


async def skip_chunks(chunks: Chunks, data: bytes, read: Read) -> bytes:
    """Read to the last chunk; data is what chunks.skip() has left. What follows."""
    while not chunks.is_over:
        more = await read()
        if not more:
            raise BrokenBodyError
        data = chunks.skip(data + more)
    return data

"""The body of a request, which is read and not kept."""

import re
from collections.abc import Awaitable, Callable

Read = Callable[[], Awaitable[bytes]]

_SIZE = re.compile(rb"([0-9A-Fa-f]{1,8})[ \t]*(;[^\r\n]*)?\r?\n")
_SIZE_PREFIX = re.compile(rb"[0-9A-Fa-f]{0,8}[ \t]*(;[^\r\n]*)?\r?")


class BrokenBodyError(Exception):
    """It is none, or it ends too early: nothing can follow on this connection."""


class Chunks:
    """A body in chunks (RFC 9112, 7.1), read on through whatever comes."""

    def __init__(self) -> None:
        self._left = 0  # of this chunk with the line's end behind it
        self._is_last = False
        self.is_over = False

    def skip(self, data: bytes) -> bytes:
        """What is left behind the body, or of a line not yet whole. BrokenBodyError: no chunks."""
        while data and not self.is_over:
            if self._left:
                taken = min(self._left, len(data))
                self._left -= taken
                data = data[taken:]
            elif self._is_last:
                line, end, rest = data.partition(b"\n")
                if not end:
                    return data
                data, self.is_over = rest, line in (b"", b"\r")
            else:
                match = _SIZE.match(data)
                if match is None:
                    if not _SIZE_PREFIX.fullmatch(data):
                        raise BrokenBodyError
                    return data
                size = int(match[1], 16)
                self._left, self._is_last = (size + 2 if size else 0), not size
                data = data[match.end() :]
        return data


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

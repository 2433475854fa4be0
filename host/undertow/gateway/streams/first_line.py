"""The first line of a request, judged byte by byte as nginx does (ngx_http_parse_request_line).

What can become none is refused as soon as that shows, however little has come.
"""

import re
from dataclasses import dataclass

from undertow.gateway.streams import pages
from undertow.gateway.streams.refusal import RefusedError

_METHOD, _SPACES = re.compile(rb"[A-Z_\-]*"), re.compile(rb" *")
_SCHEME, _HOST = re.compile(rb"[A-Za-z][A-Za-z0-9+.\-]*"), re.compile(rb"[A-Za-z0-9.\-]*")
_LITERAL, _PORT = re.compile(rb"\[[A-Za-z0-9:\-._~!$&'()*+,;=]*"), re.compile(rb":[0-9]*")
_URI, _DIGITS = re.compile(rb"[^\x00-\x20\x7f]*"), re.compile(rb"[0-9]*")
_CR, _LF, _SPACE = 0x0D, 0x0A, 0x20


@dataclass
class FirstLine:
    """target: from its slash or question mark on. host: what a whole address names, or None.

    end: behind the line's end. version: (0, 9) where none is named.
    """

    method: str
    target: str
    host: str | None
    version: tuple[int, int]
    end: int


class _NotWholeError(Exception):
    """More has to come."""


def scan(data: bytes, start: int) -> FirstLine | None:
    """The line that begins at start; None: more has to come. RefusedError: it is none."""
    try:
        return _Scanner(data, start).line()
    except _NotWholeError:
        return None


class _Scanner:
    def __init__(self, data: bytes, start: int) -> None:
        self.data = data
        self.at = start

    def line(self) -> FirstLine:
        method = self._take(_METHOD)
        if self._next() != _SPACE or not method:
            raise RefusedError
        self._take(_SPACES)
        host, target = self._target()
        version = self._version()
        if self._next() == _CR:
            self.at += 1
        if self._next() != _LF:
            raise RefusedError
        self.at += 1
        return FirstLine(method.decode(), target.decode("latin-1"), host, version, self.at)

    def _target(self) -> tuple[str | None, bytes]:
        if self._next() == ord("/"):
            return None, self._take(_URI)
        if not self._take(_SCHEME):
            raise RefusedError
        self._expect(b"://")
        is_literal = self._next() == ord("[")
        host = self._take(_LITERAL if is_literal else _HOST)
        if is_literal:
            self._expect(b"]")
            host += b"]"
        if self._next() == ord(":"):
            self._take(_PORT)
        if self._next() not in b"/? ":
            raise RefusedError
        # Without a path it is the slash of its scheme.
        return host.decode(), self._take(_URI) or b"/"

    def _version(self) -> tuple[int, int]:
        if self._next() not in (_SPACE, _CR, _LF):
            raise RefusedError
        self._take(_SPACES)
        if self._next() in (_CR, _LF):
            return 0, 9
        self._expect(b"HTTP/")
        major = self._number(b"123456789")
        if major != 1:
            raise RefusedError(pages.page(505, closes=True))
        self._expect(b".")
        minor = self._number(b"0123456789", 999)
        self._take(_SPACES)
        return major, minor

    def _number(self, first: bytes, highest: int = 1) -> int:
        """Up to the digit with which it is too high, which is none of its own."""
        if self._next() not in first:
            raise RefusedError
        found = 0
        while self.at < len(self.data) and self.data[self.at] in b"0123456789":
            found = 10 * found + self.data[self.at] - 0x30
            self.at += 1
            if found > highest:
                if highest > 1:
                    raise RefusedError
                return found
        return found

    def _next(self) -> int:
        if self.at >= len(self.data):
            raise _NotWholeError
        return self.data[self.at]

    def _take(self, pattern: "re.Pattern[bytes]") -> bytes:
        match = pattern.match(self.data, self.at)
        if match is None:
            self._next()
            return b""
        self.at = match.end()
        return match[0]

    def _expect(self, word: bytes) -> None:
        for each in word:
            if self._next() != each:
                raise RefusedError
            self.at += 1

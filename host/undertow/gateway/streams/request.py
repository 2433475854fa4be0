"""The head of a request, read as nginx reads it: what it refuses is refused, and as soon."""

import re
from dataclasses import dataclass, field

from undertow.gateway.streams import first_line, host_name, pages, target
from undertow.gateway.streams.refusal import RefusedError

# As client_header_buffer_size and large_client_header_buffers have it, and so many headers.
SMALL_LEN, LARGE_LEN, LARGE_MAX = 1024, 8192, 4
HEADERS_MAX = 1000
BODY_MAX = 1 << 20

_HEADER = re.compile(rb"([^\x00-\x20\x7f:]+)(:[^\x00\r\n]*)?\r*\n")
_HEADER_PREFIX = re.compile(rb"\r?|[^\x00-\x20\x7f:]+(:[^\x00\r\n]*)?\r*")
_LAST = re.compile(rb"\r?\n")
_ONCE = ("host", "content-length", "transfer-encoding")


@dataclass
class Request:
    """length: of the head. target: as sent, from its slash on. headers: by small letters.

    is_whole: the target named a host, too, as to a proxy. wish: "close" or "keep-alive", if any.
    """

    method: str
    target: str
    path: str
    version: tuple[int, int]
    host: str = ""
    is_whole: bool = False
    headers: dict[str, str] = field(default_factory=dict)
    wish: str = ""
    length: int = 0
    body_length: int = 0
    is_chunked: bool = False

    @property
    def is_bare(self) -> bool:
        return self.version == (0, 9)

    @property
    def is_kept(self) -> bool:
        """Whether the connection goes on behind the answer."""
        if _is_old(self.headers.get("user-agent", "")) and self.method == "POST":
            return False
        return self.wish == "keep-alive" or (self.version >= (1, 1) and not self.wish)

    @property
    def wants_padding(self) -> bool:
        """Whether its browser shows short error pages as its own, which nginx prevents."""
        agent = self.headers.get("user-agent", "")
        if "Opera" in agent:
            return False
        is_chrome = "Gecko/" not in agent and "Chrome/" in agent
        return self.version >= (1, 0) and (_msie(agent) >= 0 or is_chrome)


def _msie(agent: str) -> int:
    """Where it says that it is one; -1: it does not."""
    at = agent.find("MSIE ")
    return at if at >= 0 and at + 7 < len(agent) else -1


def _is_old(agent: str) -> bool:
    """An MSIE that may use a connection that has been closed (keepalive_disable msie6)."""
    at = _msie(agent)
    if at < 0 or "Opera" in agent or agent[at + 6] != ".":
        return False
    return agent[at + 5] in "45" or (agent[at + 5] == "6" and "SV1" not in agent[at + 8 :])


class _Buffers:
    """What nginx would keep the head in: a small one, then large ones, each line in one of them."""

    def __init__(self) -> None:
        self._end = SMALL_LEN
        self._count = 0

    def has_room(self, start: int, end: int) -> bool:
        """Whether a line from start to end fits, at most into one more of them."""
        if end > self._end:
            self._count += 1
            self._end = start + LARGE_LEN
        return self._count <= LARGE_MAX and end <= self._end


def without_rests(data: bytes) -> bytes:
    """As nginx does when its first buffer is full of empty lines: they are not kept."""
    while len(data) >= SMALL_LEN and not data[:SMALL_LEN].strip(b"\r\n"):
        data = data[SMALL_LEN:]
    return data


class Reader:
    """Reads one head that comes in pieces; no line of it is looked at twice when it is whole."""

    def __init__(self) -> None:
        self._found: Request | None = None
        self._at = 0
        self._count = 0
        self._buffers = _Buffers()

    def read(self, data: bytes) -> Request | None:
        """The request at the beginning; None: more has to come, behind the same data.

        RefusedError: it is none.
        """
        if self._found is None:
            start = len(data) - len(data.lstrip(b"\r\n"))
            line = first_line.scan(data[: start + LARGE_LEN], start)
            if line is None:
                if len(data) - start >= LARGE_LEN:
                    raise RefusedError(pages.page(414, closes=True))
                return None
            self._found, self._at = _begun(line), line.end
            self._buffers.has_room(start, line.end)
        found = self._found
        if found.is_bare:
            found.length = self._at
            return found
        try:
            return self._headers(found, data)
        except RefusedError as error:
            if found.wants_padding:
                raise RefusedError(pages.padded(error.answer), False, error.is_early) from None
            raise

    def _headers(self, found: Request, data: bytes) -> Request | None:
        while self._count <= HEADERS_MAX:
            last = _LAST.match(data, self._at)
            if last is not None:
                found.length = last.end()
                return _judged(found)
            match = _HEADER.match(data, self._at)
            if match is None:
                end = min(self._at + LARGE_LEN, len(data))
                if not _HEADER_PREFIX.fullmatch(data, self._at, end):
                    raise RefusedError
                # A buffer that is full of it calls for the next.
                if not self._buffers.has_room(self._at, len(data) + 1):
                    break
                return None
            if not self._buffers.has_room(self._at, match.end()):
                break
            self._at = match.end()
            self._count += 1
            _take(found, match[1].decode("latin-1"), (match[2] or b":").decode("latin-1"))
        raise RefusedError(pages.page(400, closes=True, told=pages.TOO_LARGE))


def _begun(line: first_line.FirstLine) -> Request:
    try:
        if line.version == (0, 9) and line.method != "GET":
            raise RefusedError
        path = target.path_of(line.target)
        host = "" if line.host is None else host_name.validated(line.host)
    except (target.BadTargetError, RefusedError):
        raise RefusedError(is_bare=line.version == (0, 9)) from None
    is_whole = line.host is not None
    return Request(line.method, line.target, path, line.version, host, is_whole)


def _take(found: Request, name: str, value: str) -> None:
    if not re.fullmatch(r"[A-Za-z0-9\-]+", name):
        return  # not of ours to understand; ignored
    name, value = name.lower(), value[1:].strip(" ")
    if name in found.headers and name in _ONCE:
        raise RefusedError
    found.headers.setdefault(name, value)
    if name == "host":
        host = host_name.validated(value)
        # What a whole address names counts more.
        found.host = found.host or host
    if name == "connection":
        wishes = (word for word in ("close", "keep-alive") if word in value.lower())
        found.wish = next(wishes, found.wish)


def _judged(found: Request) -> Request:
    """What only the whole head tells. RefusedError: nginx refuses it there."""
    headers = found.headers
    if "host" not in headers and found.version >= (1, 1):
        raise RefusedError(is_early=False)
    length, coding = headers.get("content-length"), headers.get("transfer-encoding")
    if length is not None and not re.fullmatch(r"[0-9]{1,18}", length):
        raise RefusedError(is_early=False)
    if coding is not None:
        if found.version < (1, 1) or (length is not None and coding.lower() == "chunked"):
            raise RefusedError(is_early=False)
        if coding.lower() != "chunked":
            raise RefusedError(pages.page(501, closes=True), is_early=False)
        found.is_chunked = True
    found.body_length = int(length or 0)
    return found

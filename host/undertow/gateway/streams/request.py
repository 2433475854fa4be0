"""The head of a request, read as nginx reads it: what it refuses is refused, and as soon."""

import re
from dataclasses import dataclass, field

from undertow.gateway.streams import pages, target
from undertow.gateway.streams.pages import Answer

# As large_client_header_buffers has it: so long a line, so many of them.
LINE_MAX, HEAD_MAX = 8192, 4 * 8192
BODY_MAX = 1 << 20

# A request line that has not come whole may still become one: otherwise it is refused at once.
_BEGINNING = re.compile(
    rb"[\r\n]*([A-Z_\-]*|[A-Z_\-]+ +([/A-Za-z][^\x00-\x20\x7f]*"
    rb"( +(H(T(T(P(/[0-9.]* *)?)?)?)?)?)?)?)\r?"
)
_LINE = re.compile(
    r"(?P<method>[A-Z_\-]+) +(?P<target>[^\x00-\x20\x7f]+)"
    r"(?P<version> +HTTP/(?P<major>[1-9][0-9]?)\.(?P<minor>[0-9]{1,2}))? *"
)
_HOST = re.compile(r"(\[[^\]/\x00-\x20\x7f]*\]|[^\[\]/:\x00-\x20\x7f]+)(:[^\x00-\x20\x7f/]*)?")


class RefusedError(Exception):
    """answer: what is said instead; is_bare: to HTTP/0.9, which knows no heads."""

    def __init__(self, answer: Answer = pages.BAD_REQUEST) -> None:
        super().__init__(answer.status)
        self.answer = answer


@dataclass
class Request:
    """length: of the head. target: as sent, from its slash on. headers: by small letters.

    is_whole: the target named a host, too, as to a proxy.
    """

    method: str
    target: str
    path: str
    version: tuple[int, int]
    host: str = ""
    is_whole: bool = False
    headers: dict[str, str] = field(default_factory=dict)
    length: int = 0
    body_length: int = 0
    is_chunked: bool = False

    @property
    def is_bare(self) -> bool:
        return self.version == (0, 9)

    @property
    def is_kept(self) -> bool:
        """Whether the connection goes on behind the answer."""
        wish = self.headers.get("connection", "").lower()
        if "close" in wish:
            return False
        return "keep-alive" in wish or self.version >= (1, 1)


def read(data: bytes) -> Request | None:
    """The request at the beginning; None: more has to come. RefusedError: it is none."""
    start = len(data) - len(data.lstrip(b"\r\n"))
    end = data.find(b"\n", start)
    if end < 0:
        if len(data) - start >= LINE_MAX:
            raise RefusedError(pages.page(414, closes=True))
        if not _BEGINNING.fullmatch(data):
            raise RefusedError
        return None
    if end - start >= LINE_MAX:
        raise RefusedError(pages.page(414, closes=True))
    found = _first_line(data[start:end].removesuffix(b"\r").decode("latin-1"))
    if found.is_bare:
        found.length = end + 1
        return found
    return _headers(found, data, end + 1)


def _first_line(line: str) -> Request:
    match = _LINE.fullmatch(line)
    if match is None:
        raise RefusedError
    try:
        host, rest = target.split(match["target"])
        path = target.path_of(rest)
    except target.BadTargetError:
        raise RefusedError from None
    version = (int(match["major"]), int(match["minor"])) if match["version"] else (0, 9)
    if version[0] > 1:
        raise RefusedError(pages.page(505, closes=True))
    if version == (0, 9) and match["method"] != "GET":
        raise RefusedError
    named = host.lower().removesuffix(".")
    is_whole = rest != match["target"]
    return Request(match["method"], rest, path, version, named, is_whole)


def _headers(found: Request, data: bytes, at: int) -> Request | None:
    while (end := data.find(b"\n", at)) >= 0:
        line = data[at:end].removesuffix(b"\r")
        if len(line) >= LINE_MAX or end > HEAD_MAX:
            raise _too_large()
        at = end + 1
        if not line:
            found.length = at
            return _judged(found)
        _take(found, line.decode("latin-1"))
    if len(data) - at >= LINE_MAX or len(data) > HEAD_MAX:
        raise _too_large()
    return None


def _too_large() -> RefusedError:
    return RefusedError(pages.page(400, closes=True, told=pages.TOO_LARGE))


def _take(found: Request, line: str) -> None:
    name, colon, value = line.partition(":")
    if not name or re.search(r"[\x00-\x20\x7f]", name) or "\0" in value:
        raise RefusedError
    if not colon or not re.fullmatch(r"[A-Za-z0-9\-]+", name):
        return  # not of ours to understand; ignored
    name, value = name.lower(), value.strip(" ")
    if name in found.headers and name in ("host", "content-length", "transfer-encoding"):
        raise RefusedError
    found.headers.setdefault(name, value)


def _judged(found: Request) -> Request:
    """What only the whole head tells. RefusedError: nginx refuses it there."""
    headers = found.headers
    host = headers.get("host")
    if host is None and found.version >= (1, 1):
        raise RefusedError
    if host is not None:
        match = _HOST.fullmatch(host)
        if match is None or ".." in match[1]:
            raise RefusedError
        # What a whole address names counts more.
        found.host = found.host or match[1].lower().removesuffix(".")
    length, coding = headers.get("content-length"), headers.get("transfer-encoding")
    if length is not None and not re.fullmatch(r"[0-9]{1,18}", length):
        raise RefusedError
    if coding is not None:
        if found.version < (1, 1) or (length is not None and coding.lower() == "chunked"):
            raise RefusedError
        if coding.lower() != "chunked":
            raise RefusedError(pages.page(501, closes=True))
        found.is_chunked = True
    found.body_length = int(length or 0)
    if found.method in ("TRACE", "CONNECT"):
        raise RefusedError(pages.page(405, closes=True))
    return found

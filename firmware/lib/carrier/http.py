"""Heads of HTTP/1.1 messages (RFC 9112): read within strict bounds, at both ends.

A head is the first line and the header lines, up to the empty line. Lines end with CRLF and
nothing else, no header goes on in the next line, and what is longer than it has any reason to be is
refused.
"""

from wg.compat import TYPE_CHECKING

if TYPE_CHECKING:
    from carrier.browser import Browser

    Buffer = bytes | bytearray | memoryview

RESPONSE_LEN_MAX = 4096
HEADERS_MAX = 64
SWITCHING = 101  # the one status under 200 that ends an answer's head

_END = b"\r\n\r\n"
_TOKEN = b"!#$%&'*+-.^_`|~"


class HeadReader:
    """Takes what arrives, in pieces of any length, until a head is whole.

    head: the head without its empty line, None as long as it is not whole. rest: what came behind
    it. is_too_long: it is none that we would read; nothing more is taken.
    """

    def __init__(self, len_max: int) -> None:
        self.head: "bytes | None" = None
        self.rest = b""
        self.is_too_long = False
        self._kept = bytearray()
        self._len_max = len_max

    def feed(self, data: "Buffer") -> bool:
        """Whether the head is whole now."""
        if self.head is not None:
            self.rest += bytes(data)
            return True
        if self.is_too_long:
            return False
        # Not further than three bytes back can an end begin that was not seen before.
        start = max(0, len(self._kept) - 3)
        self._kept += data
        at = bytes(self._kept[start:]).find(_END)
        if at >= 0 and start + at <= self._len_max:
            self.head = bytes(self._kept[: start + at])
            self.rest = bytes(self._kept[start + at + len(_END) :])
            self._kept = bytearray()
            return True
        self.is_too_long = len(self._kept) > self._len_max
        if self.is_too_long:
            self._kept = bytearray()
        return False


class Head:
    """The headers of a message, by their names in small letters, in their order."""

    def __init__(self, headers: "list[tuple[str, str]]") -> None:
        self.headers = headers

    def header(self, name: str) -> "str | None":
        """The value of a header that stands once; None: it is not there, or more than once."""
        found = [value for each, value in self.headers if each == name]
        return found[0] if len(found) == 1 else None

    def has_word(self, name: str, word: str) -> bool:
        """Whether a comma list has this word, in any case."""
        for each, value in self.headers:
            if each == name and word in [part.strip().lower() for part in value.split(",")]:
                return True
        return False


class Response(Head):
    def __init__(self, status: int, headers: "list[tuple[str, str]]") -> None:
        super().__init__(headers)
        self.status = status


class Asking:
    """The client's half: one request, and the head that answers it.

    is_done: it was answered as hoped for; rest: what came behind the answer.
    """

    def __init__(self, browser: "Browser") -> None:
        self.is_done = False
        self._browser = browser
        self._reader = HeadReader(RESPONSE_LEN_MAX)

    @property
    def rest(self) -> bytes:
        return self._reader.rest

    def feed(self, data: "Buffer") -> bytes:
        """Take what arrived; there is never anything to write then. CarrierError: it is over."""
        while self._reader.feed(data) and self._reader.head is not None:
            response = read_response(self._reader.head)
            if response is None or response.status // 100 != 1 or response.status == SWITCHING:
                self._judge(response)
                self.is_done = True
                return b""
            # "Continue" and the like (RFC 9110, 15.2): the answer itself is still to come.
            data = self._reader.rest
            self._reader = HeadReader(RESPONSE_LEN_MAX)
        if self._reader.is_too_long:
            self._judge(None)
        return b""

    def _judge(self, response: "Response | None") -> None:
        """CarrierError: this is not what was hoped for. None: it is no response at all."""
        raise NotImplementedError


def read_response(head: bytes) -> "Response | None":
    """None: it is not the head of a response."""
    lines = _lines(head)
    if lines is None:
        return None
    version, _, rest = lines[0].partition(b" ")
    digits = rest[:3]
    if version not in (b"HTTP/1.1", b"HTTP/1.0") or rest[3:4] not in (b"", b" "):
        return None
    if len(digits) != 3 or not all(0x30 <= byte <= 0x39 for byte in digits) or digits[0] == 0x30:
        return None
    headers = _headers(lines)
    return None if headers is None else Response(int(digits), headers)


def _lines(head: bytes) -> "list[bytes] | None":
    lines = head.split(b"\r\n")
    if len(lines) > HEADERS_MAX + 1 or any(b"\r" in line or b"\n" in line for line in lines):
        return None
    return lines


def _headers(lines: "list[bytes]") -> "list[tuple[str, str]] | None":
    found = []
    for line in lines[1:]:
        name, colon, value = line.partition(b":")
        if not colon or not _is_token(name):
            return None
        value = value.strip()
        if not all(0x20 <= byte <= 0x7E or byte == 9 or byte >= 0x80 for byte in value):
            return None
        # What is not ASCII is nobody's business here.
        text = "".join([chr(byte) if byte < 0x80 else "?" for byte in value])
        found.append((name.decode().lower(), text))
    return found


def _is_token(word: bytes) -> bool:
    """RFC 9110, 5.6.2."""
    if not word:
        return False
    return all(
        0x30 <= byte <= 0x39 or 0x41 <= byte <= 0x5A or 0x61 <= byte <= 0x7A or byte in _TOKEN
        for byte in word
    )

"""What a TLS client says first (RFC 8446, 4.1.2): only which protocols it wants (RFC 7301)."""

from collections.abc import Iterator

PROTOCOLS = ("http/1.1", "http/1.0", "http/0.9")
# One record's; who says more says nothing that ends here.
LEN_MAX = 5 + (1 << 14)
_RECORD, _HELLO, _ALPN = 0x16, 1, 16


def may_be_met(record: bytes) -> bool:
    """False: it is a whole hello that names protocols, and none of ours is among them."""
    try:
        wanted = list(_protocols(record))
    except (IndexError, ValueError):
        return True  # not whole, or none: whoever speaks TLS judges it
    return not wanted or any(each.encode() in wanted for each in PROTOCOLS)


def _protocols(record: bytes) -> Iterator[bytes]:
    if record[0] != _RECORD:
        raise ValueError
    message = _Reader(_Reader(record[3:]).field(2))
    if message.number(1) != _HELLO:
        raise ValueError
    body = _Reader(message.field(3))
    body.take(2 + 32)  # version, random
    for width in (1, 2, 1):  # session, ciphers, compression
        body.field(width)
    extensions = _Reader(body.field(2))
    while extensions.left():
        kind, data = extensions.number(2), _Reader(extensions.field(2))
        if kind == _ALPN:
            names = _Reader(data.field(2))
            while names.left():
                yield names.field(1)


class _Reader:
    """IndexError: there is not as much."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def left(self) -> int:
        return len(self._data)

    def take(self, length: int) -> bytes:
        if length > len(self._data):
            raise IndexError
        found, self._data = self._data[:length], self._data[length:]
        return found

    def number(self, width: int) -> int:
        return int.from_bytes(self.take(width), "big")

    def field(self, width: int) -> bytes:
        """With its length before it, in `width` bytes."""
        return self.take(self.number(width))

"""The path's streams, with what the path does not keep of them: where they lead, and why."""

from wg import endpoint
from wg.compat import TYPE_CHECKING

if TYPE_CHECKING:
    from _datapath import Path


# What carries the frames, in the words of answers.
KINDS = {1: "tcp", 2: "ws", 3: "tls"}


class Streams:
    """By number: (kind, outer endpoint or nothing)."""

    def __init__(self, path: "Path") -> None:
        self._path = path
        self._known: "dict[int, tuple[int, bytes]]" = {}

    def open(self, address: bytes, port: int) -> int:
        """As Path.stream_open()."""
        number = self._path.stream_open(address, port)
        self._known[number] = (0, endpoint.pack(address, port))
        return number

    def adopt(self, descriptor: int, framing: int, rest: bytes, kind: int, outer: bytes) -> int:
        """As Path.adopt(). outer: where it comes from, or nothing."""
        number = self._path.adopt(descriptor, framing, rest)
        self._known[number] = (kind, outer)
        return number

    def close(self, number: int) -> None:
        self._known.pop(number, None)
        self._path.stream_close(number)

    def outer(self, number: int) -> "tuple[int, bytes]":
        return self._known.get(number, (0, b""))

    def has_ended(self, number: int) -> bool:
        return self._path.stream_end(number) != 0

    def __len__(self) -> int:
        return len(self._known)

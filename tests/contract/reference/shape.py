"""AmneziaWG's shape, from the description of its wire format; see tests/vectors/README.md."""

import random
from typing import Any

from tests.contract.reference import constants as c
from tests.contract.reference.arguments import alive, number, readable, writable
from tests.contract.reference.primitives import chacha20_xor

LENGTHS = (148, 92, 64)
DATA = 4


def numbers(values: Any, count: int, highest: int) -> list[int]:
    if not isinstance(values, tuple | list) or len(values) > 8:
        raise TypeError("no tuple")
    if len(values) != count:
        raise ValueError("another count")
    return [number(value, highest) for value in values]


class Shape:
    live = False

    def __init__(self, sizes: Any, types: Any, key: Any, seed: Any) -> None:
        self._sizes = numbers(sizes, 4, 2**16 - 1)
        flat = numbers(types, 8, 2**32 - 1)
        self._ranges = [range(flat[i], flat[i + 1] + 1) for i in (0, 2, 4, 6)]
        secrets = [readable(seed, 32)] if key is None else [readable(key, 32), readable(seed, 32)]
        self._key = None if key is None else bytes(secrets[0])
        self._random = random.Random(bytes(secrets[-1]))
        for secret in secrets:
            if not secret.readonly:
                secret[:] = bytes(32)
        least = 0 if key is None else 12
        for size, most in zip(self._sizes, (1132, 1132, 1132, 64), strict=True):
            if not least <= size <= most:
                raise ValueError("size")
        if not all(self._ranges):
            raise ValueError("empty")
        for i, one in enumerate(self._ranges):
            for other in self._ranges[:i]:
                if max(one[0], other[0]) <= min(one[-1], other[-1]):
                    raise ValueError("overlap")
        self.live = True

    @alive
    def room(self, kind: Any) -> int:
        return self._sizes[self._kind(kind) - 1]

    @staticmethod
    def _kind(kind: Any) -> int:
        if not 1 <= number(kind, 255) <= DATA:
            raise ValueError("no kind")
        return int(kind)

    def _stream(self, datagram: bytes, length: int) -> bytes:
        """What hides the message of this datagram."""
        if self._key is None:
            return bytes(length)
        stream = bytearray(length)
        chacha20_xor(stream, stream, self._key, datagram[:12], 0)
        return bytes(stream)

    @alive
    def wrap(self, kind: Any, datagram: Any) -> None:
        room = self.room(self._kind(kind))
        view = writable(datagram)
        length = len(view) - room
        if length < 32 if kind == DATA else length != LENGTHS[kind - 1]:
            raise ValueError("length")
        message = bytearray(view[room:])
        if kind in (3, DATA):
            message[:4] = self._random.choice(self._ranges[kind - 1]).to_bytes(4, "little")
        view[:room] = self._random.randbytes(room)
        hidden = 16 if kind == DATA else length
        stream = self._stream(bytes(view), hidden) + bytes(length - hidden)
        view[room:] = bytes(a ^ b for a, b in zip(message, stream, strict=True))

    def _plain(self, data: bytes) -> int:
        """The kind of a plain message, 0: none."""
        kind = int.from_bytes(data[:4], "little") if len(data) >= 4 else 0
        if kind == DATA:
            return DATA if len(data) >= 32 else 0
        return kind if 1 <= kind <= 3 and len(data) == LENGTHS[kind - 1] else 0

    def _takes_plain(self) -> bool:
        bare = [(kind, self._ranges[kind - 1]) for kind in range(1, 5) if not self._sizes[kind - 1]]
        may = [kind for kind, types in bare if kind in types]
        must = [kind for kind, types in bare if kind in types and len(types) == 1]
        return not may or len(must) == 4

    @alive
    def open(self, datagram: Any) -> tuple[int, int, int]:
        view = writable(datagram)
        data = bytes(view)
        if self._takes_plain() and self._plain(data):
            return self._plain(data), 0, 0
        if len(data) < 32:
            return -c.ERR_SHORT, 0, 0
        for kind in range(1, 5):
            room = self._sizes[kind - 1]
            length = len(data) - room
            if length < 32 if kind == DATA else length != LENGTHS[kind - 1]:
                continue
            stream = self._stream(data, 16 if kind == DATA else length)
            message = bytearray(data[room:])
            for i, byte in enumerate(stream):
                message[i] ^= byte
            if int.from_bytes(message[:4], "little") in self._ranges[kind - 1]:
                if kind in (3, DATA):
                    message[:4] = bytes([kind, 0, 0, 0])
                view[room:] = message
                return kind, room, 1
        return -c.ERR_TYPE, 0, 0

    def wipe(self) -> None:
        self._key = None
        self.live = False

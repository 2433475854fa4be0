"""A packet: IMPROV, version 1, type, length, data, and the sum of all that in 8 bits."""

from wg.compat import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    Buffer = bytes | bytearray | memoryview
    # A kind, the bytes that it is about, and how many of them count.
    Piece = tuple[int, bytes | bytearray, int]

# Types.
STATE, ERROR, RPC, RESULT = 1, 2, 3, 4
# What else a reader finds: bytes that are no part of a packet, and a packet that is broken.
OTHER, BROKEN = 0, -1

DATA_LEN_MAX = 255
_MARK = b"IMPROV"
_HEAD = _MARK + b"\x01"
_TYPE = len(_HEAD)
_LENGTH = _TYPE + 1
_DATA = _LENGTH + 1
_LEN_MAX = _DATA + DATA_LEN_MAX + 1
# Nobody means so many in a packet: it was cut off, and something else has begun.
_RESET = b"\n" * 8


def build(kind: int, data: "Buffer") -> bytes:
    """The packet as it is sent: clients look for one only at the beginning of a line.

    ValueError: the data is too long.
    """
    if len(data) > DATA_LEN_MAX:
        raise ValueError("%d bytes do not fit into a packet" % len(data))
    packet = _HEAD + bytes([kind, len(data)]) + bytes(data)
    return b"\n" + packet + bytes([sum(packet) & 0xFF]) + b"\n"


class Reader:
    """Takes packets out of a stream and hands on all the rest, whole and in its order.

    A packet that turns out to be none was part of the rest.
    """

    def __init__(self) -> None:
        self._kept = bytearray(_LEN_MAX)
        self._length = 0

    def feed(self, data: "bytes | bytearray", length: "int | None" = None) -> "Iterator[Piece]":
        """What there is in data, one piece after the other; length: how much of it counts.

        OTHER: the bytes. BROKEN: nothing. Else the type of a packet, and its data. A piece is
        wiped when the next one is asked for, unless it is data itself: any of it can be a secret.
        """
        length = len(data) if length is None else length
        if not self._length and _start(data, 0, length) == length:
            yield OTHER, data, length  # as it is, nearly always
            return
        own = None
        position = 0
        while position < length:
            if not self._length:
                start = _start(data, position, length)
                if start > position:
                    other = bytearray(memoryview(data)[position:start])
                    yield OTHER, other, len(other)
                    _wipe(other, len(other))
                position = start
                if position == length:
                    break
            self._kept[self._length] = data[position]
            self._length += 1
            position += 1
            verdict = self._verdict()
            if verdict > OTHER:
                packet = bytearray(memoryview(self._kept)[_DATA : self._length - 1])
                self._forget()
                yield verdict, packet, len(packet)
                _wipe(packet, len(packet))
            elif verdict == BROKEN:
                yield BROKEN, b"", 0
            if verdict in (OTHER, BROKEN):
                # Its mark was none. What is behind it is looked at anew.
                mark = min(self._length - 1, len(_MARK))
                yield OTHER, _HEAD[:mark], mark
                rest = self._rest(mark, data, position, length)
                if own is not None:
                    _wipe(own, len(own))
                data = own = rest
                position, length = 0, len(rest)
        if own is not None:
            _wipe(own, len(own))

    def _verdict(self) -> int:
        """The type of a packet that is whole, BROKEN, OTHER: it is none; -2: nothing yet."""
        kept, length = self._kept, self._length
        if length <= _TYPE:
            return -2 if kept[length - 1] == _HEAD[length - 1] else OTHER
        if length <= _LENGTH:
            return -2 if STATE <= kept[_TYPE] <= RESULT else OTHER
        if length >= _DATA + len(_RESET) and bytes(kept[length - len(_RESET) : length]) == _RESET:
            return BROKEN
        if length < _DATA + kept[_LENGTH] + 1:
            return -2
        check = sum(memoryview(kept)[: length - 1]) & 0xFF
        return kept[_TYPE] if check == kept[length - 1] else BROKEN

    def _rest(self, start: int, data: "Buffer", position: int, length: int) -> bytearray:
        """What is kept from start on, and what of data was not looked at; nothing is kept then."""
        count = self._length - start
        rest = bytearray(count + length - position)
        memoryview(rest)[:count] = memoryview(self._kept)[start : self._length]
        memoryview(rest)[count:] = memoryview(data)[position:length]
        self._forget()
        return rest

    def _forget(self) -> None:
        _wipe(self._kept, self._length)
        self._length = 0


def _start(data: "bytes | bytearray", position: int, length: int) -> int:
    """Where a packet begins, or perhaps the first bytes of one; length: nowhere."""
    found = data.find(_HEAD, position, length)
    if found >= 0:
        return found
    for count in range(min(len(_HEAD) - 1, length - position), 0, -1):
        if (
            data[length - count] == _HEAD[0]
            and bytes(data[length - count : length]) == (_HEAD[:count])
        ):
            return length - count
    return length


def _wipe(buffer: bytearray, length: int) -> None:
    for i in range(length):
        buffer[i] = 0

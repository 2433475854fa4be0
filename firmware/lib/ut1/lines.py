"""What may be a frame, cut out of a stream of bytes and noise."""

from wg.compat import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

LINE_LEN_MAX = 240  # with the newline: less than the smallest receive buffer of a board
_START = b"@"
_END = b"\n"


class Lines:
    """Holds at most one line. An '@' begins a new one wherever it stands: no frame has a second."""

    def __init__(self) -> None:
        self._line = bytearray(LINE_LEN_MAX - 1)
        self._view = memoryview(self._line)
        self._length = 0
        self._inside = False

    def feed(
        self, data: "bytes | bytearray", length: "int | None" = None
    ) -> "Iterator[memoryview]":
        """Each line that data completes, from its '@' to before its newline.

        It can be changed, and is wiped when the next one is asked for.
        length: how much of data counts; None: all.
        """
        position = 0
        length = len(data) if length is None else length
        while position < length:
            if not self._inside:
                position = data.find(_START, position, length)
                if position < 0:
                    return
                self._inside = True
            end = data.find(_END, position, length)
            stop = length if end < 0 else end
            again = data.rfind(_START, position, stop)
            if again >= 0:
                self._wipe()
                position = again
            self._append(data, position, stop)
            if end >= 0:
                if self._inside:
                    yield self._view[: self._length]
                self._wipe()
                self._inside = False
            position = stop + 1

    def _append(self, data: "bytes | bytearray", start: int, stop: int) -> None:
        length = self._length + stop - start
        if length > len(self._line):
            self._wipe()
            self._inside = False
            return
        self._view[self._length : length] = memoryview(data)[start:stop]
        self._length = length

    def _wipe(self) -> None:
        """It can have held a key."""
        for i in range(self._length):
            self._line[i] = 0
        self._length = 0

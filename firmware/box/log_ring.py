"""The last lines of a board's log, in memory, for the console to show; never a secret."""

from wg.compat import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    Clock = Callable[[], int]

# Room for some fifty lines of usual length, taken once: what is logged takes nothing of the heap
# and leaves no holes in it.
ROOM = 3072
LINE_LEN_MAX = 120


class LogRing:
    """A log as the protocol takes it: called with a level and a text."""

    def __init__(self, now_ms: "Clock", room: int = ROOM) -> None:
        """now_ms: milliseconds since the start, there is no other time on every board."""
        self._now_ms = now_ms
        self._kept = bytearray(room)  # lines, the oldest first, each behind a byte with its length
        self._end = 0

    def __call__(self, level: str, text: str) -> None:
        if level == "debug":
            return
        now_ms = self._now_ms()
        plain = "".join([c if " " <= c <= "~" else "?" for c in text[:LINE_LEN_MAX]])
        line = ("%d.%03d %s %s" % (now_ms // 1000, now_ms % 1000, level, plain)).encode()[:255]
        self._make_room(1 + len(line))
        start = self._end + 1
        self._kept[self._end] = len(line)
        self._kept[start : start + len(line)] = line
        self._end = start + len(line)

    def lines(self) -> "list[str]":
        """The oldest first, each with seconds since the start and its level."""
        found = []
        at = 0
        while at < self._end:
            start = at + 1
            at = start + self._kept[at]
            found.append(str(memoryview(self._kept)[start:at], "utf-8"))
        return found

    def _make_room(self, length: int) -> None:
        """Let go of the oldest lines until so many bytes are free."""
        first = 0
        while self._end - first + length > len(self._kept):
            first += 1 + self._kept[first]
        if first:
            rest = self._end - first
            kept = memoryview(self._kept)
            kept[:rest] = kept[first : self._end]
            self._end = rest

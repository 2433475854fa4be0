"""The last lines of a board's log, in memory, for the console to show; never a secret."""

from wg.compat import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    Clock = Callable[[], int]

LINES = 48
LINE_LEN_MAX = 120


class LogRing:
    """A log as the protocol takes it: called with a level and a text."""

    def __init__(self, now_ms: "Clock", lines: int = LINES) -> None:
        """now_ms: milliseconds since the start, there is no other time on every board."""
        self._now_ms = now_ms
        self._capacity = lines
        self._lines: "list[str]" = []

    def __call__(self, level: str, text: str) -> None:
        if level == "debug":
            return
        now_ms = self._now_ms()
        plain = "".join([c if " " <= c <= "~" else "?" for c in text[:LINE_LEN_MAX]])
        if len(self._lines) == self._capacity:
            self._lines.pop(0)
        self._lines.append("%d.%03d %s %s" % (now_ms // 1000, now_ms % 1000, level, plain))

    def lines(self) -> "list[str]":
        """The oldest first, each with seconds since the start and its level."""
        return list(self._lines)

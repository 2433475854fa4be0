"""How much a TCP connection dares to have under way, and how long it waits for an answer.

Slow start, and less after a loss (RFC 5681, 3.1); the time for an answer by those before (RFC
6298, 2). Without it, two connections one within the other choke a line that is policed.
"""

import time

_MODULO = 1 << 32
_FIRST, _MOST = 10, 16  # segments
# Of fewer too few come behind one that was lost, and it is told by silence alone.
_LEAST = 4
_AGAIN_S, _LONGEST_S = 0.2, 2.0


class Pace:
    """window: bytes that may be under way. again_s: after so long a time it is said once more."""

    def __init__(self, segment: int) -> None:
        """segment: bytes of a full one."""
        self._segment = segment
        self._threshold = self._most = _MOST * segment
        self.window = _FIRST * segment
        self.again_s = _AGAIN_S
        self._smooth_s: float | None = None
        self._varies_s = 0.0
        # What is timed: the sequence number behind it, and when it was said.
        self._timed: tuple[int, float] | None = None

    def said(self, end: int) -> None:
        """Bytes up to this sequence number were said."""
        if self._timed is None:
            self._timed = end % _MODULO, time.monotonic()

    def acknowledged(self, base: int, count: int) -> None:
        """So many bytes from base on have arrived."""
        grows = min(count, self._segment)
        if self.window >= self._threshold:
            grows = self._segment * self._segment // self.window
        self.window = min(self.window + grows, self._most)
        if self._timed is not None:
            end, then = self._timed
            if (end - base) % _MODULO <= count:
                self._timed = None
                self._measure(time.monotonic() - then)

    def lost(self, under_way: int) -> None:
        """Something of that is missing, and what is behind it has come."""
        self._threshold = max(under_way // 2, _LEAST * self._segment)
        self.window = self._threshold
        self._timed = None  # an answer now may be to either

    def silent(self, under_way: int) -> None:
        """No answer came in time."""
        self.lost(under_way)
        self.window = _LEAST * self._segment

    def _measure(self, took_s: float) -> None:
        if self._smooth_s is None:
            self._smooth_s, self._varies_s = took_s, took_s / 2
        else:
            self._varies_s += (abs(self._smooth_s - took_s) - self._varies_s) / 4
            self._smooth_s += (took_s - self._smooth_s) / 8
        wanted_s = self._smooth_s + 4 * self._varies_s
        self.again_s = min(max(wanted_s, _AGAIN_S), _LONGEST_S)

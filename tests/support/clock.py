"""Clocks that tests turn by hand."""


class ManualClock:
    """Milliseconds that never go back, and a wall clock beside them that may be wrong."""

    def __init__(self, now_ms=1_000, wall_s=1_700_000_000):
        self.ms = now_ms
        self.wall_ns = wall_s * 1_000_000_000

    def now_ms(self):
        return self.ms

    def wall_clock(self):
        seconds = self.wall_ns // 1_000_000_000
        return seconds, self.wall_ns - seconds * 1_000_000_000

    def advance(self, ms):
        if ms < 0:
            raise ValueError("this clock never goes back")
        self.ms += ms
        self.wall_ns += ms * 1_000_000

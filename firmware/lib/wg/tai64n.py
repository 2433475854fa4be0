"""Timestamps of handshake initiations: TAI64N, 12 bytes that must only ever rise (paper 5.1)."""

from wg.compat import TYPE_CHECKING
from wg.const import TIMESTAMP_LEN

if TYPE_CHECKING:
    from collections.abc import Callable

# The label of 1970-01-01 00:00:00 UTC, which was 10 s behind TAI.
EPOCH = 0x400000000000000A
SECOND = 1_000_000_000
# Time is shown to peers in steps of 2^24 ns (17 ms): finer would say more about us than it needs.
STEP = 1 << 24
# The floor is saved so far ahead: one write in 15 minutes at most, and a box that restarts without
# a clock is at most so far ahead of the time.
AHEAD = 15 * 60 * SECOND


def encode(nanoseconds: int) -> bytes:
    """The 12 bytes for a time in nanoseconds since 1970."""
    seconds = nanoseconds // SECOND
    return (EPOCH + seconds).to_bytes(8, "big") + (nanoseconds - seconds * SECOND).to_bytes(
        4, "big"
    )


def decode(timestamp: bytes) -> int:
    """The reverse. ValueError: not 12 bytes, or not a time after 1970."""
    if len(timestamp) != TIMESTAMP_LEN:
        raise ValueError("a timestamp has 12 bytes, not %d" % len(timestamp))
    seconds = int.from_bytes(timestamp[:8], "big") - EPOCH
    nanoseconds = int.from_bytes(timestamp[8:], "big")
    if not (0 <= seconds < 1 << 62 and nanoseconds < SECOND):
        raise ValueError("no TAI64N timestamp after 1970: " + timestamp.hex())
    return seconds * SECOND + nanoseconds


class Timestamps:
    """A source of timestamps, each greater than all before it, also over restarts without a clock.

    wall_clock: gives (seconds, nanoseconds) since 1970, right or wrong.
    floor: what was last saved, 12 bytes, or None; nothing at or below it is handed out.
    save: takes the new floor, 12 bytes, before anything above the old one is handed out. What it
        raises goes to the caller of next(), and nothing is handed out.
    """

    def __init__(
        self,
        wall_clock: "Callable[[], tuple[int, int]]",
        floor: "bytes | None",
        save: "Callable[[bytes], None]",
    ) -> None:
        self._wall_clock = wall_clock
        self._save = save
        self._floor = 0 if floor is None else decode(floor)
        self._last = self._floor

    def not_before(self, seconds: int) -> None:
        """Be told the time, in seconds since 1970: for a key that was used elsewhere until now."""
        self._last = max(self._last, seconds * SECOND)
        if self._last > self._floor:
            self._raise_floor(self._last)

    def next(self) -> bytes:
        """A timestamp above all that was ever handed out: the wall clock's when that is ahead."""
        seconds, nanoseconds = self._wall_clock()
        now = seconds * SECOND + nanoseconds
        time = max(now - now % STEP, self._last + STEP)
        if time > self._floor:
            self._raise_floor(time)
        self._last = time
        return encode(time)

    def _raise_floor(self, time: int) -> None:
        floor = time + AHEAD
        self._save(encode(floor))
        self._floor = floor

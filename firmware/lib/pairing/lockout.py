"""How long an end refuses to pair after a code did not match.

Who is in between has one chance in a million for each run, so the runs have to be few.
"""

from pairing.errors import MALFORMED, PairingError

SHORT_S = 60
LONG_S = 600
# From this failure in a row on, the long time.
LONG_FROM = 3

_FORMAT = 1
_COUNT_MAX = 255


class Lockout:
    """The failures since the last success. Times are milliseconds of the caller's clock."""

    def __init__(self) -> None:
        self.failures = 0
        self._until_ms: "int | None" = None

    def fail(self, now_ms: int) -> None:
        """A run ended without a match after a code was shown: refuse for a while."""
        self.failures = min(self.failures + 1, _COUNT_MAX)
        self._start(now_ms)

    def succeed(self) -> None:
        """Both persons have confirmed: all is forgotten."""
        self.failures = 0
        self._until_ms = None

    def locked_s(self, now_ms: int) -> int:
        """Seconds to wait, rounded up; 0: a run may begin."""
        if self._until_ms is None or now_ms >= self._until_ms:
            return 0
        return -(-(self._until_ms - now_ms) // 1000)

    def encode(self, now_ms: int) -> bytes:
        """3 bytes to keep: what a restart must not forget.

        To be written after fail() and succeed(), and once more when the wait is over, or else a
        later restart begins it anew.
        """
        return bytes((_FORMAT, self.failures, 1 if self.locked_s(now_ms) else 0))

    @staticmethod
    def decode(data: "bytes | bytearray | memoryview", now_ms: int) -> "Lockout":
        """What was kept, after a restart: a wait that was not over begins anew, in full.

        PairingError: these are not such bytes.
        """
        kept = bytes(data)
        if len(kept) != 3 or kept[0] != _FORMAT or kept[2] > 1 or (kept[2] and not kept[1]):
            raise PairingError(
                MALFORMED,
                "what was kept about failed pairings cannot be read",
                "Write it anew; until then count it as a failure.",
            )
        lockout = Lockout()
        lockout.failures = kept[1]
        if kept[2]:
            lockout._start(now_ms)
        return lockout

    def _start(self, now_ms: int) -> None:
        seconds = SHORT_S if self.failures < LONG_FROM else LONG_S
        self._until_ms = now_ms + 1000 * seconds

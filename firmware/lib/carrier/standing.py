"""How each rung has done on this network: when it may be tried again, and why not before."""

from carrier.rung import UDP, Rung
from wg.compat import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

# Before the same stream is opened again after it failed 1, 2, 3 and more times in a row: whoever
# opens TLS connections one after the other is looked at, or counted, and then let nowhere.
BACKOFF_S = (5, 15, 60)
# One that has worked here before: it is the network that is gone, and it comes back.
PROVEN_BACKOFF_S = (5, 15, 15)
# A stream that lasted this long is opened again at once.
STEADY_MS = 60_000
FROZEN_MS = 1_800_000

# Why a rung was left, beside the codes of carrier.errors.
SILENT = "silent"  # no answer
UNANSWERED = "unanswered"  # a stream was taken, and the tunnel did not answer by it
FROZEN = "frozen"  # it answered, and then nothing more came
PROVEN = "proven"


class Standing:
    """Of each rung, by its number in the list. Times are milliseconds of the caller's clock."""

    def __init__(
        self, rungs: "list[Rung]", random_bytes: "Callable[[int], bytes]", bad: "list[bytes]"
    ) -> None:
        count = len(rungs)
        self.rungs = rungs
        self._random_bytes = random_bytes
        self.outcomes = [""] * count  # "": not tried
        self.ready_ms = [0] * count
        self.strikes = [0] * count
        self.began_ms = [0] * count
        self.is_frozen = [rung.id() in bad for rung in rungs]
        self.frozen_until_ms = [-1] * count  # -1: as long as this network is
        self.is_proven = [False] * count
        self.home = -1  # what was proven last
        # (kind, place) in which a rung froze during this search: its kin is held back.
        self.frozen_kin: "list[tuple[int, int]]" = []

    def find(self, rung: Rung) -> int:
        """Its number; -1: it is none of ours."""
        for i, each in enumerate(self.rungs):
            if each == rung:
                return i
        return -1

    def jittered(self, ms: int) -> int:
        """From three to five quarters of it."""
        raw = self._random_bytes(2)
        return ms * 3 // 4 + ms * (raw[0] << 8 | raw[1]) // 131072

    def strike(self, i: int, why: str, now_ms: int) -> None:
        """It failed: a stream waits longer each time."""
        self.outcomes[i] = why
        waits = PROVEN_BACKOFF_S if self.is_proven[i] else BACKOFF_S
        wait_s = waits[min(self.strikes[i], len(waits) - 1)]
        self.strikes[i] = min(self.strikes[i] + 1, 100)
        if self.rungs[i].is_stream:
            self.ready_ms[i] = now_ms + self.jittered(1000 * wait_s)

    def freeze(self, i: int, now_ms: int) -> None:
        """It carried, and then nothing more: not again while others work."""
        self.strike(i, FROZEN, now_ms)
        self.is_frozen[i] = True
        self.frozen_until_ms[i] = now_ms + FROZEN_MS
        kin = (self.rungs[i].kind, self.rungs[i].place)
        if kin not in self.frozen_kin:
            self.frozen_kin.append(kin)

    def prove(self, i: int) -> None:
        """It works: nothing of before counts."""
        self.home = i
        self.outcomes[i] = PROVEN
        self.strikes[i] = 0
        self.is_frozen[i] = False
        self.is_proven[i] = True
        self.frozen_kin = []

    def thaw(self, now_ms: int) -> None:
        """Give those another chance that froze long ago."""
        for i in range(len(self.rungs)):
            if self.is_frozen[i] and 0 <= self.frozen_until_ms[i] <= now_ms:
                self.is_frozen[i] = False

    def lose(self, i: int, why: str, now_ms: int) -> None:
        """Its stream ended under us: at once again if it was steady, else as after a failure."""
        if now_ms - self.began_ms[i] >= STEADY_MS:
            self.strikes[i] = 0
            self.outcomes[i] = why
            self.ready_ms[i] = now_ms
        else:
            self.strike(i, why, now_ms)

    def has_frozen_kin(self, i: int) -> bool:
        """Whether one of the same kind and address froze during this search."""
        return (self.rungs[i].kind, self.rungs[i].place) in self.frozen_kin

    def numbers(self, of_streams: bool) -> "list[int]":
        """The rungs of streams, or those of UDP, best first."""
        return [i for i, rung in enumerate(self.rungs) if (rung.kind != UDP) == of_streams]

    def next_stream(self, now_ms: int, with_frozen: bool) -> "tuple[int, int]":
        """(number, when): the stream to open next, and when it may be; (-1, 0): there is none.

        Of those that may be now, kin of what froze comes last.
        """
        best, best_key = -1, (0, 0, 0, 0)
        for i in self.numbers(True):
            if self.is_frozen[i] and not with_frozen:
                continue
            wait_ms = max(0, self.ready_ms[i] - now_ms)
            kin = 1 if self.has_frozen_kin(i) else 0
            key = (wait_ms, 1 if self.is_frozen[i] else 0, kin, i)
            if best < 0 or key < best_key:
                best, best_key = i, key
        return best, now_ms + best_key[0]

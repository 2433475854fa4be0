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
BUSY_MS = 1_000  # where the box itself has its streams in use
# A network that comes and goes has each stream opened anew, which nobody may see as a storm: after
# this many within FLAPPING_MS, so long after the one before.
OPENS = 3
OPENS_S = (5, 15, 60)
FLAPPING_MS = 180_000
# Twice as long each time, up to FROZEN_DOUBLED times.
FROZEN_MS = 1_800_000
FROZEN_DOUBLED = 4

# Why a rung was left, beside the codes of carrier.errors.
SILENT = "silent"  # no answer
UNANSWERED = "unanswered"  # a stream was taken, and the tunnel did not answer by it
FROZEN = "frozen"  # it answered, and then nothing more came
PROVEN = "proven"
BUSY = "busy"  # the path has no stream free, which says nothing of the network


class Standing:
    """Of each rung, by its number in the list. Times are milliseconds of the caller's clock."""

    def __init__(
        self,
        rungs: "list[Rung]",
        random_bytes: "Callable[[int], bytes]",
        bad: "list[bytes]",
        before: "Standing | None" = None,
    ) -> None:
        """before: on this network, before it was gone, or on another one (forget_opens())."""
        count = len(rungs)
        self.rungs = rungs
        self._random_bytes = random_bytes
        self.outcomes = [""] * count  # "": not tried
        self.ready_ms = [0] * count
        self.strikes = [0] * count
        self.began_ms: "list[int]" = [0] * count if before is None else before.began_ms
        self._opens: "list[int]" = [0] * count if before is None else before._opens
        for i in range(count):
            if self._opens[i] >= OPENS:
                wait_s = OPENS_S[min(self._opens[i] - OPENS, len(OPENS_S) - 1)]
                self.ready_ms[i] = self.began_ms[i] + self.jittered(1000 * wait_s)
        self.is_frozen = [rung.id() in bad for rung in rungs]
        self.frozen_until_ms = [-1] * count  # -1: as long as this network is
        self.is_proven = [False] * count
        self.home = -1  # what was proven last
        # (kind, place) in which a rung froze during this search: its kin is held back.
        self.frozen_kin: "list[tuple[int, int]]" = []
        # And in which one froze that had carried, and when: once, its port may have been closed.
        self._closed: "list[tuple[tuple[int, int], int]]" = []

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
        if why == BUSY:
            self.outcomes[i] = self.outcomes[i] or why
            self.ready_ms[i] = now_ms + BUSY_MS
            return
        self.outcomes[i] = why
        waits = PROVEN_BACKOFF_S if self.is_proven[i] else BACKOFF_S
        wait_s = waits[min(self.strikes[i], len(waits) - 1)]
        self.strikes[i] = min(self.strikes[i] + 1, 100)
        if self.rungs[i].is_stream:
            self.ready_ms[i] = now_ms + self.jittered(1000 * wait_s)

    def open(self, i: int, now_ms: int) -> None:
        """Its stream is being opened."""
        is_steady = now_ms - self.began_ms[i] >= FLAPPING_MS
        self._opens[i] = 1 if is_steady else min(self._opens[i] + 1, 100)
        self.began_ms[i] = now_ms

    def forget_opens(self) -> None:
        """Those were on another network."""
        for i, opens in enumerate(self._opens):
            if opens >= OPENS:
                self.ready_ms[i] = 0
            self._opens[i] = 0

    def freeze(self, i: int, now_ms: int, has_carried: bool) -> None:
        """It carried something, and then nothing more: not again while others work.

        has_carried: it was proven, and clients were on it. Then it need not be the volume that is
        policed: the first time its kin has a chance at once.
        """
        self.strike(i, FROZEN, now_ms)
        self.is_frozen[i] = True
        doubled = min(self.strikes[i] - 1, FROZEN_DOUBLED)
        self.frozen_until_ms[i] = now_ms + (FROZEN_MS << doubled)
        kin = (self.rungs[i].kind, self.rungs[i].place)
        if has_carried:
            before = [ms for each, ms in self._closed if each == kin]
            self._closed = [each for each in self._closed if each[0] != kin] + [(kin, now_ms)]
            if not before or now_ms - before[0] >= FROZEN_MS:
                return
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
        best, best_key = -1, (0, 0, 0, 0, 0)
        for i in self.numbers(True):
            if self.is_frozen[i] and not with_frozen:
                continue
            wait_ms = max(0, self.ready_ms[i] - now_ms)
            kin = 1 if self.has_frozen_kin(i) else 0
            # Who failed before comes after who was not tried, however long ago that was.
            key = (wait_ms, 1 if self.is_frozen[i] else 0, kin, self.strikes[i], i)
            if best < 0 or key < best_key:
                best, best_key = i, key
        return best, now_ms + best_key[0]

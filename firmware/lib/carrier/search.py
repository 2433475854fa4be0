"""The order within one search: which pair of UDP rungs is raced now, and which stream is opened."""

from carrier.rung import Rung
from wg.compat import TYPE_CHECKING

if TYPE_CHECKING:
    from carrier.standing import Standing

REMEMBERED_MS = 2_000  # what worked last is alone for so long
REPEAT_MS = 1_000  # and is asked a second time within it
# For a pair of UDP, in the first round and later: where nothing works, little is to be seen.
SLOT_MS = (1_200, 1_800, 2_700, 4_000, 5_000, 8_000, 12_000, 15_000)
STREAMS_FROM_MS = 3_000
HURRY_MS = 700  # the same where streams are likely, and UDP may still be a way
HOPE_MS = 2_000  # a stream that may be opened so soon is worth waiting for


class Search:
    """One search, from its begin until something answers. Rungs are their numbers."""

    def __init__(self, standing: "Standing", now_ms: int, home: int, is_hurried: bool) -> None:
        """home: what is alone at first, -1: nothing. is_hurried: streams soon; then home is but the
        first of them.
        """
        self._standing = standing
        self._rungs: "list[Rung]" = standing.rungs
        self._now_ms = now_ms
        self._home = home
        self._alone_ms = now_ms + (REMEMBERED_MS if home >= 0 and not is_hurried else 0)
        self._slot_ms = now_ms  # when the next race begins
        self._round = -1
        self._queue: "list[int]" = []
        self._pair: "list[int]" = []
        self._asked: "list[int]" = []
        self._failed: "list[int]" = []  # streams, in this search
        self._is_turn_of_stream = False
        self._streams_ms = now_ms
        if any(self._may_race(i) for i in standing.numbers(False)):
            self._streams_ms += HURRY_MS if is_hurried else STREAMS_FROM_MS

    def stream_to_open(self, now_ms: int) -> int:
        """-1: none now."""
        self._now_ms = now_ms
        home = self._home
        if (
            home < 0
            or home in self._failed
            or not self._rungs[home].is_stream
            or self._standing.ready_ms[home] > now_ms
        ):
            home = -1
        if now_ms < self._alone_ms:
            return home
        if now_ms < self._streams_ms:
            return -1
        if home >= 0:
            return home
        i, when_ms = self._standing.next_stream(now_ms, self._with_frozen())
        return i if when_ms <= now_ms else -1

    def step(self, stream: int, now_ms: int) -> "list[int]":
        """Whom to race now; empty: nobody. stream: that is open, else -1."""
        if now_ms < self._slot_ms:
            return []
        if now_ms < self._alone_ms:
            self._slot_ms = now_ms + REPEAT_MS
            if self._rungs[self._home].is_stream:
                return [stream] if stream == self._home else []
            return [self._home]
        self._pair = self._next_pair()
        self._slot_ms = now_ms + self._length_ms()
        return self._together(stream)

    def with_stream(self, stream: int, now_ms: int) -> "list[int]":
        """A stream has come to be open: whom to race, at once."""
        self._is_turn_of_stream = True
        self._slot_ms = now_ms + (REPEAT_MS if now_ms < self._alone_ms else self._length_ms())
        return self._together(stream)

    def at_once(self, i: int, stream: int, now_ms: int) -> "list[int]":
        """A probe was answered: whom to race, at once."""
        self._queue = [each for each in self._queue if each != i]
        self._pair = [i]
        self._is_turn_of_stream = False
        self._slot_ms = now_ms + self._length_ms()
        return self._together(stream)

    def ask(self) -> "list[int]":
        """Whom to send a probe meanwhile: who is raced next, each once in a round."""
        asked = [i for i in self._queue[:2] if i not in self._asked]
        self._asked += asked
        return asked

    def stream_failed(self, i: int) -> None:
        """It could not be opened, or brought no answer."""
        if i not in self._failed:
            self._failed.append(i)
        if i == self._home:
            self._alone_ms = 0

    def until_ms(self, has_stream: bool, now_ms: int) -> int:
        """When there is something to do if nothing is told before."""
        if now_ms < self._alone_ms:
            return min(self._slot_ms, self._alone_ms)
        until_ms = self._slot_ms
        if not has_stream:
            i, when_ms = self._standing.next_stream(now_ms, self._with_frozen())
            if i >= 0:
                until_ms = min(until_ms, max(when_ms, self._streams_ms))
        return until_ms

    # --- within ---

    def _length_ms(self) -> int:
        return SLOT_MS[min(max(self._round, 0), len(SLOT_MS) - 1)]

    def _together(self, stream: int) -> "list[int]":
        """The pair and the stream, as far as one initiation can be for both."""
        pair = self._pair
        if stream < 0:
            return list(pair)
        if pair and self._rungs[pair[0]].is_shaped != self._rungs[stream].is_shaped:
            self._is_turn_of_stream = not self._is_turn_of_stream
            return list(pair) if self._is_turn_of_stream else [stream]
        return [stream] + pair

    def _next_pair(self) -> "list[int]":
        if not self._queue:
            self._fill()
        if not self._queue:
            return []
        pair = [self._queue.pop(0)]
        is_shaped = self._rungs[pair[0]].is_shaped
        for i in self._queue:
            if self._rungs[i].is_shaped == is_shaped:
                self._queue.remove(i)
                pair.append(i)
                break
        home = self._standing.home
        # What worked here before comes back with the network, so it is in every race later on.
        if (
            self._round > 0
            and home >= 0
            and home not in pair
            and self._may_race(home)
            and self._rungs[home].is_shaped == is_shaped
        ):
            pair.append(home)
        return pair

    def _fill(self) -> None:
        """Begin a round: what froze comes last, and its kin."""
        self._round += 1
        self._asked = []
        order = []
        for i in self._standing.numbers(False):
            if self._may_race(i):
                rank = 2 if self._standing.is_frozen[i] else 0
                order.append((rank + (1 if self._standing.has_frozen_kin(i) else 0), i))
        self._queue = [i for _, i in sorted(order)]

    def _may_race(self, i: int) -> bool:
        if self._rungs[i].is_stream:
            return False
        if self._standing.is_frozen[i]:
            return self._with_frozen()
        # Where one UDP rung froze the next will, too, and it answers before any stream.
        return not (self._standing.has_frozen_kin(i) and self._has_hope_of_streams())

    def _with_frozen(self) -> bool:
        return self._round > 0 and not self._has_hope_of_streams()

    def _has_hope_of_streams(self) -> bool:
        """Whether some stream was not tried in this search and can be, or is being tried."""
        return any(
            i not in self._failed
            and not self._standing.is_frozen[i]
            and self._standing.ready_ms[i] <= self._now_ms + HOPE_MS
            for i in self._standing.numbers(True)
        )

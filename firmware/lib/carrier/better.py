"""Something better than a stream that carries: UDP, asked for rarely and quietly."""

from wg.compat import TYPE_CHECKING

if TYPE_CHECKING:
    from carrier.standing import Standing

BETTER_MS = 1_800_000  # between looks
MOVE_MS = 3_000  # for one whose probe was answered to answer an initiation, too


class Better:
    """The looks for it, from when on a rung carries. Rungs are their numbers."""

    def __init__(self, standing: "Standing") -> None:
        self._standing = standing
        self._look_ms = 0  # when the next look is; 0: there is nothing better
        self._moving_ms = 0  # until when a better rung may answer; 0: none is to
        self._turn = 0

    def begin(self, carrying: int, now_ms: int) -> None:
        """This rung carries from now on."""
        self._moving_ms = 0
        self._look_ms = 0
        if self._candidates(carrying):
            self._look_ms = now_ms + self._standing.jittered(BETTER_MS)

    def look(self, carrying: int, now_ms: int) -> "list[int]":
        """Whom to ask now: two of one shape at the most, others each time; empty: nobody."""
        if not self._look_ms or now_ms < self._look_ms:
            return []
        self._look_ms = now_ms + self._standing.jittered(BETTER_MS)
        self._standing.thaw(now_ms)
        better = self._candidates(carrying)
        if not better:
            return []
        start = self._turn % len(better)
        pair = (better[start:] + better[:start])[:2]
        rungs = self._standing.rungs
        pair = [i for i in pair if rungs[i].is_shaped == rungs[pair[0]].is_shaped]
        self._turn = start + len(pair)
        return pair

    def move(self, carrying: int, i: int, now_ms: int) -> bool:
        """A probe was answered: whether the tunnel is to go there."""
        if i not in self._candidates(carrying):
            return False
        self._moving_ms = now_ms + MOVE_MS
        return True

    def answered(self) -> None:
        """A handshake came about, or there is nothing to move from any more."""
        self._moving_ms = 0

    def is_over(self, now_ms: int) -> bool:
        """Whether one that answered a probe has answered nothing else; the tunnel goes back."""
        if not self._moving_ms or now_ms < self._moving_ms:
            return False
        self._moving_ms = 0
        return True

    def until_ms(self, latest_ms: int) -> int:
        """When there is something to do."""
        for ms in (self._look_ms, self._moving_ms):
            if ms:
                latest_ms = min(latest_ms, ms)
        return latest_ms

    def _candidates(self, carrying: int) -> "list[int]":
        """UDP, which no stream is as good as."""
        standing = self._standing
        if carrying < 0 or not standing.rungs[carrying].is_stream:
            return []
        return [i for i in standing.numbers(False) if not standing.is_frozen[i]]

"""Which rung is tried when: the policy of a search for a way out, without I/O and without a clock.

Whoever drives it calls next() again and again, does what it says, and tells what came of it:

    wait_ms, actions = ladder.next(now_ms)
    for kind, rungs in actions: ...

| action | what is to be done |
| --- | --- |
| OPEN, [rung] | connect, through proxy and TLS as it needs; then opened(), or failed() |
| RACE, rungs | one handshake initiation, sent to all of these at once, after their decoys; |
| | the first answer of any of them is answered(). Until then packets go by the first |
| ASK, rungs | a probe outside of the tunnel to each, which moves nothing; found() |
| PROVE, [rung] | the tunnel is there by this rung: send 64 KiB both ways (proof.py); then |
| | proven(), failed() or frozen() |
| CARRY, [rung] | it is the way from now on: keep it in memory |
| CLOSE, [rung] | its stream is of no use any more; nothing is told of it |

UDP rungs are raced two at a time, in their order. Streams are opened one at a time beside them,
from STREAMS_FROM_MS on. What worked here last comes first and alone. A search never ends without a
rung: it goes round, more slowly each time.
"""

from carrier.better import Better
from carrier.rung import TLS, Rung
from carrier.search import Search
from carrier.standing import BUSY, SILENT, STEADY_MS, UNANSWERED, Standing
from wg.compat import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    Action = tuple[int, list[Rung]]

# Actions.
OPEN, RACE, ASK, PROVE, CARRY, CLOSE = range(6)
# States.
SEARCHING, PROVING, CARRYING = range(3)

CONNECT_MS = 3_500  # for a stream, unless reached() says that somebody is there
STREAM_MS = 8_000  # until it is opened
# Without TLS and proxy that is one question and its answer, which take as long as connecting did,
# or somewhat longer.
UPGRADE_MS = 3_000
UPGRADE_TRIPS = 3
ANSWER_MS = 3_000  # for the tunnel to answer by it then
PROOF_MS = 120_000  # proof.py says earlier when nothing comes any more
FOREVER_MS = 3_600_000


class Ladder:
    """The search on one network, and afterwards what is better than the rung that it found."""

    def __init__(
        self,
        rungs: "list[Rung]",
        random_bytes: "Callable[[int], bytes]",
        now_ms: int,
        remembered: "bytes | None" = None,
        bad: "list[bytes] | None" = None,
        has_probe: bool = False,
    ) -> None:
        """rungs: best first (settings.rungs()). remembered, bad: ids, of networks.Network.

        has_probe: whether ASK can be done, which needs a header protection key at both ends;
        without it a better rung is raced with the one that carries.
        """
        self.rungs = rungs
        self.state = SEARCHING
        self.has_probe = has_probe
        self._random_bytes = random_bytes
        self._standing = Standing(rungs, random_bytes, [])
        self.restart(now_ms, remembered, bad)

    def restart(
        self,
        now_ms: int,
        remembered: "bytes | None" = None,
        bad: "list[bytes] | None" = None,
        is_hurried: bool = False,
    ) -> None:
        """The uplink has changed: all streams are gone, and what is known is of another network.

        is_hurried: remembered is of another network: a stream that waits a little for UDP.
        """
        self._standing = Standing(self.rungs, self._random_bytes, bad or [], self._standing)
        self._actions: "list[Action]" = []
        self._unjudged: "list[int]" = []  # in the race that is on, for the first time
        self._number = -1  # of the rung that carries or is being proven
        self._fallback = -1  # that carries on if the one that is being proven does not
        self._stream = -1  # that is being opened, or is open and not the one that carries
        self._is_open = self._is_reached = False
        self._stream_ms = 0  # until when it has time
        self._proof_ms = 0
        self._better = Better(self._standing)
        home = -1
        for i, rung in enumerate(self.rungs):
            if remembered is not None and rung.id() == remembered:
                home = i
        self._standing.home = home
        if home >= 0:
            self._standing.is_proven[home] = True
        self._search(now_ms, home, is_hurried)

    def move_on(self) -> None:
        """This is another network than before: streams that were opened there do not count."""
        self._standing.forget_opens()

    @property
    def rung(self) -> "Rung | None":
        """What carries or is being proven."""
        return self.rungs[self._number] if self._number >= 0 else None

    def next(self, now_ms: int) -> "tuple[int, list[Action]]":
        """(milliseconds until it has to be called again if nothing is told before, actions)."""
        until_ms = now_ms + FOREVER_MS
        if self._stream >= 0 and not (self._is_open and self.state == PROVING):
            if now_ms >= self._stream_ms:
                why = UNANSWERED if self._is_reached else SILENT
                self._drop_stream(why, now_ms, is_to_close=True)
            else:
                until_ms = min(until_ms, self._stream_ms)
        if self.state == SEARCHING:
            until_ms = min(until_ms, self._step(now_ms))
        elif self.state == PROVING:
            if now_ms >= self._proof_ms:
                self._leave(SILENT, False, now_ms)
                until_ms = now_ms
            else:
                until_ms = min(until_ms, self._proof_ms)
        else:
            until_ms = min(until_ms, self._carry_on(now_ms))
        actions, self._actions = self._actions, []
        return max(0, until_ms - now_ms), actions

    # --- what came of it; each is followed by next() at once ---

    def reached(self, rung: Rung, now_ms: int) -> None:
        """Somebody has taken the TCP connection: it is worth the rest of its time."""
        if self._standing.find(rung) == self._stream >= 0 and not self._is_reached:
            self._is_reached = True
            began_ms = self._standing.began_ms[self._stream]
            self._stream_ms = began_ms + STREAM_MS
            if rung.kind != TLS and not rung.is_proxied:
                patience_ms = max(UPGRADE_MS, UPGRADE_TRIPS * (now_ms - began_ms))
                self._stream_ms = min(self._stream_ms, now_ms + patience_ms)

    def opened(self, rung: Rung, now_ms: int) -> None:
        """Its stream carries datagrams."""
        if self._standing.find(rung) == self._stream >= 0 and not self._is_open:
            self._is_open = True
            self._stream_ms = now_ms + ANSWER_MS
            if self.state == SEARCHING:
                self._on_race(self._progress.with_stream(self._stream, now_ms))

    def answered(self, rung: Rung, now_ms: int) -> None:
        """A handshake was completed by it: the tunnel's endpoint is there."""
        i = self._standing.find(rung)
        self._better.answered()
        if i < 0 or (i == self._number and self.state != SEARCHING):
            return
        # The other end answers the copy that comes first: who lost by that is not silent.
        for each in self._unjudged:
            if each != i and not self.rungs[each].is_stream:
                self._standing.outcomes[each] = ""
        self._unjudged = []
        if self.state == CARRYING:
            self._fallback = self._number
        self.state = PROVING
        self._number = i
        self._proof_ms = now_ms + PROOF_MS
        self._do(PROVE, [i])

    def proven(self, rung: Rung, now_ms: int) -> None:
        """The proof came through."""
        i = self._standing.find(rung)
        if self.state != PROVING or i != self._number:
            return
        before = self._fallback
        self._fallback = -1
        if before >= 0 and before != i and self.rungs[before].is_stream:
            self._do(CLOSE, [before])
        if self._stream == i:
            self._stream = -1
        elif self._stream >= 0:
            self._do(CLOSE, [self._stream])
            self._stream = -1
        self._standing.prove(i)
        self.state = CARRYING
        self._better.begin(i, now_ms)
        self._do(CARRY, [i])

    def failed(self, rung: Rung, why: str, now_ms: int) -> None:
        """It could not be opened, or its proof had no answer. why: a code, kept for tried()."""
        i = self._standing.find(rung)
        if i >= 0 and i == self._number:
            self._leave(why, False, now_ms)
        elif i >= 0 and i == self._stream:
            self._drop_stream(why, now_ms, is_to_close=False)

    def frozen(self, rung: Rung, now_ms: int) -> None:
        """It carried something, and then nothing more came, in the proof or later."""
        if self._standing.find(rung) == self._number >= 0:
            self._leave("", True, now_ms)

    def ended(self, rung: Rung, why: str, now_ms: int) -> None:
        """Its stream ended by itself."""
        i = self._standing.find(rung)
        if i < 0:
            return
        if i == self._fallback:
            self._fallback = -1
        if i == self._number:
            is_steady = now_ms - self._standing.began_ms[i] >= STEADY_MS
            self._standing.lose(i, why, now_ms)
            self._forget_stream(i)
            self._number = -1
            self._search(now_ms, i if is_steady else -1)
        elif i == self._stream:
            self._drop_stream(why, now_ms, is_to_close=False)

    def found(self, rung: Rung, now_ms: int) -> None:
        """A probe was answered."""
        i = self._standing.find(rung)
        if i < 0 or rung.is_stream:
            return
        if self.state == SEARCHING:
            self._on_race(self._progress.at_once(i, self._open_stream(), now_ms))
        elif self.state == CARRYING and self._better.move(self._number, i, now_ms):
            self._do(RACE, [i])

    def tried(self) -> "list[tuple[Rung, str]]":
        """Rungs that were tried on this network, and what came of each; the order is theirs."""
        outcomes = self._standing.outcomes
        return [(rung, outcomes[i]) for i, rung in enumerate(self.rungs) if outcomes[i]]

    # --- within ---

    def _do(self, action: int, numbers: "list[int]") -> None:
        self._actions.append((action, [self.rungs[i] for i in numbers]))

    def _search(self, now_ms: int, home: int = -1, is_hurried: bool = False) -> None:
        """Begin a search. home: what is tried first and alone; is_hurried: streams at once."""
        self.state = SEARCHING
        self._better.answered()
        self._standing.thaw(now_ms)
        self._progress = Search(self._standing, now_ms, home, is_hurried)
        if self._is_open:
            self._stream_ms = now_ms + ANSWER_MS

    def _carry_on(self, now_ms: int) -> int:
        """Look for something better now and then; until when there is nothing to do."""
        carrying = self._number
        if self._better.is_over(now_ms):
            self._do(RACE, [carrying])
        pair = self._better.look(carrying, now_ms)
        if pair:
            self._do(ASK if self.has_probe else RACE, pair if self.has_probe else [carrying] + pair)
        return self._better.until_ms(now_ms + FOREVER_MS)

    def _step(self, now_ms: int) -> int:
        """What a search does now, and until when there is nothing more."""
        stream = self._stream
        if stream < 0:
            i = self._progress.stream_to_open(now_ms)
            if i >= 0:
                self._stream = i
                self._is_open = self._is_reached = False
                self._stream_ms = now_ms + CONNECT_MS
                self._standing.open(i, now_ms)
                self._do(OPEN, [i])
        self._on_race(self._progress.step(self._open_stream(), now_ms))
        if self.has_probe:
            asked = self._progress.ask()
            if asked:
                self._do(ASK, asked)
        until_ms = self._progress.until_ms(self._stream >= 0, now_ms)
        return min(until_ms, self._stream_ms) if self._stream >= 0 else until_ms

    def _on_race(self, numbers: "list[int]") -> None:
        if not numbers:
            return
        outcomes = self._standing.outcomes
        self._unjudged = [i for i in numbers if not outcomes[i]]
        for i in self._unjudged:
            outcomes[i] = SILENT
        self._do(RACE, numbers)

    def _open_stream(self) -> int:
        return self._stream if self._is_open else -1

    def _forget_stream(self, i: int) -> None:
        if self._stream == i:
            self._stream = -1
            self._is_open = self._is_reached = False

    def _drop_stream(self, why: str, now_ms: int, is_to_close: bool) -> None:
        """The one that is being opened, or has brought no answer."""
        i = self._stream
        self._forget_stream(i)
        self._standing.strike(i, why, now_ms)
        if why != BUSY:
            self._progress.stream_failed(i)
        if is_to_close:
            self._do(CLOSE, [i])

    def _leave(self, why: str, is_frozen: bool, now_ms: int) -> None:
        """The rung that carries or is being proven does not do."""
        i = self._number
        if is_frozen:
            self._standing.freeze(i, now_ms, self.state == CARRYING)
        else:
            self._standing.strike(i, why, now_ms)
        if self.rungs[i].is_stream:
            self._forget_stream(i)
            self._do(CLOSE, [i])
        self._number, self._fallback = self._fallback, -1
        if self._number >= 0:
            # It still carries, but the tunnel's endpoint has to go back.
            self.state = CARRYING
            self._better.begin(self._number, now_ms)
            self._do(RACE, [self._number])
            return
        self._search(now_ms, -1, is_hurried=True)

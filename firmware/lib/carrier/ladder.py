"""Which rung is tried when: the policy of a search for a way out, without I/O and without a clock.

Whoever drives it calls next() again and again, does what it says, and tells what came of it:

    wait_ms, actions = ladder.next(now_ms)
    for kind, rungs in actions: ...

| action | what is to be done |
| --- | --- |
| OPEN, [rung] | connect, through proxy and TLS as it needs; then opened(), or failed() |
| RACE, rungs | one handshake initiation, sent to all of these at once, after their decoys; |
| | the first answer of any of them is answered() |
| ASK, rungs | a probe outside of the tunnel to each, which moves nothing; found() |
| PROVE, [rung] | the tunnel is there by this rung: send 64 KiB both ways (proof.py); then |
| | proven(), failed() or frozen() |
| CARRY, [rung] | it is the way from now on: keep it in memory |
| CLOSE, [rung] | its stream is of no use any more; nothing is told of it |

UDP rungs are raced two at a time, in their order. Streams are opened one at a time beside them,
from STREAMS_FROM_MS on. What worked here last comes first and alone. A search never ends without a
rung: it goes round, more slowly each time.
"""

from carrier.rung import Rung
from carrier.standing import Standing
from wg.compat import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    Action = tuple[int, list[Rung]]

# Actions.
OPEN, RACE, ASK, PROVE, CARRY, CLOSE = range(6)
# States.
SEARCHING, PROVING, CARRYING = range(3)

REMEMBERED_MS = 2_000  # what worked last is alone for so long
REPEAT_MS = 1_000  # and is asked a second time within it
SLOT_MS = (1_200, 1_800, 2_700, 4_000, 5_000)  # for a pair of UDP, in the first round and later
STREAMS_FROM_MS = 3_000
CONNECT_MS = 3_500  # for a stream, unless reached() says that somebody is there
STREAM_MS = 8_000  # until it is opened, and the tunnel has answered by it
PROOF_MS = 120_000  # proof.py says earlier when nothing comes any more
BETTER_MS = 1_800_000  # between looks for a better rung
MOVE_MS = 3_000  # for a better rung to answer
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
        self.rung: "Rung | None" = None  # that is proven or being proven
        self.has_probe = has_probe
        self._random_bytes = random_bytes
        self._standing = Standing(rungs, random_bytes, bad or [])
        self.restart(now_ms, remembered, bad)

    def restart(
        self, now_ms: int, remembered: "bytes | None" = None, bad: "list[bytes] | None" = None
    ) -> None:
        """The uplink has changed: all streams are gone, and what is known is of another network."""
        raise NotImplementedError

    def next(self, now_ms: int) -> "tuple[int, list[Action]]":
        """(milliseconds until it has to be called again if nothing is told before, actions)."""
        raise NotImplementedError

    # --- what came of it; each is followed by next() at once ---

    def reached(self, rung: Rung, now_ms: int) -> None:
        """Somebody has taken the TCP connection: it is worth the rest of its time."""

    def opened(self, rung: Rung, now_ms: int) -> None:
        """Its stream carries datagrams."""

    def answered(self, rung: Rung, now_ms: int) -> None:
        """A handshake was completed by it: the tunnel's endpoint is there."""

    def proven(self, rung: Rung, now_ms: int) -> None:
        """The proof came through."""

    def failed(self, rung: Rung, why: str, now_ms: int) -> None:
        """It could not be opened, or the proof did not begin. why: a code, kept for tried()."""

    def frozen(self, rung: Rung, now_ms: int) -> None:
        """It carried something, and then nothing more came, in the proof or later."""

    def ended(self, rung: Rung, why: str, now_ms: int) -> None:
        """Its stream ended by itself."""

    def found(self, rung: Rung, now_ms: int) -> None:
        """A probe was answered."""

    def tried(self) -> "list[tuple[Rung, str]]":
        """Rungs that were tried on this network, and what came of each; the order is theirs."""
        raise NotImplementedError

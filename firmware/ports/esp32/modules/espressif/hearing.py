"""What is heard, for whoever asks: a person who chooses a network, or ourselves."""

from espressif import air, joining
from wg.compat import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from box.links import Heard

    from espressif.joining import Joining
    from espressif.station import Station
    from espressif.worker import Worker

    Answer = Callable[[list[Heard]], object]

# Whoever asks gets what was heard before when the radio is not free until then.
WAIT_MAX_MS = 6_000


class Hearing:
    def __init__(self, its_station: "Station", worker: "Worker", its_joining: "Joining") -> None:
        """its_joining: learns of what is heard, and knows whether the radio is free for it."""
        self._station = its_station
        self._worker = worker
        self._joining = its_joining
        self._asked: "list[tuple[int, Answer]]" = []

    def ask(self, done: "Answer", now_ms: int) -> None:
        """done: called once, with each name once, the strongest first."""
        self._asked.append((now_ms + WAIT_MAX_MS, done))

    def step(self, now_ms: int, has_uplink: bool) -> None:
        """Listen, or answer with what was heard before, if anybody asks."""
        if not self._asked:
            return
        # Those who work over our own network must not lose it because somebody is curious.
        may_disturb = not self._joining.is_serving or not has_uplink
        is_quiet = self._joining.phase not in (joining.LISTENING, joining.JOINING)
        is_free = self._station.is_on and not self._worker.is_busy
        if is_free and is_quiet and may_disturb:
            self.listen(now_ms)
        elif not may_disturb or now_ms >= self._asked[0][0]:
            self._answer(self._take())

    def listen(self, now_ms: int) -> None:
        """Now, for all who have asked so far."""
        if self._station.is_on and not self._worker.is_busy:
            asked = self._take()
            self._worker.start(
                self._station.listen,
                lambda heard, error: self._has_heard(asked, heard, error, now_ms),
            )

    def _take(self) -> "list[Answer]":
        asked, self._asked = self._asked, []
        return [done for _, done in asked]

    def _has_heard(
        self,
        asked: "list[Answer]",
        heard: "list[air.Told] | None",
        error: "Exception | None",
        now_ms: int,
    ) -> None:
        self._joining.note(heard, error, now_ms)
        self._answer(asked)

    def _answer(self, asked: "list[Answer]") -> None:
        for done in asked:
            done(air.summary(self._joining.heard))

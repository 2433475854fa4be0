"""Joining one of the networks that the box knows, and staying there: the uplink by Wi-Fi.

Listening and joining cost the clients of our own network: the radio is on other channels meanwhile.
So both happen only while there is no uplink, and after pauses that double.
"""

from espressif import air, station
from wg.compat import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from box.box_settings import Network

    from espressif.air import Target, Told
    from espressif.station import Station
    from espressif.worker import Worker

    Log = Callable[[str, str], object]
    Tried = Callable[[bool], object]

# Between two rounds of all known networks, of which none let us in: from the first to the second.
PAUSE_MS = 1_000
PAUSE_MAX_MS = 30_000
# As long as somebody is on our own network.
PAUSE_SERVING_MS = 10_000
PAUSE_SERVING_MAX_MS = 60_000
# A link that was lost so soon after it came was none: the next pause is the longer one.
LASTING_MS = 15_000
# A network that gives no address by then is left for another one.
ADDRESS_MAX_MS = 25_000
# What was heard is still true so long.
FRESH_MS = 20_000

# Nothing to do; listening to what is there; joining a target; joined; until the next round.
IDLE, LISTENING, JOINING, JOINED, PAUSING = range(5)


class Joining:
    """phase. target: the one that is being joined, or is. heard: what was told last.

    failures: SSID to half a sentence, for each known network that did not let us in this time.
    is_serving: to be set: whether there are clients that listening would disturb.
    """

    def __init__(self, its_station: "Station", worker: "Worker", log: "Log") -> None:
        self.phase = IDLE
        self.target: "Target | None" = None
        self.heard: "list[Told]" = []
        self.has_listened = False
        self.failures: "dict[bytes, str]" = {}
        self.is_serving = False
        self.wants_address = False
        # Called before a network that was joined is left on purpose.
        self.on_leaving: "Callable[[], object] | None" = None
        self._station = its_station
        self._worker = worker
        self._log = log
        self._networks: "list[Network]" = []
        self._is_wanted = False
        self._left: "list[Target]" = []  # of this round, still to be tried
        self._last: "Target | None" = None  # the one that let us in last
        self._since_ms = 0  # when the phase began
        self._pause_ms = 0
        self._listened_ms = 0
        self._trial: "Tried | None" = None  # somebody waits to know
        self._has_begun = (
            False  # the attempt, which has to wait while the radio does something else
        )
        self._is_return = False  # the attempt is at the one that let us in last

    @property
    def is_joined(self) -> bool:
        return self.phase == JOINED

    def know(self, networks: "list[Network]", now_ms: int) -> None:
        """The networks of now on, the first preferred; they stay the caller's."""
        self._networks = networks
        self._last = None
        self.failures = {}
        self._restart(now_ms)

    def want(self, is_wanted: bool, now_ms: int) -> None:
        """Whether an uplink by Wi-Fi is wanted."""
        if is_wanted != self._is_wanted:
            self._is_wanted = is_wanted
            self._restart(now_ms)

    def attempt(self, target: "Target", done: "Tried", now_ms: int) -> None:
        """Leave what there is and join this; done(whether it let us in) comes once."""
        self._end_trial(False)
        self._leave()
        self._left = []
        self._trial = done
        self._join(target, now_ms)

    def step(self, now_ms: int) -> None:
        """Go on. Nothing is done while the worker has the radio."""
        if self._worker.is_busy or not self._station.is_on:
            return
        if self.phase == LISTENING:
            self._listen(now_ms)
        elif self.phase == JOINING:
            self._look_at_attempt(now_ms)
        elif self.phase == JOINED:
            self._look_at_link(now_ms)
        elif self.phase == PAUSING and now_ms - self._since_ms >= self._pause_ms:
            self._begin_round(now_ms)

    # --- phases ---

    def _restart(self, now_ms: int) -> None:
        self._end_trial(False)
        self._leave()
        self._pause_ms = 0
        self._last = None
        self._left = []
        if self._is_wanted and self._networks:
            self._begin_round(now_ms)
        else:
            self._begin(IDLE, now_ms)

    def _begin(self, phase: int, now_ms: int) -> None:
        self.phase = phase
        self._since_ms = now_ms

    def _begin_round(self, now_ms: int) -> None:
        """Try the one that let us in last at once: it is back soon, as a rule. Else listen."""
        last, self._last = self._last, None
        self._left = []
        if last is not None:
            self._join(last, now_ms)
            self._is_return = True
        elif self.heard and now_ms - self._listened_ms < FRESH_MS and not self._pause_ms:
            self._choose(now_ms)
        else:
            self._begin(LISTENING, now_ms)

    def _listen(self, now_ms: int) -> None:
        self._worker.start(
            self._station.listen, lambda heard, error: self._has_heard(heard, error, now_ms)
        )

    def _has_heard(
        self, heard: "list[Told] | None", error: "Exception | None", began_ms: int
    ) -> None:
        self.note(heard, error, began_ms)
        if self.phase == LISTENING:
            self._choose(began_ms)

    def note(self, heard: "list[Told] | None", error: "Exception | None", now_ms: int) -> None:
        """What was heard, whoever wanted to know. While joining, the radio refuses to listen, and
        tells that it has heard nothing: nobody may ask it then.
        """
        self.has_listened = True
        if error is not None:
            self._log("warning", "Wi-Fi: the radio cannot listen (%s)" % error)
        else:
            self.heard = heard or []
            self._listened_ms = now_ms

    def _choose(self, now_ms: int) -> None:
        self._left = air.targets(self.heard, self._networks)
        there = [target.network.ssid for target in self._left]
        for network in self._networks:
            if network.ssid not in there:
                why = air.misfit(self.heard, network) or "it is not found"
                self.failures[network.ssid] = why
        self._join_next(now_ms)

    def _join_next(self, now_ms: int) -> None:
        if self._left:
            self._join(self._left.pop(0), now_ms)
        else:
            self._pause(now_ms)

    def _join(self, target: "Target", now_ms: int) -> None:
        self.target = target
        self._has_begun = self._is_return = False
        self._begin(JOINING, now_ms)

    def _look_at_attempt(self, now_ms: int) -> None:
        target = self.target
        if not self._has_begun and target is not None:
            self._has_begun = True
            self._station.join(target, now_ms)
            return
        outcome = self._station.outcome(now_ms)
        if outcome == station.JOINED:
            self._has_joined(now_ms)
        elif outcome == station.FAILED:
            self._has_failed(self._station.why, now_ms)

    def _has_joined(self, now_ms: int) -> None:
        target = self.target
        if target is not None:
            self.failures.pop(target.network.ssid, None)
            self._log("info", "Wi-Fi: joined '%s'" % shown(target.network.ssid))
        self._begin(JOINED, now_ms)
        self._end_trial(True)

    def _has_failed(self, why: str, now_ms: int) -> None:
        target = self.target
        self._leave()
        if target is not None:
            ssid = target.network.ssid
            if self.failures.get(ssid) != why:
                self._log("warning", "Wi-Fi: '%s': %s" % (shown(ssid), why))
            self.failures[ssid] = why
        if self._trial is not None:
            self._end_trial(False)
            self._restart(now_ms)
        elif self._is_return:
            self._begin(LISTENING, now_ms)
        else:
            self._join_next(now_ms)

    def _look_at_link(self, now_ms: int) -> None:
        lasted_ms = now_ms - self._since_ms
        if not self._station.has_link():
            why = self._station.words_of_loss()
            target = self.target
            self._log("warning", "Wi-Fi: the network is gone: %s" % why)
            self._leave()
            if target is not None:
                self.failures[target.network.ssid] = why
            if lasted_ms >= LASTING_MS:
                self._pause_ms = 0
                # One that was only tried is wiped by whoever asked for it.
                self._last = target if target and target.network in self._networks else None
                self._begin_round(now_ms)
            else:
                self._pause(now_ms)
        elif lasted_ms >= ADDRESS_MAX_MS and self._lacks_address():
            self._has_failed("it gives no address", now_ms)

    def _lacks_address(self) -> bool:
        """Nobody asks for one without a tunnel, or while the cable is the uplink."""
        return self._is_wanted and self.wants_address and not self._station.has_address()

    def _pause(self, now_ms: int) -> None:
        if not (self._is_wanted and self._networks):
            self._begin(IDLE, now_ms)
            return
        first, longest = PAUSE_MS, PAUSE_MAX_MS
        if self.is_serving:
            first, longest = PAUSE_SERVING_MS, PAUSE_SERVING_MAX_MS
        self._pause_ms = min(max(2 * self._pause_ms, first), longest)
        self._begin(PAUSING, now_ms)

    def _leave(self) -> None:
        if self.phase == JOINED and self.on_leaving is not None:
            self.on_leaving()
        if self.phase == JOINED or (self.phase == JOINING and self._has_begun):
            self._station.leave()
        self.target = None

    def _end_trial(self, is_joined: bool) -> None:
        if self._trial is not None:
            done, self._trial = self._trial, None
            done(is_joined)


def shown(ssid: bytes) -> str:
    """An SSID for the log: strangers choose it."""
    return "".join([chr(byte) if 32 <= byte < 127 else "?" for byte in ssid])

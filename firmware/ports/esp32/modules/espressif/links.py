"""How a board with a cable, a radio or both joins its networks: which of them is the uplink, which
the LAN, and when that changes.

There is one rule that nothing may break: an interface is a side of the router only while it is
known to be what it should be, and between two uplinks there is none. Everything else drops.
"""

import _board
import network
from box.box_settings import AUTO, ETHERNET, WIFI, Network, default_name
from box.links import Links as PlainLinks

from espressif import access_point, air, cable, joining, station, words
from espressif.access_point import AccessPoint
from espressif.cable import Cable
from espressif.hearing import Hearing
from espressif.joining import Joining
from espressif.station import Station
from espressif.worker import Worker
from wg.compat import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from box.box_settings import BoxSettings
    from box.control import Control
    from box.links import Heard, Problem

    from espressif.cable import Ethernet

    Sides = tuple[str | None, str | None]

# How often is looked at everything that may have changed; none of it waits.
LOOK_EVERY_MS = 250
# A cable takes over from a Wi-Fi that works once it has had its link so long.
CABLE_STEADY_MS = 1_500
# Between two tries to switch the radio on.
RADIO_AGAIN_MS = 10_000
# Nothing that is asked of the radio takes so long.
RADIO_STUCK_MS = 30_000


class Links(PlainLinks):
    """What box.program.run() wants. sides: (uplink, LAN), as _board has them."""

    def __init__(
        self, ethernet: "Ethernet | None", has_wifi: bool, log: "Callable[[str, str], object]"
    ) -> None:
        """ethernet, has_wifi: of the board's description."""
        self.has_wifi = has_wifi
        self.sides: "Sides" = (None, None)
        self._log = log
        self._worker = Worker()
        self._cable = Cable(ethernet, log)
        self._station = Station()
        self._joining = Joining(self._station, self._worker, log)
        self._joining.on_leaving = lambda: self._deny(None, self.sides[1])
        self._hearing = Hearing(self._station, self._worker, self._joining)
        self._access_point = AccessPoint(self._worker, log)
        self._control: "Control | None" = None
        self._medium = ""  # none of them before the first settings
        self._own_name = b""
        self._networks: "list[Network]" = []
        self._link_since_ms: "int | None" = None  # of the cable
        self._radio_why: "str | None" = None
        self._radio_again_ms = 0
        self._busy_since_ms: "int | None" = None  # the radio, with one thing

    # --- box.links.Links ---

    def start(self, control: "Control") -> None:
        self._control = control
        _board.set_interfaces(None, None)
        self._own_name = default_name(_board.mac(0)).encode()
        # In place of "mpy-esp32s3", which every DHCP server would be told.
        network.hostname("")
        self._cable.start()
        self._step()

    def apply(self, settings: "BoxSettings", carries: bool = True) -> None:
        now_ms = self._now_ms()
        self._joining.wants_address = carries
        self._medium = settings.uplink_medium
        if not _are_same(settings.networks, self._networks):
            before, self._networks = self._networks, [_copy(each) for each in settings.networks]
            self._joining.know(self._networks, now_ms)
            for former in before:
                former.wipe()
        ssid = settings.lan_ssid or self._own_name
        if self.has_wifi and self._access_point.set(ssid, settings.lan_password):
            self._deny(self.sides[0], None)
        self._look(now_ms)

    def scan(self, done: "Callable[[list[Heard]], object]") -> None:
        self._hearing.ask(done, self._now_ms())

    def connect(self, network: "Network", done: "Callable[[bool], object]") -> None:
        if not self.has_wifi:
            done(False)
            return
        self._joining.attempt(air.Target(network), done, self._now_ms())
        self._look(self._now_ms())

    def problem(self) -> "Problem | None":
        if self._cable.why is not None and self._medium == ETHERNET:
            return ("the board", self._cable.why, words.RESTART)
        if self._medium == ETHERNET or not self.has_wifi:
            return None  # no link: the cable's, as on every board
        if self._radio_why is not None:
            return ("the board", self._radio_why, words.RESTART)
        if self._is_stuck():
            return ("the board", "its radio does not answer", words.RESTART)
        if not self._networks:
            return words.no_network(self._cable.is_there)
        return words.problem_of(self._joining, self._networks)

    def status(self) -> "dict[str, object]":
        told: "dict[str, object]" = {
            "medium": words.MEDIA[self.sides[0]],
            "cable": self._cable.has_link(),
        }
        if self.has_wifi:
            told["wifi"] = words.wifi(self._joining, self._station, self.problem())
            told["own"] = words.own(self._access_point)
        return told

    # --- what goes on ---

    def _step(self) -> None:
        control = self._control
        if control is None:
            return
        self._look(control.now_ms())
        control.after(LOOK_EVERY_MS, self._step)

    def _look(self, now_ms: int) -> None:
        self._worker.look()
        if not self._worker.is_busy:
            self._busy_since_ms = None
        elif self._busy_since_ms is None:
            self._busy_since_ms = now_ms
        if self.has_wifi and not self._station.is_on:
            self._start_radio(now_ms)
        self._note_cable(now_ms)
        uses_cable = self._uses_cable(now_ms)
        by_wifi = self.has_wifi and self._medium in (AUTO, WIFI) and not uses_cable
        self._joining.want(by_wifi, now_ms)
        self._joining.is_serving = self._access_point.clients() > 0
        self._hearing.step(now_ms, self.sides[0] is not None)
        self._joining.step(now_ms)
        if self._joining.phase == joining.IDLE and not self._joining.has_listened:
            # Before there is a network of our own, to find a quiet channel for it.
            self._hearing.listen(now_ms)
        # After those: it has to wait until the radio has listened, and knows the uplink's channel.
        if self._joining.has_listened:
            self._access_point.step(now_ms, self._channel())
        self._settle(uses_cable)

    def _start_radio(self, now_ms: int) -> None:
        if not self._worker.is_busy and now_ms >= self._radio_again_ms:
            self._radio_again_ms = now_ms + RADIO_AGAIN_MS
            self._worker.start(self._station.start, self._radio_has_started)

    def _is_stuck(self) -> bool:
        since_ms = self._busy_since_ms
        return since_ms is not None and self._now_ms() - since_ms >= RADIO_STUCK_MS

    def _radio_has_started(self, _: object, error: "Exception | None") -> None:
        self._radio_why = None
        if error is not None:
            self._radio_why = "its radio does not start (%s)" % error
            self._log("error", "Wi-Fi: " + self._radio_why)

    def _note_cable(self, now_ms: int) -> None:
        if not self._cable.has_link():
            self._link_since_ms = None
        elif self._link_since_ms is None:
            self._link_since_ms = now_ms

    def _uses_cable(self, now_ms: int) -> bool:
        """Whether the cable is the uplink: with AUTO while it has a link."""
        if self._medium not in (AUTO, ETHERNET) or self._link_since_ms is None:
            return False
        if self.sides[0] == cable.NAME or not self._joining.is_joined:
            return True
        return now_ms - self._link_since_ms >= CABLE_STEADY_MS

    def _channel(self) -> int:
        """For our own network: the uplink's, which it has to follow anyway, or a quiet one."""
        target = self._joining.target
        wanted = None if target is None else target.channel
        return self._station.channel() or wanted or air.quiet_channel(self._joining.heard)

    # --- the sides ---

    def _settle(self, uses_cable: bool) -> None:
        """Have the router's sides be what they are now; nothing passes while they change."""
        uplink: "str | None" = None
        if uses_cable:
            uplink = cable.NAME
        elif self._joining.is_joined:
            uplink = station.NAME
        sides = (uplink, self._lan_side())
        before = self.sides
        if sides == before:
            return
        self._deny(
            before[0] if before[0] == sides[0] else None,
            before[1] if before[1] == sides[1] else None,
        )
        if sides != self.sides:
            _board.set_interfaces(*sides)
            self.sides = sides
        if sides[0] != before[0]:
            self._log("info", "uplink: by %s" % (words.MEDIA[sides[0]] or "nothing"))
            if sides[0] is not None and self.on_uplink is not None:
                self.on_uplink()

    def _deny(self, uplink: "str | None", lan: "str | None") -> None:
        """Have no more than these sides from now on: the others drop everything."""
        if self.sides != (uplink, lan):
            _board.set_interfaces(uplink, lan)
            self.sides = (uplink, lan)

    def _lan_side(self) -> "str | None":
        """Our own network; without one the socket, when it is said not to be the uplink."""
        if self._access_point.is_on:
            return access_point.NAME
        if self._medium == WIFI and self._cable.is_there and not self._access_point.is_wanted:
            return cable.NAME
        return None

    def _now_ms(self) -> int:
        return 1 if self._control is None else self._control.now_ms()


def _copy(network: Network) -> Network:
    password = network.password
    return Network(network.ssid, None if password is None else bytearray(password))


def _are_same(some: "list[Network]", others: "list[Network]") -> bool:
    return len(some) == len(others) and all(
        one.ssid == other.ssid and one.password == other.password
        for one, other in zip(some, others)
    )

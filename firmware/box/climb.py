"""Climbing: how a box finds a way to its gateway, and moves to another without losing anything.

The ladder (carrier.ladder) says what to try and when. Here that is done: initiations are sent,
streams opened, the tunnel proven by what passes through it, and what came of it is told to the
ladder. Keys stay as they are whichever way carries them, so clients notice a move as a short pause.
"""

from box.climb_streams import Streams
from box.freeze import LOOK_EVERY_MS
from box.inside import Inside
from box.race import Race
from box.targets import Targets
from box.way import PROVEN, STALLED, Way
from carrier import ladder as ladders
from carrier.inside import SHAPED
from carrier.ladder import Ladder
from carrier.standing import SILENT
from wg.compat import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from box.carriers import Carriers, Path
    from box.control import Control
    from box.inside import Results
    from box.places import Places
    from box.port_check import PortCheck
    from carrier.networks import Network
    from carrier.rung import Rung
    from wg.device import Device
    from wg.peer import Peer

CURRENT = 0  # of a peer's keypairs


class Climb:
    """One gateway's. ladder: None until the first begin(). way: what carries.

    inside: the gateway's service in the tunnel; None: it has none.
    """

    def __init__(
        self,
        path: "Path",
        device: "Device",
        control: "Control",
        peer: "Peer",
        carriers: "Carriers",
        places: "Places",
        set_mtu: "Callable[[int], object]",
        mtu: int,
    ) -> None:
        """set_mtu: gives the tunnel another MTU. mtu: the document's, the largest."""
        self.ladder: "Ladder | None" = None
        self.carriers = carriers
        self.places = places
        self.peer = peer
        self.path = path
        self.inside: "Inside | None" = None
        if carriers.inside is not None:
            self.inside = Inside(path, control, carriers.inside, carriers.random_bytes)
            self.inside.on_check = self._check_ports
        self.way = Way(device, control, peer, self.inside, set_mtu, mtu)
        self.way.on_proof = self._prove_ended
        self._device = device
        self._control = control
        self._streams = Streams(path, control, carriers, places, device.wall_clock)
        self._port_check: "PortCheck | None" = None
        self._targets = Targets(places, self._streams)
        self.race = Race(path, device, control, peer, carriers, self._targets)
        self._key_ms = 0
        self._place: "Network | None" = None  # the last that was known
        self._is_busy = False
        self._is_stopped = False
        self._is_paused = True
        places.on_found = self._go_on
        path.set_shape(carriers.shape)

    # --- for who runs the box ---

    def begin(self, network: "Network | None") -> None:
        """There is an uplink, or another one: look for a way. network: what is known of it."""
        now_ms = self._control.now_ms()
        self._is_paused = False
        is_known = network is not None and network is self._place
        self._place = network or self._place
        self._drop_all()
        self._targets.forget_streams()
        self.way.begin(network)
        remembered = None
        is_hurried = False
        if network is not None and network.rung is not None:
            remembered = network.rung
        elif self.way.rung is not None:
            # Nothing is known of this network: what worked elsewhere is as good a guess as any.
            # Only where it was a stream, UDP may pass here, and has a little time to show that.
            remembered = self.way.rung.id()
            is_hurried = self.way.rung.is_stream
        bad = None if network is None else network.bad
        if self.ladder is None:
            self.ladder = Ladder(
                self.carriers.rungs,
                self.carriers.random_bytes,
                now_ms,
                remembered,
                bad,
                self.carriers.probe_key is not None,
            )
            self._look()
        else:
            self.ladder.restart(now_ms, remembered, bad, is_hurried)
            if network is not None and not is_known:
                self.ladder.move_on()
        self._drive()

    def place(self, network: "Network") -> None:
        """It is known by now which network this is: what works here is tried first."""
        if self.ladder is None or self.ladder.state != ladders.SEARCHING:
            self.way.network = network
            self.way.remember()
        elif network.rung is not None or network.bad:
            self.begin(network)
        else:
            self.way.network = network
            if network is not self._place and self.ladder is not None:
                self._place = network
                self.ladder.move_on()
                self._drive()

    def pause(self) -> None:
        """There is no uplink: nothing can be tried."""
        self._is_paused = True
        self._control.forget(self)  # its next look may be half an hour away
        self._drop_all()

    def stop(self) -> None:
        """The tunnel is about to be closed."""
        self._is_stopped = True
        self.pause()
        self.places.stop()
        self.race.stop()
        self.path.set_shape(None)
        if self.inside is not None:
            self.inside.stop()
        self.carriers.wipe()

    def receive_inside(self) -> None:
        """Something came from inside of the tunnel."""
        if self.inside is not None:
            self.inside.receive()

    def work_streams(self) -> None:
        """The state of a stream has changed, or it has bytes."""
        if self._port_check is not None:
            self._port_check.work()
        if self.ladder is None or self._is_paused:
            return
        now_ms = self._control.now_ms()
        for rung, news, why in self._streams.work():
            if news == self._streams.REACHED:
                self.ladder.reached(rung, now_ms)
            elif news == self._streams.OPENED:
                self.ladder.opened(rung, now_ms)
            elif news == self._streams.FAILED:
                self.ladder.failed(rung, why, now_ms)
            else:
                self._lose(rung, why, now_ms)
        self._drive()

    def take_handshake(self) -> None:
        """A handshake message was taken: see whether it made keys, and by which way."""
        now_ms = self._control.now_ms()
        age_ms = self._device.tunnel.keypair_age(self.peer.number, CURRENT, now_ms)
        if self.ladder is None or age_ms < 0 or now_ms - age_ms == self._key_ms:
            return
        self._key_ms = now_ms - age_ms
        rung = self._targets.rung_of(self.peer.endpoint())
        if rung is None or (rung == self.way.rung and self.ladder.state == ladders.CARRYING):
            return
        self.race.clear()
        self.race.questions.clear()
        self.way.hold()
        self.ladder.answered(rung, now_ms)
        self._drive()

    # --- the ladder's wishes ---

    def _drive(self) -> None:
        """Have the ladder say what is to be done now, and do it."""
        if self._is_busy or self._is_paused or self.ladder is None:
            return  # whoever is at it asks again
        self._is_busy = True
        while True:
            wait_ms, actions = self.ladder.next(self._control.now_ms())
            if not actions:
                break
            for kind, rungs in actions:
                self._do(kind, rungs)
        self._is_busy = False
        if self._streams.has_new():
            self._control.after(0, self.work_streams, self._streams)
        self._control.after(wait_ms, self._drive, self)

    def _go_on(self) -> None:
        """Another address is known."""
        self.race.again()
        self.work_streams()

    def _do(self, kind: int, rungs: "list[Rung]") -> None:
        if kind == ladders.RACE:
            self.race.start(rungs)
        elif kind == ladders.OPEN:
            self._stop_port_check()
            self._streams.open(rungs[0])
        elif kind == ladders.ASK:
            self.race.ask(rungs, self._probed)
        elif kind == ladders.PROVE:
            self.way.prove(rungs[0])
        elif kind == ladders.CARRY:
            self.way.carry(rungs[0])
        elif kind == ladders.CLOSE:
            self._streams.close(rungs[0])
            self.way.leave(rungs[0])

    def _probed(self, rung: "Rung") -> None:
        if self.ladder is not None:
            self.take_handshake()  # it may have come with this, and comes first
            self.ladder.found(rung, self._control.now_ms())
            self._drive()

    def _check_ports(
        self, ports: "list[tuple[int, int]]", done: "Callable[[Results], object]"
    ) -> None:
        """The gateway wants to know how its ports look from here."""
        addresses = self.places.addresses(0)
        if not addresses:
            return
        self._stop_port_check()
        by_udp = [(port, how == SHAPED) for port, how in ports if how <= SHAPED]
        by_tcp = [each for each in ports if each[1] > SHAPED]
        self.race.questions.check_ports(
            addresses[0], by_udp, lambda found: self._check_streams(by_tcp, list(found), done)
        )

    def _check_streams(
        self, ports: "list[tuple[int, int]]", so_far: "Results", done: "Callable[[Results], object]"
    ) -> None:
        from box.port_check import PortCheck

        streams = Streams(
            self.path, self._control, self.carriers, self.places, self._device.wall_clock
        )
        check = self._port_check = PortCheck(streams, self._control, self.carriers)
        check.begin(ports, so_far, done)
        if self._streams.has_any():
            self._stop_port_check()  # a board has no other

    def _stop_port_check(self) -> None:
        check, self._port_check = self._port_check, None
        if check is not None:
            check.stop()

    # --- the way ---

    def _prove_ended(self, rung: "Rung", state: int) -> None:
        if self.ladder is None or self._is_stopped:
            return
        now_ms = self._control.now_ms()
        if state == PROVEN:
            self.ladder.proven(rung, now_ms)
        elif state == STALLED:
            self._freeze(rung, now_ms)
        else:
            self.way.leave(rung)
            self.ladder.failed(rung, SILENT, now_ms)
        self._drive()

    def _look(self) -> None:
        """Now and then: whether the way still carries, and keeps carrying."""
        if self._is_stopped:
            return
        self._control.after(LOOK_EVERY_MS, self._look)
        now_ms = self._control.now_ms()
        if self.ladder is None or self._is_paused:
            return
        self.take_handshake()
        self._streams.ping(now_ms)
        rung = self.way.rung
        silent = self._streams.silent(now_ms)
        if silent is not None:
            self._streams.close(silent)
            self._lose(silent, SILENT, now_ms)
        elif rung is None or self.ladder.state != ladders.CARRYING or not self.way.look():
            return
        else:
            self._freeze(rung, now_ms)
        self._drive()

    def _freeze(self, rung: "Rung", now_ms: int) -> None:
        """It carried something, and then nothing more came."""
        self._control.log("info", "carrier: %s went silent" % rung.words())
        self.way.leave(rung, is_frozen=True)
        if self.ladder is not None:
            self.ladder.frozen(rung, now_ms)

    def _lose(self, rung: "Rung", why: str, now_ms: int) -> None:
        """Its stream has ended by itself."""
        self._control.log("info", "carrier: %s has ended (%s)" % (rung.words(), why))
        self.way.leave(rung)
        if self.ladder is not None:
            self.ladder.ended(rung, why, now_ms)

    def _drop_all(self) -> None:
        """What was begun on the network before.

        Nothing goes to the gateway now: on a new network the first that does is for _drive().
        """
        self.peer.set_endpoint(b"")
        self._streams.close_all()
        self._stop_port_check()
        self.race.questions.clear()
        self.race.clear()
        self.way.drop_proof()

"""Climbing: how a box finds a way to its gateway, and moves to another without losing anything.

The ladder (carrier.ladder) says what to try and when. Here that is done: initiations are sent,
streams opened, the tunnel proven by what passes through it, and what came of it is told to the
ladder. Keys stay as they are whichever way carries them, so clients notice a move as a short pause.
"""

from box.climb_streams import Streams
from box.freeze import LOOK_EVERY_MS, FreezeWatch
from box.inside import Inside
from box.questions import Questions
from box.targets import Targets
from carrier import ladder as ladders
from carrier import proof as proofs
from carrier.ladder import Ladder
from carrier.rung import UDP
from carrier.standing import SILENT
from wg import endpoint
from wg.compat import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from box.carriers import Carriers, Path
    from box.control import Control
    from box.inside import Results
    from box.places import Places
    from carrier.networks import Network
    from carrier.proof import Proof
    from carrier.rung import Rung
    from wg.device import Device
    from wg.peer import Peer

CURRENT = 0  # of a peer's keypairs
# A memory of less than this is none that we wrote.
PROOF_MTU_MIN = 576
# Without a service inside a way counts as proven once clients have moved so much by it.
PROVEN_BYTES = 65536


class Climb:
    """One gateway's.

    ladder: None until the first begin(). rung: the way that carries, or None; since_ms: from when
    on. is_proven: whether 64 KiB came through it both ways. searching_ms: since when a way is
    looked for; 0: none is. mtu: of the tunnel, as it is now.
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
        self.rung: "Rung | None" = None
        self.since_ms = 0
        self.is_proven = False
        self.searching_ms = 0
        self.mtu = mtu
        self.inside: "Inside | None" = None
        # Called when something that is worth keeping was learned of the network.
        self.on_news: "Callable[[], object] | None" = None
        self.network: "Network | None" = None
        self.carriers = carriers
        self.places = places
        self.peer = peer
        self.path = path
        self._device = device
        self._control = control
        self._set_mtu = set_mtu
        self._largest = mtu
        self._streams = Streams(path, control, carriers, places)
        self._proving: "Rung | None" = None
        self._freeze = FreezeWatch(self._ask)
        self.targets = Targets(places, self._streams)
        self.questions = Questions(device, control, peer)
        self._racing: "list[Rung]" = []
        self._left: "list[Rung]" = []  # frozen, since a way was proven last
        self._key_ms = 0
        self._moved_bytes = (0, 0)
        self._turn = 0
        self._is_busy = False
        self._is_stopped = False
        self._is_paused = True
        if carriers.inside is not None:
            self.inside = Inside(path, control, carriers.inside, carriers.random_bytes)
            self.inside.on_proof = self._prove_ended
            self.inside.on_check = self._check_ports
        places.on_found = self._race_again
        path.set_shape(carriers.shape)
        device.on_initiation = self._send_decoys
        device.types = carriers.types
        device.probe_key = carriers.probe_key

    # --- for the connection ---

    def begin(self, network: "Network | None") -> None:
        """There is an uplink, or another one: look for a way. network: what is known of it."""
        now_ms = self._control.now_ms()
        self._is_paused = False
        self._streams.close_all()
        self.targets.forget_streams()
        self._drop_proof()
        self.questions.clear()
        self.network = network
        remembered = None
        if network is not None and network.rung is not None:
            remembered = network.rung
        elif self.rung is not None:
            # Nothing is known of this network: what worked elsewhere is as good a guess as any.
            remembered = self.rung.id()
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
            self.ladder.restart(now_ms, remembered, bad)
        self._left = []
        self._search(now_ms)
        self._drive()

    def is_carrying(self) -> bool:
        """Whether there is a way, and none is looked for."""
        return self.rung is not None and not self.searching_ms

    def is_narrow(self) -> bool:
        """Whether packets are smaller than the document allows, because larger ones are lost."""
        return self.mtu < self._largest

    def place(self, network: "Network") -> None:
        """It is known by now which network this is: if something works here, try that first."""
        self.network = network
        if self.ladder is None or self.ladder.state != ladders.SEARCHING:
            if self.rung is not None and self.is_proven:
                self._remember(self.rung)
        elif network.rung is not None or network.bad:
            self.begin(network)

    def pause(self) -> None:
        """There is no uplink: nothing can be tried."""
        self._turn += 1
        self._is_paused = True
        self._streams.close_all()
        self.questions.clear()
        self._drop_proof()

    def stop(self) -> None:
        """The tunnel is about to be closed."""
        self._is_stopped = True
        self.pause()
        self.places.stop()
        self._device.on_initiation = None
        self._device.types = self._device.probe_key = None
        self.peer.rivals = []
        self.path.set_shape(None)
        if self.inside is not None:
            self.inside.stop()
        self.carriers.wipe()

    def hold(self) -> None:
        """It is the network here that is silent: that says nothing of the way."""
        self._freeze.begin(self._control.now_ms())

    def receive_inside(self) -> None:
        if self.inside is not None:
            self.inside.receive()

    def work_streams(self) -> None:
        """The state of a stream has changed, or it has bytes."""
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
                self._log("info", "%s has ended: %s" % (rung.words(), why))
                self._end(rung, now_ms)
                self.ladder.ended(rung, why, now_ms)
        self._drive()

    def take_handshake(self) -> None:
        """A handshake message was taken: see whether it made keys, and by which way."""
        now_ms = self._control.now_ms()
        age_ms = self._device.tunnel.keypair_age(self.peer.number, CURRENT, now_ms)
        if self.ladder is None or age_ms < 0 or now_ms - age_ms == self._key_ms:
            return
        self._key_ms = now_ms - age_ms
        rung = self.targets.rung_of(self.peer.endpoint())
        if rung is None or (rung == self.rung and self.ladder.state == ladders.CARRYING):
            return
        self.peer.rivals = []
        self._racing = []
        self._freeze.begin(now_ms)
        self.ladder.answered(rung, now_ms)
        self._drive()

    # --- the ladder's wishes ---

    def _drive(self) -> None:
        """Have the ladder say what is to be done now, and do it."""
        if self._is_busy or self._is_paused or self.ladder is None:
            return  # whoever is at it asks again
        self._is_busy = True
        self._turn += 1
        turn = self._turn
        while True:
            wait_ms, actions = self.ladder.next(self._control.now_ms())
            if not actions:
                break
            for kind, rungs in actions:
                self._do(kind, rungs)
        self._is_busy = False
        if self._streams.has_new():
            self._control.after(0, self.work_streams)
        self._control.after(wait_ms, lambda: self._drive_again(turn))

    def _drive_again(self, turn: int) -> None:
        if turn == self._turn:
            self._drive()

    def _do(self, kind: int, rungs: "list[Rung]") -> None:
        if kind == ladders.RACE:
            self._race(rungs)
        elif kind == ladders.OPEN:
            self._streams.open(rungs[0])
        elif kind == ladders.ASK:
            self._probe(rungs)
        elif kind == ladders.PROVE:
            self._prove(rungs[0])
        elif kind == ladders.CARRY:
            self._carry(rungs[0])
        elif kind == ladders.CLOSE:
            self._streams.close(rungs[0])
            self._end(rungs[0], self._control.now_ms())

    def _race(self, rungs: "list[Rung]") -> None:
        """One initiation to all of them; the tunnel goes where its first answer comes from."""
        self._racing = rungs
        found = self.targets.of(rungs)
        if not found:
            return  # their addresses are being looked for
        if self.peer.endpoint() not in found:
            # Whatever clients send meanwhile goes by the first of them: the way before is dead.
            self.peer.set_endpoint(found[0])
        now = self.peer.endpoint()
        self.peer.rivals = [target for target in found if target != now]
        self.peer.reach(self._control.now_ms())

    def _race_again(self) -> None:
        if self._racing and not self._is_paused:
            self._race(self._racing)

    def _send_decoys(self, peer: "Peer", target: bytes) -> None:
        """What goes before an initiation to this endpoint."""
        rung = self.targets.rung_of(target)
        if rung is None or peer is not self.peer or rung.kind != UDP:
            return
        now_s = self._device.wall_clock()[0]
        for decoy in self.carriers.decoys.datagrams(rung.decoy, now_s):
            self.path.send_decoy(decoy, endpoint.with_shape(target, 0))

    def _probe(self, rungs: "list[Rung]") -> None:
        for rung in rungs:
            for target in self.targets.of([rung]):
                self.questions.ask(target, _later(self._probed, rung))

    def _probed(self, rung: "Rung") -> None:
        if self.ladder is not None:
            self.take_handshake()  # it may have come with this, and comes first
            self.ladder.found(rung, self._control.now_ms())
            self._drive()

    def _check_ports(
        self, ports: "list[tuple[int, bool]]", done: "Callable[[Results], object]"
    ) -> None:
        """The gateway wants to know how its ports look from here."""
        addresses = self.places.addresses(0)
        if addresses:
            self.questions.check_ports(addresses[0], ports, done)

    # --- proof ---

    def _prove(self, rung: "Rung") -> None:
        known = 0 if self.network is None else self.network.mtu
        self._use_mtu(known if PROOF_MTU_MIN <= known <= self._largest else self._largest)
        self.is_proven = False
        if self.inside is None:
            # Nobody inside can be asked: the handshake has to do, and then clients' packets.
            self._moved_bytes = self.peer.transfer()
            if self.ladder is not None:
                self.ladder.proven(rung, self._control.now_ms())
            return
        self._proving = rung
        self.inside.prove(self.mtu)

    def _prove_ended(self, proof: "Proof") -> None:
        rung, self._proving = self._proving, None
        if rung is None or self.ladder is None or self._is_stopped:
            return
        now_ms = self._control.now_ms()
        if proof.state == proofs.PROVEN:
            self.is_proven = True
            if proof.size < self.mtu:
                self._log("info", "packets of more than %d bytes do not pass here" % proof.size)
                self._use_mtu(proof.size)
            self.ladder.proven(rung, now_ms)
        elif proof.state == proofs.STALLED:
            self._freeze_rung(rung, now_ms)
        else:
            self.ladder.failed(rung, SILENT, now_ms)
        self._drive()

    def _drop_proof(self) -> None:
        self._proving = None
        if self.inside is not None:
            self.inside.drop_proof()

    def _use_mtu(self, mtu: int) -> None:
        if mtu != self.mtu:
            self.mtu = mtu
            self._set_mtu(mtu)

    # --- carrying ---

    def _carry(self, rung: "Rung") -> None:
        now_ms = self._control.now_ms()
        if rung != self.rung or self.searching_ms:
            took_ms = now_ms - self.searching_ms if self.searching_ms else 0
            took = "%d.%d s" % (took_ms // 1000, took_ms % 1000 // 100)  # boards have no floats
            self._log("info", "the way is %s, found in %s" % (rung.words(), took))
            self.since_ms = now_ms
        self.rung = rung
        self.searching_ms = 0
        self._freeze.begin(now_ms)
        if self.is_proven:
            self._remember(rung)

    def _remember(self, rung: "Rung") -> None:
        """Keep what was learned here, where it is news."""
        network = self.network
        if network is None:
            return
        target = self.peer.endpoint()
        address = None if endpoint.is_stream(target) else endpoint.host(target)
        is_news = network.set_proven(rung.id(), self.mtu, address)
        for left in self._left:
            if left != rung:
                is_news = network.set_bad(left.id()) or is_news
        self._left = []
        if is_news and self.on_news is not None:
            self.on_news()

    def _search(self, now_ms: int) -> None:
        if not self.searching_ms:
            self.searching_ms = now_ms

    def _end(self, rung: "Rung", now_ms: int) -> None:
        """It carries no more."""
        if rung == self.rung:
            self._search(now_ms)
        if rung == self._proving:
            self._drop_proof()

    def _freeze_rung(self, rung: "Rung", now_ms: int) -> None:
        self._log("info", "%s went silent, looking for another way" % rung.words())
        self._left.append(rung)
        self._end(rung, now_ms)
        if self.ladder is not None:
            self.ladder.frozen(rung, now_ms)

    def _ask(self) -> None:
        """Something that the gateway answers at once, if anything passes."""
        if self.inside is not None:
            self.inside.ask()
        else:
            self.peer.initiate(self._control.now_ms())

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
        if self.rung is None or self.ladder.state != ladders.CARRYING:
            return
        unanswered_ms = self._device.tunnel.times(self.peer.number)[0]
        is_dead = self._freeze.look(unanswered_ms, now_ms) or self.peer.is_lost()
        dead = self._streams.silent(now_ms)
        if dead is not None:
            self._streams.close(dead)
            self._end(dead, now_ms)
            self.ladder.ended(dead, "silent", now_ms)
        elif is_dead:
            self._freeze_rung(self.rung, now_ms)
        elif not self.is_proven and self.inside is None:
            self._count_moved()
            return
        else:
            return
        self._drive()

    def _count_moved(self) -> None:
        """Without a service inside: proven by what clients got through."""
        received, sent = self.peer.transfer()
        both = received - self._moved_bytes[0] + sent - self._moved_bytes[1]
        if self.rung is not None and both >= PROVEN_BYTES:
            self.is_proven = True
            self._remember(self.rung)

    def _log(self, level: str, text: str) -> None:
        self._control.log(level, "carrier: " + text)


def _later(action: "Callable[[Rung], object]", rung: "Rung") -> "Callable[[bytes], object]":
    return lambda seen: action(rung)

"""The way that carries: proven by what passed through it, watched, and kept in memory.

A way is proven when 64 KiB came through both ways (carrier.proof), which also shows how large
packets may be. Where the gateway has no service inside to prove it with, or the service answers
nothing while clients' packets come back, those have to do.
"""

from box.freeze import FreezeWatch
from carrier import proof as proofs
from wg import endpoint
from wg.compat import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from box.control import Control
    from box.inside import Inside
    from carrier.networks import Network
    from carrier.proof import Proof
    from carrier.rung import Rung
    from wg.device import Device
    from wg.peer import Peer

# What is_proof says of a way that was being proven: it works, it went silent, nobody answered.
PROVEN, STALLED, SILENT = proofs.PROVEN, proofs.STALLED, proofs.SILENT
# A search that takes longer than this is told as a problem.
LONG_MS = 15_000
# So much in a proof without an answer came for clients: no handshake is as long.
FOR_CLIENTS_MIN = 300
# A look that came later than this has seen pauses, and no speed.
MEASURED_MS = 2_000
# A memory of less than this is none that we wrote.
MTU_MIN = proofs.SIZE_MIN


class Way:
    """rung: None: there never was one. since_ms: from when on. mtu: of the tunnel, as it is now.

    is_proven: of rung. searching_ms: since when another is looked for; 0: none is. network: where
    the box is, if that is known. on_proof: called with a rung and PROVEN, STALLED or SILENT.
    on_news: called when something was learned that is worth keeping.
    """

    def __init__(
        self,
        device: "Device",
        control: "Control",
        peer: "Peer",
        inside: "Inside | None",
        set_mtu: "Callable[[int], object]",
        mtu: int,
    ) -> None:
        """set_mtu: gives the tunnel another MTU. mtu: the document's, the largest."""
        self.rung: "Rung | None" = None
        self.since_ms = 0
        self.mtu = mtu
        self.is_proven = False
        self.searching_ms = 0
        self.fastest_kbit_s = 0  # that came by rung, or through its proof
        self._seen = (0, 0)  # (bytes that had come, when)
        self.network: "Network | None" = None
        self.on_proof: "Callable[[Rung, int], object] | None" = None
        self.on_news: "Callable[[], object] | None" = None
        self._device = device
        self._control = control
        self._peer = peer
        self._inside = inside
        self._set_mtu = set_mtu
        self._largest = mtu
        self._mtu = mtu  # of rung, while another is being proven
        self._proving: "Rung | None" = None
        self._proven: "Rung | None" = None
        self._began_ms = self._proof_kbit_s = 0  # of a proof, and what came of the last one
        self._left: "list[Rung]" = []  # frozen here, since one was proven
        self._moved_bytes = (0, 0)
        self._received_before = 0  # bytes, when the proof was begun
        self._is_inside_silent = False  # though something comes back by the way
        self._freeze = FreezeWatch(self._ask)
        if inside is not None:
            inside.on_proof = self._prove_ended

    def begin(self, network: "Network | None") -> None:
        """The network may be another one."""
        self.network = network
        self._left = []
        self.drop_proof()
        self.searching_ms = 0  # the time on another network, or on none, says nothing of this one
        self.search()

    def search(self) -> None:
        """What carried carries no more, or may not."""
        if not self.searching_ms:
            self.searching_ms = self._control.now_ms()

    def is_carrying(self) -> bool:
        """Whether there is a way, and none is looked for."""
        return self.rung is not None and not self.searching_ms

    def is_overdue(self, now_ms: int) -> bool:
        """Whether one was looked for so long that it is a problem."""
        return self.searching_ms != 0 and now_ms - self.searching_ms >= LONG_MS

    def is_narrow(self) -> bool:
        """Whether packets are smaller than the document allows, because larger ones are lost."""
        return self.mtu < self._largest

    def leave(self, rung: "Rung", is_frozen: bool = False) -> None:
        """It has ended, or went silent after it had carried something."""
        if is_frozen:
            self._left.append(rung)
        if rung == self._proving:
            self.drop_proof()
        if rung == self.rung:
            self.search()
        else:
            self._use_mtu(self._mtu)  # back to what the one that carries can

    # --- proof ---

    def prove(self, rung: "Rung") -> None:
        """See whether it is one; on_proof() is told."""
        known = 0 if self.network is None else self.network.mtu
        self._use_mtu(known if MTU_MIN <= known <= self._largest else self._largest)
        self._proven = None
        self._is_inside_silent = False
        self._received_before = self._peer.transfer()[0]
        if self._inside is None:
            # Nobody inside can be asked: the handshake has to do, and later clients' packets.
            self._tell(rung, PROVEN)
            return
        self._proving = rung
        self._began_ms = self._control.now_ms()
        self._inside.prove(self.mtu)

    def drop_proof(self) -> None:
        self._proving = None
        if self._inside is not None:
            self._inside.drop_proof()

    def _prove_ended(self, proof: "Proof") -> None:
        rung, self._proving = self._proving, None
        if rung is None:
            return
        if proof.state == PROVEN:
            self._proven = rung
            self._proof_kbit_s = proof.passed * 8 // max(self._control.now_ms() - self._began_ms, 1)
            if proof.size < self.mtu:
                self._log("packets of more than %d bytes do not pass here" % proof.size)
                self._use_mtu(proof.size)
        elif proof.state == SILENT and self._has_come_for_clients():
            self._log("the gateway's service inside does not answer; what clients get has to do")
            self._is_inside_silent = True
            self._tell(rung, PROVEN)
            return
        self._tell(rung, proof.state)

    def _has_come_for_clients(self) -> bool:
        return self._peer.transfer()[0] - self._received_before >= FOR_CLIENTS_MIN

    def can_ask(self) -> bool:
        """Whether somebody inside of the tunnel answers what the box itself asks."""
        return self._inside is not None and not self._is_inside_silent

    def _tell(self, rung: "Rung", state: int) -> None:
        if self.on_proof is not None:
            self.on_proof(rung, state)

    def _use_mtu(self, mtu: int) -> None:
        if mtu != self.mtu:
            self.mtu = mtu
            self._set_mtu(mtu)

    # --- carrying ---

    def carry(self, rung: "Rung") -> None:
        """This is the way from now on."""
        now_ms = self._control.now_ms()
        if rung != self.rung or self.searching_ms:
            took_ms = now_ms - self.searching_ms if self.searching_ms else 0
            self._log("the way is %s, found in %d ms" % (rung.words(), took_ms))
            self.since_ms = now_ms
            self.fastest_kbit_s = self._proof_kbit_s if rung == self._proven else 0
        self.rung = rung
        self.searching_ms = 0
        self.is_proven = rung == self._proven
        self._mtu = self.mtu
        self._moved_bytes = self._peer.transfer()
        self._freeze.begin(now_ms)
        if self.is_proven:
            self.remember()

    def remember(self) -> None:
        """Keep what was learned here, where it is news."""
        network, rung = self.network, self.rung
        if network is None or rung is None or not self.is_proven:
            return
        target = self._peer.endpoint()
        address = None if endpoint.is_stream(target) else endpoint.host(target)
        is_news = network.set_proven(rung.id(), self.mtu, address)
        for left in self._left:
            if left != rung:
                is_news = network.set_bad(left.id()) or is_news
        self._left = []
        if is_news and self.on_news is not None:
            self.on_news()

    def hold(self) -> None:
        """Silence until now says nothing of the way."""
        self._freeze.begin(self._control.now_ms())

    def look(self) -> bool:
        """Whether it is dead. To be called every LOOK_EVERY_MS while it carries."""
        now_ms = self._control.now_ms()
        self._measure(now_ms)
        if not self.is_proven and not self.can_ask():
            self._count_moved()
        unanswered_ms = self._device.tunnel.times(self._peer.number)[0]
        return self._freeze.look(unanswered_ms, now_ms) or self._peer.is_lost()

    def _measure(self, now_ms: int) -> None:
        before, before_ms = self._seen
        received = self._peer.transfer()[0]
        self._seen = (received, now_ms)
        if 0 < now_ms - before_ms <= MEASURED_MS and received > before:
            kbit_s = (received - before) * 8 // (now_ms - before_ms)
            self.fastest_kbit_s = max(self.fastest_kbit_s, kbit_s)

    def _count_moved(self) -> None:
        received, sent = self._peer.transfer()
        least = min(received - self._moved_bytes[0], sent - self._moved_bytes[1])
        # Clients mostly fetch: what they send is an answer to as much as that.
        if received - self._moved_bytes[0] >= proofs.GOAL and least > 0:
            self.is_proven = True
            self.remember()

    def _ask(self, has_lost_keys: bool) -> None:
        """Something that the gateway answers at once, if anything passes.

        has_lost_keys: perhaps, and then it can answer nothing but a handshake.
        """
        if self._inside is not None and not self._is_inside_silent:
            self._inside.ask()
            if not has_lost_keys:
                return
        self._peer.reach(self._control.now_ms())

    def _log(self, text: str) -> None:
        self._control.log("info", "carrier: " + text)

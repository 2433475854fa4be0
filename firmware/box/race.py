"""Asking several ways at once which of them works: by one initiation to all, or by questions."""

from box.questions import Questions
from carrier.rung import TCP, UDP
from wg import endpoint
from wg.compat import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from box.carriers import Carriers, Path
    from box.control import Control
    from box.targets import Targets
    from carrier.rung import Rung
    from wg.device import Device
    from wg.peer import Peer


class Race:
    """questions: those outside of the tunnel."""

    def __init__(
        self,
        path: "Path",
        device: "Device",
        control: "Control",
        peer: "Peer",
        carriers: "Carriers",
        targets: "Targets",
    ) -> None:
        self.questions = Questions(device, control, peer)
        self._path = path
        self._device = device
        self._control = control
        self._peer = peer
        self._decoys = carriers.decoys
        self._targets = targets
        self._racing: "list[Rung]" = []
        device.on_initiation = self._send_decoys
        device.types = carriers.types
        device.probe_key = carriers.probe_key

    def stop(self) -> None:
        self.clear()
        self._device.on_initiation = None
        self._device.types = self._device.probe_key = None

    def clear(self) -> None:
        """Nobody asks any more, or somebody has answered."""
        self._racing = []
        self._peer.rivals = []

    def start(self, rungs: "list[Rung]") -> None:
        """One initiation to all of them; the tunnel goes where its first answer comes from."""
        self._racing = rungs
        found = self._targets.of(rungs)
        if not found:
            return  # their addresses are being looked for
        # Whatever clients send meanwhile goes by the first of them; but a gateway knows a stream of
        # bare frames by its first one, and that is the initiation.
        ahead = [target for target in found if not self._is_bare(target)]
        if ahead or not self._peer.endpoint():
            self._peer.set_endpoint((ahead or found)[0])
        own = self._peer.endpoint()
        self._peer.rivals = [target for target in found if target != own]
        if ahead:
            # With keys that still count, what goes there first is no initiation.
            self._send_decoys(self._peer, own)
        self._peer.reach(self._control.now_ms(), bool(ahead))

    def again(self) -> None:
        """Another address is known."""
        if self._racing:
            self.start(self._racing)

    def ask(self, rungs: "list[Rung]", found: "Callable[[Rung], object]") -> None:
        """A question to each; found: called with those that answer."""
        for rung in rungs:
            for target in self._targets.of([rung]):
                self.questions.ask(target, _later(found, rung))

    def _is_bare(self, target: bytes) -> bool:
        rung = self._targets.rung_of(target)
        return rung is not None and rung.kind == TCP

    def _send_decoys(self, peer: "Peer", target: bytes) -> None:
        """What goes before an initiation or a question to this endpoint."""
        rung = self._targets.rung_of(target)
        if rung is None or peer is not self._peer or rung.kind != UDP:
            return
        try:
            for decoy in self._decoys.datagrams(rung.decoy, self._device.wall_clock()[0]):
                self._path.send_decoy(decoy, endpoint.with_shape(target, 0))
        except MemoryError:
            pass  # one handshake without its decoy, and not a box that starts anew in a search


def _later(action: "Callable[[Rung], object]", rung: "Rung") -> "Callable[[bytes], object]":
    return lambda seen: action(rung)

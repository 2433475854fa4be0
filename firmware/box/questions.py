"""Questions to the gateway outside of the tunnel, one after the other (wg.probe)."""

from carrier import inside as messages
from wg import endpoint
from wg.compat import TYPE_CHECKING
from wg.probe import PATIENCE_MS

if TYPE_CHECKING:
    from collections.abc import Callable

    from box.control import Control
    from box.inside import UdpResults
    from wg.device import Device
    from wg.peer import Peer

    Found = Callable[[bytes], object]  # with the endpoint at which the gateway saw us

# They are so far apart that the other end takes each.
EVERY_MS = 30
# A datagram gets lost, or comes too late for the other end to take it: what is silent is asked so
# often, and waited for so long after the last question of each time.
WAITS_MS = (1_200, 800, 1_000)
LOOK_MS = 100
# Nobody waits for more than these.
WAITING_MAX = 64


class Questions:
    """Those that one climb asks. shaped: ports that answered so when all were last asked."""

    def __init__(self, device: "Device", control: "Control", peer: "Peer") -> None:
        self._device = device
        self._control = control
        self._peer = peer
        self.shaped: "list[int]" = []
        self._waiting: "list[tuple[bytes, Found]]" = []
        self._is_asking = False
        self._turn = 0

    def clear(self) -> None:
        """Nobody is interested any more."""
        self._waiting = []
        self._is_asking = False
        self._turn += 1
        self._device.stop_asking(self._peer)

    def ask(self, target: bytes, found: "Found") -> None:
        """found: called if the gateway answers there, which it may never do."""
        if len(self._waiting) < WAITING_MAX:
            self._waiting.append((target, found))
        if not self._is_asking:
            self._is_asking = True
            self._next(self._turn)

    def check_ports(
        self,
        address: bytes,
        ports: "list[tuple[int, bool]]",
        done: "Callable[[UdpResults], object]",
    ) -> None:
        """Ask UDP ports of an address, (port, is_shaped) each, and tell what came of all.

        What a search asks or clears meanwhile costs a question, and not the answer. It is never
        told once the gateway is another one.
        """
        has_key = self._device.probe_key is not None
        results = [messages.SILENT if has_key else messages.NOT_ASKED] * len(ports)
        waits = list(WAITS_MS)
        ends_ms = 0

        def note(number: int) -> None:
            results[number] = messages.ANSWERED

        def look() -> None:
            nonlocal ends_ms
            if self._device.peer(self._peer.number) is not self._peer:
                return
            silent = [n for n, result in enumerate(results) if result == messages.SILENT]
            now_ms = self._control.now_ms()
            if not silent or (now_ms >= ends_ms and not waits):
                told = [place + (results[n],) for n, place in enumerate(ports)]
                self.shaped = [one[0] for one in told if one[1] and one[2] == messages.ANSWERED]
                done(told)
                return
            if now_ms >= ends_ms:
                for n in silent:
                    target = endpoint.pack(address, ports[n][0], 0, int(ports[n][1]))
                    self.ask(target, _later(note, n))
                ends_ms = now_ms + EVERY_MS * len(self._waiting) + waits.pop(0)
            self._control.after(LOOK_MS, look)

        look()

    def _next(self, turn: int) -> None:
        if turn != self._turn:
            return
        if not self._waiting:
            self._is_asking = False
            self._control.after(PATIENCE_MS, lambda: self._forget(turn))
            return
        target, found = self._waiting.pop(0)

        def answered(target: bytes, seen: bytes) -> None:
            if turn == self._turn:
                found(seen)

        self._device.ask(self._peer, target, answered, self._control.now_ms())
        self._control.after(EVERY_MS, lambda: self._next(turn))

    def _forget(self, turn: int) -> None:
        """What is unanswered by now stays so, and holds memory that a board has little of."""
        if turn == self._turn and not self._is_asking:
            self._device.stop_asking(self._peer)


def _later(action: "Callable[[int], object]", number: int) -> "Callable[[bytes], object]":
    return lambda seen: action(number)

"""The control loop: between two looks at the handshakes and timers, packets move in C."""

from wg.compat import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Protocol

    from wg.device import Device

    Action = Callable[[], object]

    class Path(Protocol):
        """What moves packets until the control plane is wanted: _datapath.Path, _router.Router."""

        WAKE_HANDSHAKE: int

        def poll(self, timeout_ms: int) -> int: ...
        def next_handshake(self, message: bytearray) -> "tuple[int, bytes] | None": ...


HANDSHAKE_LEN_MAX = 148
# How many handshake messages are taken before packets move again: about 20 ms of work. A path of a
# slower machine says less.
HANDSHAKES_AT_ONCE = 16


class Control:
    """Joins a device and its path, and whatever else wants to be woken."""

    def __init__(
        self,
        device: "Device",
        path: "Path",
        now_ms: "Callable[[], int]",
        log: "Callable[[str, str], object]",
    ) -> None:
        """now_ms: the clock of the path, which never goes back and never says 0."""
        self.device = device
        self.now_ms = now_ms
        self.log = log
        self.stopping = False
        # Called after handshake messages were taken.
        self.on_handshake: "Action | None" = None
        self._path = path
        self._message = bytearray(HANDSHAKE_LEN_MAX)
        # (bits of WAKE_, what to call when one of them woke the loop), in the order of on_wake().
        self._wakes: "list[tuple[int, Action]]" = [(path.WAKE_HANDSHAKE, self._take_handshakes)]
        # (milliseconds, number, what to call, for whom), the first that is due first.
        self._due: "list[tuple[int, int, Action, object]]" = []
        self._number = 0

    def run(self) -> None:
        """Until stop()."""
        while not self.stopping:
            self.step()

    def stop(self, reason: str) -> None:
        if not self.stopping:
            self.log("info", reason)
        self.stopping = True

    def on_wake(self, bits: int, action: "Action") -> None:
        """Call action() whenever poll() came back with one of these bits of WAKE_."""
        self._wakes.append((bits, action))

    def after(self, wait_ms: int, action: "Action", who: object = None) -> None:
        """Call action() once, so many milliseconds from now.

        who: has one call at a time to wait for: this one, in place of the one before.
        """
        if who is not None:
            self.forget(who)
        self._number += 1
        self._due.append((self.now_ms() + wait_ms, self._number, action, who))
        self._due.sort(key=lambda entry: entry[:2])

    def forget(self, who: object) -> None:
        """Nothing is to be called for it any more, and nothing here keeps it in memory."""
        self._due = [entry for entry in self._due if entry[3] is not who]

    def step(self) -> None:
        now_ms = self.now_ms()
        wait_ms = self.device.poll(now_ms)
        if self._due:
            due_ms = max(self._due[0][0] - now_ms, 0)
            wait_ms = due_ms if wait_ms is None else min(wait_ms, due_ms)
        woken = self._path.poll(-1 if wait_ms is None else wait_ms)
        for bits, action in self._wakes:
            if woken & bits:
                action()
        self._run_due()

    def _take_handshakes(self) -> None:
        view = memoryview(self._message)
        for _ in range(getattr(self._path, "HANDSHAKES_AT_ONCE", HANDSHAKES_AT_ONCE)):
            taken = self._path.next_handshake(self._message)
            if taken is None:
                break
            length, source = taken
            self.device.receive_handshake(view[:length], source, self.now_ms())
        if self.on_handshake is not None:
            self.on_handshake()

    def _run_due(self) -> None:
        now_ms = self.now_ms()
        last = self._number  # what is added meanwhile waits until packets have moved
        while self._due and self._due[0][0] <= now_ms and self._due[0][1] <= last:
            action = self._due.pop(0)[2]
            action()

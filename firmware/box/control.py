"""The control loop: between two looks at the handshakes and timers, packets move in C."""

import _datapath

from wg.compat import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from _datapath import Path

    from wg.device import Device

    Action = Callable[[], object]


HANDSHAKE_LEN_MAX = 148
# How many handshake messages are taken before packets move again: about 20 ms of work.
HANDSHAKES_AT_ONCE = 16

SIGHUP = 1


class Control:
    """Joins a device and its path, and whatever else wants to be woken."""

    def __init__(self, device: "Device", path: "Path", log: "Callable[[str, str], object]") -> None:
        self.device = device
        self.path = path
        self.log = log
        self.stopping = False
        # Called with (is up, MTU; 0: gone) after a change.
        self.on_interface: "Callable[[bool, int], object] | None" = None
        self._message = bytearray(HANDSHAKE_LEN_MAX)
        # By descriptor: what to call when it is readable.
        self._files: "dict[int, Action]" = {}
        # (milliseconds, number, what to call), the first that is due first.
        self._due: "list[tuple[int, int, Action]]" = []
        self._number = 0

    def run(self) -> None:
        """Until stop()."""
        while not self.stopping:
            self.step()

    def stop(self, reason: str) -> None:
        if not self.stopping:
            self.log("info", reason)
        self.stopping = True

    def watch(self, descriptor: int, action: "Action") -> None:
        """Call action() whenever the descriptor is readable. OSError: there are too many."""
        self.path.watch_file(descriptor)
        self._files[descriptor] = action

    def unwatch(self, descriptor: int) -> None:
        """To be called before the descriptor is closed."""
        if self._files.pop(descriptor, None) is not None:
            self.path.unwatch_file(descriptor)

    def after(self, wait_ms: int, action: "Action") -> None:
        """Call action() once, so many milliseconds from now."""
        self._number += 1
        self._due.append((_datapath.now_ms() + wait_ms, self._number, action))
        self._due.sort(key=lambda entry: entry[:2])

    def step(self) -> None:
        now_ms = _datapath.now_ms()
        wait_ms = self.device.poll(now_ms)
        if self._due:
            due_ms = max(self._due[0][0] - now_ms, 0)
            wait_ms = due_ms if wait_ms is None else min(wait_ms, due_ms)
        woken = self.path.poll(-1 if wait_ms is None else wait_ms)
        if woken & _datapath.WAKE_HANDSHAKE:
            self._take_handshakes()
        if woken & _datapath.WAKE_FILE:
            self._serve_files()
        if woken & _datapath.WAKE_SIGNAL:
            self._take_signal()
        if woken & _datapath.WAKE_TUN and self.on_interface is not None:
            self.on_interface(*self.path.interface_state())
        self._run_due()

    def _take_handshakes(self) -> None:
        view = memoryview(self._message)
        for _ in range(HANDSHAKES_AT_ONCE):
            taken = self.path.next_handshake(self._message)
            if taken is None:
                return
            length, source = taken
            self.device.receive_handshake(view[:length], source, _datapath.now_ms())

    def _serve_files(self) -> None:
        for descriptor in self.path.ready():
            action = self._files.get(descriptor)
            if action is not None:
                action()

    def _take_signal(self) -> None:
        number = self.path.signal()
        if number == SIGHUP:
            self.log("debug", "SIGHUP has no meaning here")
        elif number:
            self.stop("stopped by signal %d" % number)

    def _run_due(self) -> None:
        now_ms = _datapath.now_ms()
        while self._due and self._due[0][0] <= now_ms:
            action = self._due.pop(0)[2]
            action()

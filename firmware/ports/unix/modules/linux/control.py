"""The control loop on a host: besides the tunnel it serves files, signals and the interface."""

import _datapath
from box.control import Control

from wg.compat import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from _datapath import Path
    from box.control import Action

    from wg.device import Device


SIGHUP = 1


class HostControl(Control):
    """Joins a device with the data path of the unix port."""

    def __init__(self, device: "Device", path: "Path", log: "Callable[[str, str], object]") -> None:
        super().__init__(device, path, _datapath.now_ms, log)
        self.path = path
        # Called with (is up, MTU; 0: gone) after a change.
        self.on_interface: "Callable[[bool, int], object] | None" = None
        # By descriptor: what to call when it is readable.
        self._files: "dict[int, Action]" = {}
        self.on_wake(_datapath.WAKE_FILE, self._serve_files)
        self.on_wake(_datapath.WAKE_SIGNAL, self._take_signal)
        self.on_wake(_datapath.WAKE_TUN, self._tell_interface)

    def watch(self, descriptor: int, action: "Action") -> None:
        """Call action() whenever the descriptor is readable. OSError: there are too many."""
        self.path.watch_file(descriptor)
        self._files[descriptor] = action

    def unwatch(self, descriptor: int) -> None:
        """To be called before the descriptor is closed."""
        if self._files.pop(descriptor, None) is not None:
            self.path.unwatch_file(descriptor)

    def wake(self, bits: int) -> None:
        """As if the path had come back with these bits of WAKE_."""
        for wanted, action in self._wakes:
            if bits & wanted:
                action()

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

    def _tell_interface(self) -> None:
        if self.on_interface is not None:
            self.on_interface(*self.path.interface_state())

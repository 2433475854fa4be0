"""What happens to the interface from outside: it goes up, goes down, or is removed."""

from linux.errors import ProgramError, words
from wg.compat import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from linux.box import Box


class Link:
    def __init__(
        self,
        name: str,
        box: "Box",
        is_up: bool,
        set_again: "Callable[[], object] | None" = None,
    ) -> None:
        """Follows the interface from now on. is_up: what it is now.

        set_again: called when it is up again, to set what going down has taken away.
        """
        self.name = name
        self.box = box
        self.was_up = is_up
        self.set_again = set_again
        box.control.on_interface = self.changed

    def changed(self, is_up: bool, mtu: int) -> None:
        """mtu 0: the interface is gone."""
        box = self.box
        if mtu == 0:
            box.control.stop("stopped, interface %s was removed" % self.name)
            return
        if is_up == self.was_up:
            return
        self.was_up = is_up
        try:
            box.sockets.set_down(not is_up)
        except OSError as error:
            box.log("error", "UDP port %d: %s" % (box.sockets.listen_port, words(error)))
            return
        if is_up:
            self._set_again()
            box.log("info", "%s is up, UDP port %d" % (self.name, box.sockets.listen_port))
        else:
            box.log("info", "%s is down" % self.name)

    def _set_again(self) -> None:
        if self.set_again is None:
            return
        try:
            self.set_again()
        except ProgramError as error:
            mend = "Set the interface down and up again when that is mended."
            told = (self.name, error.what, error.why, mend)
            self.box.log("error", "%s has not all its addresses and routes: %s: %s. %s" % told)

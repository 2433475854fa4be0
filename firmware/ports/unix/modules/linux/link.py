"""What happens to the interface from outside: it goes up, goes down, or is removed."""

from linux.errors import words
from wg.compat import TYPE_CHECKING

if TYPE_CHECKING:
    from box.box import Box


class Link:
    def __init__(self, name: str, box: "Box", is_up: bool) -> None:
        """Follows the interface from now on. is_up: what it is now."""
        self.name = name
        self.box = box
        self.was_up = is_up
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
            box.log("info", "%s is up, UDP port %d" % (self.name, box.sockets.listen_port))
        else:
            box.log("info", "%s is down" % self.name)

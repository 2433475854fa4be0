"""The outer sockets' port and mark, as the user set them, while the interface comes and goes."""

from wg.compat import TYPE_CHECKING

if TYPE_CHECKING:
    from _datapath import Path


class Sockets:
    def __init__(self, path: "Path") -> None:
        self.path = path
        self.is_open = False
        self.is_down = False  # the interface is down: nothing is opened until it is up
        self.listen_port = 0  # 0: any; the real one while the sockets are open
        self.fwmark = 0

    def open(self) -> None:
        """Have sockets, unless the interface is down. OSError: the port is taken."""
        if not self.is_open and not self.is_down:
            self.listen_port = self.path.bind(self.listen_port)
            self.is_open = True

    def set_down(self, is_down: bool) -> None:
        """Close while the interface is down, open when it is up. OSError: the port is taken."""
        self.is_down = is_down
        if not is_down:
            self.open()
        elif self.is_open:
            self.path.unbind()
            self.is_open = False

    def set_listen_port(self, port: int) -> None:
        """OSError: the port is taken, and nothing has changed."""
        if self.is_open and port == self.listen_port:
            return
        if self.is_down:
            self.listen_port = port
        else:
            self.listen_port = self.path.bind(port)
            self.is_open = True

    def set_fwmark(self, mark: int) -> None:
        """OSError: marks may not be set, and nothing has changed."""
        self.path.set_mark(mark)
        self.fwmark = mark

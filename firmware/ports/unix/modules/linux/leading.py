"""A laptop whose document names more ways than one: box.lead, on Linux's data path."""

import _datapath
from box.lead import Lead

from linux.commands import run
from linux.errors import ProgramError, words
from linux.inside import Inside
from linux.resolver import Resolver
from linux.state import folder
from linux.uplink import Uplink
from wg.compat import TYPE_CHECKING

if TYPE_CHECKING:
    from linux.box import Box
    from wg.settings import Configuration, PeerSettings

    Buffer = bytes | bytearray | memoryview

# Where packets go that are for nobody near: what of the way counts before the gateway's address is
# known (RFC 5737; nothing is sent there).
ELSEWHERE = bytes([192, 0, 2, 1])


class Way:
    """What a climb asks of a path: that of the box, and what the path of a board has beside it."""

    def __init__(self, name: str, box: "Box") -> None:
        path = box.path
        self.WAKE_STREAM = path.WAKE_STREAM
        # No bit of the path's: it is told of by a file.
        self.WAKE_INSIDE = 1 << 16
        self.set_shape = path.set_shape
        self.send_decoy = path.send_decoy
        self.next_stream = path.next_stream
        self.stream_open = box.streams.open
        self.stream_close = box.streams.close
        self.stream_state = path.stream_state
        self.stream_end = path.stream_end
        self.stream_secure = path.stream_secure
        self.stream_write = path.stream_write
        self.stream_read = path.stream_read
        self.stream_carry = path.stream_carry
        self.stream_ping = path.stream_ping
        self.stream_heard_ms = path.stream_heard_ms
        self.uplink: "Uplink | None" = None
        self._log = box.log
        self._inside = Inside(name, box.control, self.WAKE_INSIDE)
        self.send_inside = self._inside.send
        self.next_inside = self._inside.receive

    def set_inside(self, port: int, address: "bytes | None", to_port: int) -> None:
        try:
            self._inside.set(port, address, to_port)
        except OSError as error:  # without it ways are proven by what people send
            self._log("warning", "the gateway's service inside the tunnel: %s" % words(error))

    def uplink_router(self) -> "bytes | None":
        return None if self.uplink is None else self.uplink.router()


class Leading:
    """From open() to close(); the interface and the routes stand meanwhile."""

    def __init__(self, name: str, box: "Box") -> None:
        self._name = name
        self._box = box
        self._way = Way(name, box)
        control = box.control
        ask = Resolver(control, box.sockets).ask
        # Each tunnel remembers networks for itself.
        kept = "%s/%s" % (folder(), name)
        self._lead = Lead(self._way, box.device, control, ask, kept, _datapath.fill_random)
        control.on_wake(self._way.WAKE_STREAM, self._lead.work_streams)
        control.on_wake(self._way.WAKE_INSIDE, self._lead.receive_inside)
        control.on_handshake = self._lead.take_handshake

    def open(self, configuration: "Configuration", gateway: "PeerSettings", mtu: int) -> None:
        """Look for the gateway from now on. The tunnel's mark is set already."""
        self._lead.open(configuration, gateway, None, mtu, self._set_mtu)
        uplink = Uplink(self._box, self._target)
        uplink.on_change = self._follow
        self._way.uplink = uplink
        uplink.follow()

    def close(self) -> None:
        self._lead.close()

    def _follow(self, is_there: bool) -> None:
        if is_there:
            self._lead.begin()
        else:
            self._box.log("info", "there is no way out just now")
            self._lead.pause()

    def _target(self) -> bytes:
        climb = self._lead.climb
        found = [] if climb is None else climb.places.addresses(0)
        return found[0] if found else ELSEWHERE

    def _set_mtu(self, mtu: int) -> None:
        # The path hears of it from the kernel.
        try:
            run(("ip", "link", "set", "mtu", str(mtu), "dev", self._name))
        except ProgramError as error:
            self._box.log("warning", str(error))

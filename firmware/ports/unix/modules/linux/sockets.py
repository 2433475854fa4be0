"""The outer sockets' ports, mark and shape, as the user set them, while the interface is there."""

import _datapath
from _wg import Shape

from linux.streams import KINDS
from wg import endpoint, probe, uapi_carriers
from wg.compat import TYPE_CHECKING

if TYPE_CHECKING:
    from _datapath import Path

    from linux.streams import Streams
    from wg.carrier_settings import ShapeSettings
    from wg.device import Device


SEED_LEN = 32


class Sockets:
    def __init__(self, path: "Path", device: "Device", streams: "Streams") -> None:
        self.path = path
        self.wide = self  # for wg.uapi: there is more than a port and a mark
        self.is_open = False
        self.is_down = False  # the interface is down: nothing is opened until it is up
        self.listen_port = 0  # 0: any; the real one while the sockets are open
        self.fwmark = 0
        self.also_ports: "list[int]" = []
        self.refused: "dict[int, int]" = {}  # errno by port, of those beside the first
        self._device = device
        self._streams = streams
        self._shape: "ShapeSettings | None" = None  # what of it may be told
        self._shape_object: "Shape | None" = None

    def open(self) -> None:
        """Have sockets, unless the interface is down. OSError: the port is taken."""
        if not self.is_open and not self.is_down:
            self._bind(self.listen_port)

    def _bind(self, port: int) -> None:
        self.listen_port = self.path.bind(port)
        self.is_open = True
        self._also_bind()

    def _also_bind(self) -> None:
        self.refused = dict(self.path.also_bind(tuple(self.also_ports)))

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
            self._bind(port)

    def set_also_listen_ports(self, ports: "list[int]") -> None:
        """Ports beside the first; those that cannot be had are in refused."""
        self.also_ports = ports
        self.refused = {}
        if self.is_open:
            self._also_bind()

    def set_fwmark(self, mark: int) -> None:
        """OSError: marks may not be set, and nothing has changed."""
        self.path.set_mark(mark)
        self.fwmark = mark

    def set_shape(self, settings: "ShapeSettings") -> None:
        """Take datagrams in this shape, too. ValueError: it cannot be, and nothing has changed.

        Who has its key may ask us which ways there are (wg.probe).
        """
        shape = None
        types = tuple([number for pair in settings.types for number in pair])
        if settings.changes_messages():
            seed = bytearray(SEED_LEN)
            _datapath.fill_random(seed)
            key = None if settings.key is None else bytearray(settings.key)
            shape = Shape(tuple(settings.sizes), types, key, seed)
        before, self._shape_object = self._shape_object, shape
        self.path.set_shape(shape)
        self._device.types = None if shape is None else types
        self._device.probe_key = None if settings.key is None else probe.key_of(settings.key)
        if before is not None:
            before.wipe()
        self._shape = None if shape is None else settings

    # --- what an answer says of it ---

    def lines(self) -> str:
        ports = [port for port in self.also_ports if port not in self.refused and self.is_open]
        return uapi_carriers.lines(self._shape, ports, self.refused)

    def peer_lines(self, number: int, outer: bytes) -> str:
        """endpoint= as `wg` takes it, also of a stream; and by what the peer comes, and where."""
        told = ""
        if endpoint.is_stream(outer):
            kind, real = self._streams.outer(endpoint.port(outer))
            if real:
                told = "endpoint=%s\n" % endpoint.format(endpoint.with_shape(real, 0))
            told += "carrier=%s\n" % KINDS.get(kind, "stream")
        else:
            told = "endpoint=%s\n" % endpoint.format(outer)
            local_port = self.path.local_port(number)
            if local_port:
                told += "local_port=%d\n" % local_port
        if endpoint.shape(outer):
            told += "shaped=true\n"
        return told

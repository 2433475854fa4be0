"""What a box needs of its documents while it climbs, with the secrets in it: wiped by its owner."""

from _wg import Shape

from carrier import settings as documents
from carrier.browser import Browser
from carrier.decoys import Decoys
from wg import probe
from wg.carrier_settings import CarrierSettings, Proxy
from wg.compat import TYPE_CHECKING
from wg.keytext import wipe

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Protocol

    from carrier.rung import Rung
    from wg.carrier_settings import ShapeSettings
    from wg.settings import Configuration, PeerSettings

    Buffer = bytes | bytearray | memoryview

    class Path(Protocol):
        """What a path offers besides moving packets: _router.Router, _datapath.Path."""

        WAKE_STREAM: int
        WAKE_INSIDE: int

        def set_shape(self, shape: "Shape | None") -> None: ...
        def send_decoy(self, datagram: Buffer, endpoint: bytes) -> int: ...
        def stream_open(self, address: bytes, port: int) -> int: ...
        def stream_state(self, number: int) -> int: ...
        def stream_end(self, number: int) -> int: ...
        def stream_secure(self, number: int, name: str, pin: bytes, now_s: int) -> None: ...
        def stream_write(self, number: int, data: Buffer) -> int: ...
        def stream_read(self, number: int, buffer: bytearray) -> int: ...
        def stream_carry(self, number: int, framing: int, rest: bytes = b"") -> None: ...
        def stream_ping(self, number: int) -> None: ...
        def stream_heard_ms(self, number: int) -> int: ...
        def stream_close(self, number: int) -> None: ...
        def set_inside(self, port: int, address: "bytes | None", to_port: int) -> None: ...
        def send_inside(self, payload: Buffer) -> int: ...
        def next_inside(self, buffer: bytearray) -> "int | None": ...
        def uplink_router(self) -> "bytes | None": ...


SEED_LEN = 32


class Carriers:
    """rungs: best first. gateway: the peer that they lead to. hosts: its names and addresses.

    shape: what datagrams look like, for the path; types: the same for the device; None: plain
    WireGuard's. probe_key: to ask the gateway outside of the tunnel; None: that cannot be. browser,
    decoys: what this box pretends to be. All else is of wg.carrier_settings.CarrierSettings.
    """

    def __init__(
        self,
        configuration: "Configuration",
        gateway: "PeerSettings",
        proxy: "Proxy | None",
        fill_random: "Callable[[bytearray], object]",
        seed: bytes,
    ) -> None:
        """proxy: of the box's own document, which wins; ours from now on. seed: of the box, secret,
        and the same every time: what it pretends to be.

        What is wiped with the configuration is copied.
        """
        carriers = configuration.carriers or CarrierSettings()
        own = configuration.interface.shape
        self.gateway = gateway
        self.hosts = documents.addresses(configuration)
        self.shape = _shape(own, fill_random)
        self.types: "tuple[int, ...] | None" = None
        if own is not None and self.shape is not None:
            self.types = tuple([number for pair in own.types for number in pair])
        self.probe_key: "bytearray | None" = None
        if own is not None and own.key is not None:
            self.probe_key = probe.key_of(own.key)
        self.tls_name = carriers.tls_name
        self.tls_pin = carriers.tls_pin
        self.inside = carriers.inside
        self.path = None if carriers.path is None else bytearray(carriers.path)
        self.proxy = proxy or _copied(carriers.proxy)
        self.rungs: "list[Rung]" = documents.rungs(configuration, self.proxy is not None)
        self._fill_random = fill_random
        self.browser = Browser(seed)
        self.decoys = Decoys(self.browser, self.random_bytes, own, carriers.decoy_name)

    def random_bytes(self, count: int) -> bytes:
        out = bytearray(count)
        self._fill_random(out)
        return bytes(out)

    def wipe(self) -> None:
        for secret in (self.path, self.probe_key):
            if secret is not None:
                wipe(secret)
        if self.proxy is not None:
            self.proxy.wipe()
        if self.shape is not None:
            self.shape.wipe()


def _shape(
    own: "ShapeSettings | None", fill_random: "Callable[[bytearray], object]"
) -> "Shape | None":
    if own is None or not own.changes_messages():
        return None
    seed = bytearray(SEED_LEN)
    fill_random(seed)
    types = [number for pair in own.types for number in pair]
    key = None if own.key is None else bytearray(own.key)
    return Shape(tuple(own.sizes), tuple(types), key, seed)


def _copied(proxy: "Proxy | None") -> "Proxy | None":
    if proxy is None:
        return None
    copy = Proxy(proxy.scheme, proxy.place)
    copy.user = proxy.user
    if proxy.password is not None:
        copy.password = bytearray(proxy.password)
    return copy

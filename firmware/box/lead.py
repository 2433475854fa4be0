"""Leading a box to its gateway: all that has to do with more ways than one, for whoever runs a box.

It is loaded only for documents that name such ways. It knows the network by its router, and keeps
what was learned there; climb.py does the rest.
"""

from box.carriers import Carriers
from box.climb import Climb
from box.network_store import NetworkStore
from box.places import Places
from wg.compat import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from box.carriers import Path
    from box.control import Control
    from box.places import Ask
    from carrier.networks import Network
    from wg.carrier_settings import Proxy
    from wg.device import Device
    from wg.peer import Peer
    from wg.settings import Configuration, PeerSettings

NETWORKS = "networks"
# A router's address is known once something was sent its way: asked for so often, and so long.
ROUTER_EVERY_MS = 100
ROUTER_TRIES = 50


class Lead:
    """peer: the gateway. climb: what looks for the way to it."""

    def __init__(
        self,
        path: "Path",
        device: "Device",
        control: "Control",
        ask: "Ask",
        folder: str,
        fill_random: "Callable[[bytearray], object]",
    ) -> None:
        """ask: looks a name up on the uplink. folder: where what is known of networks is kept."""
        self._path = path
        self._device = device
        self._control = control
        self._ask = ask
        self._fill_random = fill_random
        self._turn = 0
        self._store = NetworkStore("%s/%s" % (folder, NETWORKS), fill_random, control)
        self.climb: "Climb | None" = None
        self.peer: "Peer | None" = None

    def open(
        self,
        configuration: "Configuration",
        gateway: "PeerSettings",
        proxy: "Proxy | None",
        mtu: int,
        set_mtu: "Callable[[int], object]",
    ) -> None:
        """Take over a document, which may be wiped afterwards. The device has the peer already.

        proxy: of the network that the box is in; ours from now on. mtu: the tunnel's, the largest;
        set_mtu: gives it another.
        """
        carriers = Carriers(configuration, gateway, proxy, self._fill_random, self._store.seed())
        place = None if carriers.proxy is None else carriers.proxy.place.host
        places = Places(self._control, self._ask, carriers.hosts, place)
        self.peer = self._device.peers[gateway.public_key]
        self.climb = Climb(
            self._path, self._device, self._control, self.peer, carriers, places, set_mtu, mtu
        )
        self.climb.way.on_news = self._store.save

    def close(self) -> None:
        """Stop, and wipe what is secret. Before the peer goes."""
        self._turn += 1
        if self.climb is not None:
            self.climb.stop()
        self.climb = None
        self.peer = None

    def begin(self) -> None:
        """There is an uplink, or perhaps another one: look for the gateway there."""
        self._turn += 1
        climb = self.climb
        if climb is None:
            return
        climb.places.forget()
        known = self._network()
        self._set_stored(climb, known)
        climb.begin(known)
        if known is None:
            self._look_for_router(self._turn, ROUTER_TRIES)

    def pause(self) -> None:
        """There is no uplink."""
        self._turn += 1
        if self.climb is not None:
            self.climb.pause()

    def hold(self) -> None:
        """The network here is silent: that says nothing of the way to the gateway."""
        if self.climb is not None:
            self.climb.way.hold()

    def work_streams(self) -> None:
        """WAKE_STREAM."""
        # A path of many streams says which; here there are few, and all are looked at.
        next_stream = getattr(self._path, "next_stream", None)
        while next_stream is not None and next_stream():
            pass
        if self.climb is not None:
            self.climb.work_streams()

    def receive_inside(self) -> None:
        """WAKE_INSIDE."""
        if self.climb is not None:
            self.climb.receive_inside()

    def take_handshake(self) -> None:
        """Handshake messages were taken."""
        if self.climb is not None:
            self.climb.take_handshake()

    # --- the network ---

    def _network(self) -> "Network | None":
        mac = self._path.uplink_router()
        return None if mac is None else self._store.of_router(mac)

    def _set_stored(self, climb: "Climb", known: "Network | None") -> None:
        """Where the gateway was, here or elsewhere: names may be falsified."""
        here = None if known is None else known.address
        climb.places.set_stored(here or self._store.last_address())

    def _look_for_router(self, turn: int, tries: int) -> None:
        """Wait for the address of the router, which what was just sent makes it say."""
        if turn != self._turn or self.climb is None:
            return
        known = self._network()
        if known is not None:
            self._set_stored(self.climb, known)
            self.climb.place(known)
        elif tries:
            self._control.after(ROUTER_EVERY_MS, lambda: self._look_for_router(turn, tries - 1))

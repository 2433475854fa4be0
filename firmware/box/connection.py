"""The tunnel as its document says it: keys, peers and addresses. Closed, everything is dropped."""

from box.names import Names
from carrier import settings as documents
from wg import endpoint
from wg.allowedips import parse_address
from wg.compat import TYPE_CHECKING
from wg.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable

    from _router import Router
    from _wg import PrivateKey

    from box.control import Control
    from box.lead import Lead
    from box.tunnel_document import Tunnel
    from wg.carrier_settings import Proxy
    from wg.device import Device
    from wg.peer import Peer
    from wg.settings import HostPort, PeerSettings


# Where clients' questions for names go when the document names no server.
DNS_DEFAULT = bytes([9, 9, 9, 9])


class Connection:
    """is_open: whether there is a tunnel, or one is looked for.

    lead: what looks for a way to the gateway; None: there is but one, which its document says.
    """

    def __init__(
        self,
        router: "Router",
        device: "Device",
        control: "Control",
        folder: str,
        fill_random: "Callable[[bytearray], object]",
    ) -> None:
        """folder: where what is known of networks is kept."""
        self.is_open = False
        self.lead: "Lead | None" = None
        self._leader: "Lead | None" = None  # made once, when it is needed
        self._folder = folder
        self._fill_random = fill_random
        self._router = router
        self._device = device
        self._control = control
        self._names: "Names | None" = None
        self._search = _Search(router, control)

    def open(
        self, tunnel: "Tunnel", private_key: "PrivateKey", proxy: "Proxy | None" = None
    ) -> None:
        """Take over a document and the box's key, in place of those before.

        proxy: of the networks that the box joins; ours from now on.
        Nothing passes before all of it is in place. ConfigError: it cannot be; all is closed.
        """
        self.close()
        try:
            self._set_up(tunnel, private_key, proxy)
        except Exception:
            self.close()
            raise
        self.is_open = True

    def close(self) -> None:
        """Let nothing through any more, and wipe the keys."""
        self.is_open = False
        self._router.set_tunnel(None, None)
        self._router.unbind()
        if self.lead is not None:
            self.lead.close()
            self.lead = None
        if self._names is not None:
            self._names.stop()
            self._names = None
        self._search.clear()
        for public_key in list(self._device.peers):
            self._device.remove_peer(public_key)
        self._device.set_private_key(None)

    def look_now(self) -> None:
        """The uplink has changed: look for peers that were not found before."""
        if self._names is not None:
            self._names.look_now()

    def look_for_all(self) -> None:
        """Nobody answers: look for all peers."""
        if self._names is not None:
            self._names.look_for_all()

    def leads(self, peer: "Peer") -> bool:
        """Whether the way to this peer is looked for here, so that nobody else speaks to it."""
        return self.lead is not None and self.lead.peer is peer

    def begin(self) -> None:
        """There is an uplink, or another one."""
        self._search.again()
        if self.lead is not None:
            self.lead.begin()

    def pause(self) -> None:
        """There is no uplink any more."""
        if self.lead is not None:
            self.lead.pause()

    def hold(self) -> None:
        """The network here is silent, whoever is beyond it."""
        if self.lead is not None:
            self.lead.hold()

    def peer(self) -> "Peer | None":
        """The gateway: the first of the peers."""
        for peer in self._device.peers.values():
            if peer.number == 0:
                return peer
        return None

    def name_not_found(self) -> "str | None":
        climb = None if self.lead is None else self.lead.climb
        if climb is not None and climb.places.failed is not None:
            return climb.places.failed
        return None if self._names is None else self._names.failed

    def ask(self, name: str, found: "Callable[[bytes | None], object]") -> None:
        """Look a name up at the uplink's name servers; found() is called once, None: no address."""
        self._search.ask(name, found)

    def _set_up(self, tunnel: "Tunnel", private_key: "PrivateKey", proxy: "Proxy | None") -> None:
        interface = tunnel.configuration.interface
        device = self._device
        device.tunnel.set_mtu(tunnel.mtu)
        device.set_private_key(private_key)
        now_ms = self._control.now_ms()
        led = None
        if not documents.is_plain(tunnel.configuration):
            led = documents.gateway(tunnel.configuration)
        named: "list[tuple[bytes, HostPort]]" = []
        for settings in tunnel.configuration.peers:
            peer = device.add_peer(settings.public_key)
            # The peer's from now on, which wipes it: the document is wiped long before.
            peer.set_preshared_key(settings.preshared_key)
            settings.preshared_key = None
            peer.replace_allowed_ips(settings.allowed_ips)
            peer.set_keepalive(settings.keepalive_s, now_ms)
            if settings.endpoint is None or settings is led:
                continue
            literal = _literal(settings.endpoint)
            if literal is None:
                named.append((settings.public_key, settings.endpoint))
            else:
                peer.set_endpoint(literal)
        self._bind(interface.listen_port or 0)
        self._names = Names(device, self._control, self._search.ask, named, is_eager=True)
        self._names.start()
        self._router.set_tunnel(tunnel.address, tunnel.dns or DNS_DEFAULT)
        if led is not None:
            self._lead(tunnel, led, proxy)
        elif proxy is not None:
            proxy.wipe()

    def _lead(self, tunnel: "Tunnel", gateway: "PeerSettings", proxy: "Proxy | None") -> None:
        """Have the gateway looked for by all the ways that its document names."""
        # Only such boxes have the memory of it taken.
        from box.lead import Lead

        router, device, control = self._router, self._device, self._control
        address, dns = tunnel.address, tunnel.dns or DNS_DEFAULT

        def set_mtu(mtu: int) -> None:
            device.tunnel.set_mtu(mtu)
            router.set_tunnel(address, dns)

        if self._leader is None:
            self._leader = Lead(
                router, device, control, self._search.ask, self._folder, self._fill_random
            )
            control.on_wake(router.WAKE_STREAM, self._leader.work_streams)
            control.on_wake(router.WAKE_INSIDE, self._leader.receive_inside)
            control.on_handshake = self._leader.take_handshake
        self.lead = self._leader
        self.lead.open(tunnel.configuration, gateway, proxy, tunnel.mtu, set_mtu)

    def _bind(self, port: int) -> None:
        try:
            self._router.bind(port)
        except OSError:
            raise ConfigError(
                "ListenPort",
                "the box itself has %d in use" % port,
                "Remove the line: a box takes any port that is free.",
            )


class _Search:
    """One name at a time by the router's own resolver, on the uplink's name servers."""

    def __init__(self, router: "Router", control: "Control") -> None:
        self._router = router
        self._waiting: "list[tuple[str, Callable[[bytes | None], object]]]" = []
        control.on_wake(router.WAKE_NAME, self._take)

    def ask(self, name: str, found: "Callable[[bytes | None], object]") -> None:
        """Call found() once: with the address of the name, or None when there is none."""
        self._waiting.append((name, found))
        if len(self._waiting) == 1:
            self._router.look_up(name)

    def again(self) -> None:
        """The network may be another one: ask its name servers in place of those before."""
        if self._waiting:
            self._router.look_up(self._waiting[0][0])

    def clear(self) -> None:
        self._waiting = []

    def _take(self) -> None:
        address = self._router.name()
        if address is None or not self._waiting:
            return
        found = self._waiting.pop(0)[1]
        if self._waiting:
            self._router.look_up(self._waiting[0][0])
        found(address or None)


def _literal(host_port: "HostPort") -> "bytes | None":
    """The endpoint of an address; None: it is a name."""
    try:
        return endpoint.pack(parse_address(host_port.host), host_port.port)
    except ConfigError:
        return None

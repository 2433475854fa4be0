"""Endpoints by name: looked up when a peer has none, and again when it stays silent."""

from wg import endpoint
from wg.allowedips import format_address
from wg.compat import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from box.control import Control
    from wg.device import Device
    from wg.peer import Peer
    from wg.settings import HostPort

    # Calls back once: with the first address of the name, or None when there is none.
    Ask = Callable[[str, Callable[[bytes | None], object]], object]


LOOK_EVERY_MS = 5000
ASK_AGAIN_MS = 30000


class Names:
    """Keeps the endpoints of peers with names up to date, without stopping packets for it."""

    def __init__(
        self,
        device: "Device",
        control: "Control",
        ask: "Ask",
        named: "list[tuple[bytes, HostPort]]",
        is_eager: bool = False,
    ) -> None:
        """named: public key and endpoint of each peer whose endpoint is no address.

        is_eager: shake hands with a peer that was found even when nothing waits for it.
        """
        self._device = device
        self._control = control
        self._ask_for = ask
        self._named = named
        self._is_eager = is_eager
        self._asked_ms: "dict[bytes, int]" = {}
        self._asking: "set[bytes]" = set()  # a search can take longer than the pause after it
        self._stopped = False
        self.failed: "str | None" = None  # the name that was not found last

    def start(self) -> None:
        if self._named:
            self._control.after(0, self._look)

    def stop(self) -> None:
        """The peers are about to go."""
        self._stopped = True

    def look_now(self) -> None:
        """There is a network again: ask at once for peers that are lost."""
        self._asked_ms = {}
        self._look_for_lost()

    def look_for_all(self) -> None:
        """No peer answers: ask for each of them, whether it counts as lost already or not."""
        for public_key, host_port in self._named:
            peer = self._device.peers.get(public_key)
            if peer is not None and public_key not in self._asking:
                self._ask(peer, host_port)

    def _look(self) -> None:
        if not self._stopped:
            self._look_for_lost()
            self._control.after(LOOK_EVERY_MS, self._look)

    def _look_for_lost(self) -> None:
        now_ms = self._control.now_ms()
        for public_key, host_port in self._named:
            peer = self._device.peers.get(public_key)
            if peer is None or public_key in self._asking or not peer.is_lost():
                continue
            asked_ms = self._asked_ms.get(public_key)
            pause_ms = ASK_AGAIN_MS if peer.endpoint() else LOOK_EVERY_MS
            if asked_ms is None or now_ms - asked_ms >= pause_ms:
                self._asked_ms[public_key] = now_ms
                self._ask(peer, host_port)

    def _ask(self, peer: "Peer", host_port: "HostPort") -> None:
        self._asking.add(peer.public_key)
        self._ask_for(host_port.host, lambda address: self._found(peer, host_port, address))

    def _found(self, peer: "Peer", host_port: "HostPort", address: "bytes | None") -> None:
        self._asking.discard(peer.public_key)
        if peer.number < 0 or self._stopped:
            return
        if address is None:
            self.failed = host_port.host
            return
        self.failed = None
        before = peer.endpoint()
        if before and endpoint.host(before) == address:
            return
        peer.set_endpoint(endpoint.pack(address, host_port.port))
        self._control.log(
            "info", "peer %s: %s is at %s" % (peer.name, host_port.host, format_address(address))
        )
        if self._is_eager or peer.keepalive_s or self._device.tunnel.waiting(peer.number):
            # What went to the address before is no reason to wait for one's turn.
            peer.reach(self._control.now_ms())

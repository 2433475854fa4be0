"""A box with carriers on an emulated board that travels from network to network, and its guest."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.boards.conftest import image
from tests.censor.guest import MARK, open_large_page, open_page, speak_to_gateway
from tests.censor.journeys import AGAIN_S, FIRST_S, LARGE_S, STAY_S, Journey, stay
from tests.censor.networks import Network

from undertow.board.scene import GATEWAY, PROXY, Scene
from undertow.console import Console
from undertow.lab import censor
from undertow.lab.dhcp_server import Offer
from undertow.lab.ethernet import Client
from undertow.lab.packets import dhcp, ethernet, ipv4, tcp, udp
from undertow.lab.proxy import Proxy

USER, PASSWORD = "guest", "open sesame 7"
DECOYS = "dns, quic, none"
_HOTELS = ethernet.mac("02:68:6f:74:00:00")


def proxy_lines(scheme: str = "http") -> str:
    """What the box's own document says of the network's proxy."""
    place = f"{PROXY[0]}:{PROXY[1]}"
    return f'Proxy = {scheme}://{place}\nProxyUser = {USER}\nProxyPassword = "{PASSWORD}"\n'


@dataclass
class Traveller:
    """The box is provisioned and unplugged; arrive() takes it somewhere."""

    scene: Scene
    console: Console
    client: Client
    proxy: Proxy
    arrived: float = 0.0
    _hotels: int = 0
    _subnets: int = 0
    leaked: list[str] = field(default_factory=list)

    def arrive(self, network: Network, is_new: bool = True) -> None:
        """Plug the box in. is_new: it was never there before; else it is where it was last."""
        scene = self.scene
        if is_new:
            scene.loop.call(scene.hotel.censor.forget_deeds)
            self._hotels += 1
            mac = _HOTELS[:5] + bytes([self._hotels])
            scene.loop.call(lambda: setattr(scene.hotel, "mac", mac))
            self.renumber()
        scene.hotel.nat.rebind()
        scene.hotel.censor.become(network.make())
        self.arrived = time.monotonic()
        scene.board.set_link("uplink", True)

    def renumber(self) -> None:
        """Have the hotel give other addresses than ever before."""
        self._subnets += 1
        subnet = f"172.18.{self._subnets}"
        offer = Offer(f"{subnet}.0/24", f"{subnet}.1", f"{subnet}.1", (f"{subnet}.1",))
        self.scene.hotel.move(offer)

    def travel(self, network: Network) -> Journey:
        """To a network where it never was, away, and there again."""
        made = Journey()
        self.leaked.clear()
        self.arrive(network)
        try:
            made.first_s = self.page(FIRST_S)
            if made.first_s is None:
                return made
            made.large = self.large_page(LARGE_S)
            if network.meets:
                stay(self.deeds, lambda: self.page(STAY_S))
            assert speak_to_gateway(self.client, GATEWAY[0], self.scene.doors().udp)
            self.settle()
            made.way = self.way()
            self.leave()
            self.arrive(network, is_new=False)
            made.second_s = self.page(AGAIN_S)
            assert made.second_s is None or self.has_asked_for_address(), "it was never unplugged"
        finally:
            made.deeds = self.deeds()
            self.leave()
            made.leaks = tuple(self.leaked)
        return made

    def deeds(self) -> int:
        """How often the censor did anything since the box came to a new network."""
        return self.scene.loop.call(self.scene.hotel.censor.deeds)

    def has_asked_for_address(self) -> bool:
        """Whether the box did since the cable was put in, as it does when it was out."""
        for frame in self.scene.uplink.sent():
            found = ethernet.parse(frame)
            packet = found and ipv4.parse(found.body)
            datagram = udp.parse(packet) if packet else None
            if datagram and datagram.destination_port == dhcp.SERVER_PORT:
                return True
        return False

    def leave(self) -> None:
        """Pull the cable, and judge what it carried."""
        self.scene.board.set_link("uplink", False)
        self.leaks()

    def leaks(self) -> int:
        """How many frames should not have been sent since the last time."""
        sent = self.scene.uplink.sent()
        self.scene.uplink.forget_record()
        found = self.scene.rules(MARK).leaks(sent)
        self.leaked += found
        return len(found)

    def page(self, timeout_s: float) -> float | None:
        """Seconds from the cable to the page; None: none came."""
        took = open_page(self.client, timeout_s)
        return None if took is None else time.monotonic() - self.arrived

    def large_page(self, timeout_s: float) -> bool:
        """Whether 300 kB come whole."""
        return open_large_page(self.client, timeout_s)

    def settle(self, timeout_s: float = 10.0) -> None:
        """Stay until the way is proven, which is when it is worth remembering."""
        end = time.monotonic() + timeout_s
        while time.monotonic() < end and not self._is_proven():
            time.sleep(0.2)

    def _is_proven(self) -> bool:
        tunnel = self.console.status()["tunnel"]
        assert isinstance(tunnel, dict)
        return bool(tunnel["carrier"]["proven"])

    def way(self) -> str:
        """By which the box's last packet for the gateway left, as the cable had it: "UDP 443"."""
        for frame in reversed(self.scene.uplink.sent()):
            found = ethernet.parse(frame)
            packet = found and ipv4.parse(found.body)
            if not packet or packet.destination not in {*self.scene.places, PROXY[0]}:
                continue
            by_proxy = " by the proxy" if packet.destination == PROXY[0] else ""
            if segment := tcp.parse(packet):
                return f"TCP {segment.destination_port}{by_proxy}"
            if datagram := udp.parse(packet):
                return f"UDP {datagram.destination_port}"
        return ""


@contextmanager
def travelling(
    board: str, folder: Path, carriers: str = "", box: str = "", reach: str = ""
) -> Iterator[Traveller]:
    """A box that knows its gateway's carriers, and no network yet.

    carriers: more of them. box: more of its own document. reach: where it looks for the gateway, if
    not by its address.
    """
    with Scene(board, folder, firmware=image(board), has_carriers=True) as scene:
        scene.doors().decoys = DECOYS
        proxy = scene.proxy(USER, PASSWORD)
        scene.power()
        scene.board.set_link("uplink", False)
        with Console(scene.board.console_url) as console:
            console.hello()
            scene.provision(console, reach, box, carriers=carriers)
            client = scene.client()
            client.join()
            yield Traveller(scene, console, client, proxy)
            scene.hotel.censor.become(censor.Open())

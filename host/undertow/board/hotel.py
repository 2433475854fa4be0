"""The scene of the story with an emulated board as the box: namespaces, TAPs, a real Linux client.

client --- [LAN bridge, TAP] board [TAP, bridge] --- hotel (NAT, DHCP) --- gateway --- web
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from undertow.board.board import Board, Wiring
from undertow.board.provision import provision
from undertow.console import Console
from undertow.lab import Capture, Lab, Namespace, Nat, connect
from undertow.lab.dhcp_server import DhcpServer, Offer
from undertow.lab.errors import LabError
from undertow.lab.services import DhcpService
from undertow.lab.tunnel import Implementation, PeerSettings, Tunnel

HOTEL_OUTSIDE = "192.0.2.1"
GATEWAY = "192.0.2.2"
GATEWAY_PORT = 51820
WEB = "203.0.113.80"
WEB6 = "2001:db8:80::80"
BOX_INNER = "10.7.0.1"
GATEWAY_INNER = "10.7.0.254"
ROOMS = Offer("172.16.5.0/24", "172.16.5.1", "172.16.5.1", ("172.16.5.1",))
NAME = "lab-box"
UPLINK_TAP = "uplink"
LAN_TAP = "lan"

# What udhcpc calls with what it was given; the files of the real system stay as they are.
_UDHCPC_SCRIPT = """#!/bin/sh
case "$1" in
    bound|renew)
        ip address flush dev "$interface"
        ip address add "$ip/$mask" dev "$interface"
        ip route replace default via "$router" dev "$interface"
        for server in $dns; do echo "nameserver $server"; done >"{resolver}"
        ;;
    deconfig)
        ip link set "$interface" up
        ip address flush dev "$interface"
        ;;
esac
"""


@dataclass
class LanClient:
    """A Linux computer on the box's LAN."""

    namespace: Namespace
    folder: Path
    resolver: Path = field(init=False)

    def __post_init__(self) -> None:
        self.resolver = self.folder / f"{self.namespace.name}.resolv"

    def join(self, timeout_s: float = 10.0) -> str:
        """Get an address by udhcpc, once; what it said. LabError: none came."""
        script = self.folder / f"{self.namespace.name}.udhcpc"
        script.write_text(_UDHCPC_SCRIPT.format(resolver=self.resolver))
        script.chmod(0o755)
        done = self.namespace.run(
            *("udhcpc", "-i", "eth0", "-n", "-q", "-f", "-t", "20", "-T", "1", "-A", "1"),
            *("-s", str(script)),
            timeout_s=timeout_s,
        )
        return done.stderr

    def run(self, *argv: str, timeout_s: float = 20.0) -> str:
        """Run a program that finds names by the servers that DHCP gave; what it printed."""
        # `ip netns exec` gives it mounts of its own, so that this is seen by nobody else.
        inner = 'mount --bind "$0" /etc/resolv.conf && exec "$@"'
        words = ("sh", "-c", inner, str(self.resolver), *argv)
        return self.namespace.run(*words, timeout_s=timeout_s).stdout

    def address(self) -> str:
        """Its IPv4 address now."""
        words = self.namespace.ip("-4", "-br", "address", "show", "eth0").split()
        if len(words) < 3:
            raise LabError(f"{self.namespace.name} has no address", "DHCP gave it none")
        return words[2].partition("/")[0]


class BoardHotel:
    """Computers in a row with a board among them. The board is off until power()."""

    def __init__(
        self,
        lab: Lab,
        name: str,
        *,
        firmware: Path | None = None,
        flash: Path | None = None,
        options: Sequence[str] = (),
    ) -> None:
        self.lab = lab
        self.place = lab.namespace("board")
        self.hotel = lab.namespace("hotel")
        self.gateway = lab.namespace("gateway")
        self.web = lab.namespace("web")
        self.client = LanClient(lab.namespace("client"), lab.folder)
        self.place.set_sysctl("ipv6/conf/all/disable_ipv6", 1)
        self.place.set_sysctl("ipv6/conf/default/disable_ipv6", 1)
        plug(self.place, UPLINK_TAP, self.hotel, "rooms")
        plug(self.place, LAN_TAP, self.client.namespace, "eth0")
        connect(self.hotel, "street", self.gateway, "eth0")
        connect(self.gateway, "eth1", self.web, "eth0")
        self.hotel.address("rooms", f"{ROOMS.server}/24")
        self.hotel.address("street", f"{HOTEL_OUTSIDE}/24")
        self.gateway.address("eth0", f"{GATEWAY}/24")
        self.gateway.address("eth1", "203.0.113.1/24", "2001:db8:80::1/64")
        self.web.address("eth0", f"{WEB}/24", f"{WEB6}/64")
        self.web.route("default", "via", "203.0.113.1")
        self.gateway.forward()
        self.nat = Nat(self.hotel, "rooms", "street", f"{HOTEL_OUTSIDE}/24")
        self.dhcp = DhcpServer(ROOMS)
        serve(lab, self.hotel, self.dhcp)
        wiring = Wiring(
            console=f"unix:{lab.folder / 'console'}",
            uplink=f"tap:{UPLINK_TAP}",
            lan=f"tap:{LAN_TAP}",
        )
        self.board = Board(
            name,
            lab.folder,
            firmware=firmware,
            flash=flash,
            wiring=wiring,
            prefix=("ip", "netns", "exec", self.place.name),
            options=options,
        )
        lab.at_end(self.board.stop)
        self.tunnel: Tunnel | None = None

    def power(self) -> None:
        """Switch the board on."""
        self.board.start()

    def watch_uplink(self) -> Capture:
        """A recording of the uplink's TAP: what the box sends is not `outgoing` there."""
        return Capture(self.place, UPLINK_TAP)

    def start_gateway(self, implementation: Implementation) -> Tunnel:
        """Run a gateway that knows nobody yet; provision() lets the box in."""
        tunnel = Tunnel(
            implementation,
            self.gateway,
            self.lab.interface_name("gate"),
            (f"{GATEWAY_INNER}/24",),
        )
        tunnel.start(GATEWAY_PORT)
        self.tunnel = tunnel
        return tunnel

    def provision(self, console: Console, dns: str = "", box: str = "") -> str:
        """Give the box its key and its tunnel to the gateway; its public key.

        dns: the tunnel's name server. box: more lines of its own document.
        """
        tunnel = self.tunnel
        if tunnel is None:
            raise LabError("the box cannot be provisioned", "no gateway was started")

        def admit(public_key: str) -> None:
            tunnel.peers = [PeerSettings(public_key, (f"{BOX_INNER}/32",))]
            tunnel.configure()

        name_server = f"DNS = {dns}\n" if dns else ""
        peer = PeerSettings(tunnel.key.public, ("0.0.0.0/0",), f"{GATEWAY}:{GATEWAY_PORT}")
        head = f"[Interface]\nAddress = {BOX_INNER}/32\n{name_server}\n"
        text = head + "\n".join(peer.lines()) + "\n"
        return provision(console, admit, text, f"[Box]\nName = {NAME}\n{box}")


def serve(lab: Lab, hotel: Namespace, rooms: DhcpServer) -> None:
    """Give addresses to whoever is plugged into a hotel's rooms, until the lab is taken down."""
    service = DhcpService(hotel, "rooms", rooms)
    service.__enter__()
    lab.at_end(service.stop)


def plug(place: Namespace, tap: str, other: Namespace, interface: str) -> None:
    """A TAP in one namespace that is as good as a cable to an interface of another."""
    bridge, inner = f"{tap}-br", f"{tap}-end"
    place.ip("tuntap", "add", tap, "mode", "tap")
    connect(place, inner, other, interface)
    place.ip("link", "add", bridge, "type", "bridge", "mcast_snooping", "0")
    for each in (tap, inner):
        place.ip("link", "set", each, "master", bridge)
    for each in (tap, bridge):
        place.ip("link", "set", each, "up")

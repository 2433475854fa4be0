"""The scene of the story: a traveller in a hotel, a gateway at home, and a web server beyond it.

client ----- box ----- hotel (NAT) ----- gateway ----- web
    10.77.0.0/24  172.16.5.0/24   192.0.2.0/24  203.0.113.0/24
"""

from pathlib import Path

from undertow.lab.laboratory import Lab
from undertow.lab.namespace import connect
from undertow.lab.nat import Nat
from undertow.lab.tunnel import KeyPair, PeerSettings

CLIENT = "10.77.0.2"
LAN = "10.77.0.0/24"
BOX_OUTER = "172.16.5.9"
HOTEL_OUTSIDE = "192.0.2.1"
GATEWAY = "192.0.2.2"
GATEWAY_PORT = 51820
BOX_INNER = ("10.7.0.1", "fd07::1")
GATEWAY_INNER = ("10.7.0.254", "fd07::fe")
WEB = "203.0.113.80"
WEB6 = "2001:db8:80::80"

_BOX_RULES = """
table inet undertow_box {{
    chain forward {{
        type filter hook forward priority filter; policy drop;
        tcp flags syn tcp option maxseg size set rt mtu
        iifname "lan" oifname "{tunnel}" accept
        iifname "{tunnel}" oifname "lan" ct state established,related accept
    }}
}}
"""


class Hotel:
    """Five computers in a row; only the hotel's router translates addresses."""

    def __init__(self, lab: Lab) -> None:
        self.client = lab.namespace("client")
        self.box = lab.namespace("box")
        self.hotel = lab.namespace("hotel")
        self.gateway = lab.namespace("gateway")
        self.web = lab.namespace("web")
        connect(self.client, "eth0", self.box, "lan")
        connect(self.box, "eth0", self.hotel, "rooms")
        connect(self.hotel, "street", self.gateway, "eth0")
        connect(self.gateway, "eth1", self.web, "eth0")
        self.client.address("eth0", f"{CLIENT}/24")
        self.box.address("lan", "10.77.0.1/24")
        self.box.address("eth0", f"{BOX_OUTER}/24")
        self.hotel.address("rooms", "172.16.5.1/24")
        self.hotel.address("street", f"{HOTEL_OUTSIDE}/24")
        self.gateway.address("eth0", f"{GATEWAY}/24")
        self.gateway.address("eth1", "203.0.113.1/24", "2001:db8:80::1/64")
        self.web.address("eth0", f"{WEB}/24", f"{WEB6}/64")
        self.client.route("default", "via", "10.77.0.1")
        self.box.route("default", "via", "172.16.5.1")
        self.web.route("default", "via", "203.0.113.1")
        self.web.route("default", "via", "2001:db8:80::1")
        self.gateway.forward()
        self.nat = Nat(self.hotel, "rooms", "street", f"{HOTEL_OUTSIDE}/24")

    def let_clients_into(self, tunnel: str) -> None:
        """Make the box a router between its LAN and the tunnel, and nothing else."""
        self.box.forward()
        self.box.nft(_BOX_RULES.format(tunnel=tunnel))


def _write(file: Path, interface: list[str], peer: PeerSettings) -> Path:
    file.touch(mode=0o600)
    file.write_text("\n".join(["[Interface]", *interface, "", *peer.lines(), ""]))
    return file


def write_box_file(file: Path, key: KeyPair, gateway_key: str) -> Path:
    """The box's wg-quick file: everything goes to the gateway."""
    peer = PeerSettings(gateway_key, ("0.0.0.0/0", "::/0"), f"{GATEWAY}:{GATEWAY_PORT}")
    addresses = ", ".join((f"{BOX_INNER[0]}/32", f"{BOX_INNER[1]}/128"))
    return _write(file, [f"PrivateKey = {key.private}", f"Address = {addresses}"], peer)


def write_gateway_file(file: Path, key: KeyPair, box_key: str) -> Path:
    """The gateway's wg-quick file: it takes the box and the network behind it."""
    allowed = (f"{BOX_INNER[0]}/32", f"{BOX_INNER[1]}/128", LAN)
    addresses = ", ".join((f"{GATEWAY_INNER[0]}/24", f"{GATEWAY_INNER[1]}/64"))
    head = [f"PrivateKey = {key.private}", f"Address = {addresses}"]
    return _write(file, [*head, f"ListenPort = {GATEWAY_PORT}"], PeerSettings(box_key, allowed))

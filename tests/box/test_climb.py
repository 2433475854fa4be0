import unittest

from _wg import Gate, Shape, Tunnel
from box.control import Control
from box.lead import Lead
from tests.box import abroad
from tests.box.abroad import Gateway, Path, Proxy, WebServer, World
from tests.dhcp.client import ip
from tests.support.board import network
from tests.support.flash import Folder

from carrier import inside, ladder
from carrier.http import HeadReader, read_request
from carrier.rung import UDP
from carrier.websocket import answer, wants_upgrade
from wg import config, probe
from wg.device import Device
from wg.keytext import public_to_base64
from wg.tai64n import Timestamps

HOTEL = network(ip("192.168.1.50"), 24, ip("192.168.1.1"), [ip("192.168.1.1")])
CAFE = network(ip("172.20.0.9"), 16, ip("172.20.0.1"), [ip("172.20.0.1")])
KEY = bytes(range(32))
TLS_NAME = "home.example.org"
SECRET_PATH = "/0123456789abcdef0123456789abcdef"
SHAPE = "\n".join(["S%d = 16" % number for number in (1, 2, 3, 4)])
DOCUMENT = """[Interface]
PrivateKey = yAnz5TF+lXXJte14tji3zlMNq+hd2rYUIgJBgB3fBmk=
Address = 10.51.82.7/32
%s
HeaderProtectionKey = %s

[Carriers]
UDP = 443, 53, 123, 500, 4500, 51820, 40123
Shapes = shaped, plain
Decoys = none
TCP = 80
WS = 80
TLS = 443
TLSName = %s
TLSPin = %s
Path = %s
Inside = 10.51.82.1:%d
%s
[Peer]
PublicKey = %s
AllowedIPs = 0.0.0.0/0
Endpoint = %s:51820
"""


class Client:
    """Somebody behind the box: asks for one page after the other, until each is there."""

    def __init__(self, case, again_ms=400):
        self.case = case
        self.again_ms = again_ms
        self.asked = b""
        self.got = 0
        self.number = 0
        self.times = []
        case.path.on_packet = self.take

    def ask(self, size=200):
        self.number += 1
        self.asked = b"page %d " % self.number
        self.asked += bytes(size - len(self.asked))
        self.case.path.client_sends(self.asked)

    def take(self, payload):
        if payload[: len(self.asked)] == self.asked:
            self.got += 1
            self.times.append(self.case.world.clock.ms)
            self.asked = b""

    def page(self, within_ms, size=200):
        """Ask for one page; how long it took, or None."""
        began_ms = self.case.world.clock.ms
        got = self.got
        self.ask(size)
        while self.case.world.clock.ms - began_ms < within_ms:
            self.case.run_for(self.again_ms)
            if self.got > got:
                return self.times[-1] - began_ms
            self.case.path.client_sends(self.asked)
        return None

    def load(self, size, within_ms):
        """A long page in packets of 1000 bytes, each until it is there; whether it is."""
        end_ms = self.case.world.clock.ms + within_ms
        for _ in range(size // 1000):
            if self.page(max(end_ms - self.case.world.clock.ms, 0), 1000) is None:
                return False
        return True


class _Case(unittest.TestCase):
    more = ""

    def setUp(self):
        folder = Folder()
        self.addCleanup(folder.close)
        self.folder = folder.path
        self.world = World()
        self.censor = self.world.censor
        self.gateway = Gateway(self.world, self.serve_inside)
        key = bytearray(KEY)
        types = (1, 1, 2, 2, 3, 3, 4, 4)
        self.gateway.path.set_shape(Shape((16,) * 4, types, key, bytearray(32)))
        self.gateway.device.types = types
        self.gateway.device.probe_key = probe.key_of(KEY)
        servers = self.world.servers
        servers[(abroad.HOME_ADDRESS, 443)] = lambda s: WebServer(self.gateway, s, True, upgrade)
        servers[(abroad.HOME_ADDRESS, 80)] = lambda s: WebServer(self.gateway, s, False, upgrade)
        servers[(abroad.PROXY_ADDRESS, abroad.PROXY_PORT)] = lambda s: Proxy(self.world, s, connect)
        servers[(abroad.PROXY_ADDRESS, abroad.SOCKS_PORT)] = lambda s: Proxy(self.world, s, socks)
        self.echoes_are_answered = True
        self.boot()

    def boot(self, host=abroad.HOME):
        """A box that was just turned on, with what it has in flash."""
        gone = getattr(self, "path", None)
        self.world.network.nodes[:] = [n for n in self.world.network.nodes if n is not gone]
        self.lines = []
        tunnel, gate = Tunnel(4, 8, 8, 1500, 1420), Gate()
        self.path = Path(self.world, tunnel, gate)
        clock = self.world.clock
        random = self.world.network.random
        self.device = Device(
            tunnel,
            gate,
            self.path,
            random.fill,
            Timestamps(clock.wall_clock, None, lambda floor: None),
            clock.wall_clock,
        )
        self.control = Control(self.device, self.path, clock.now_ms, self.log)
        self.lead = Lead(self.path, self.device, self.control, self.ask, self.folder, random.fill)
        self.control.on_wake(self.path.WAKE_STREAM, self.lead.work_streams)
        self.control.on_wake(self.path.WAKE_INSIDE, self.lead.receive_inside)
        self.control.on_handshake = self.lead.take_handshake
        self.searches = []
        self.control.on_wake(self.path.WAKE_NAME, self.found)
        text = DOCUMENT % (
            SHAPE,
            public_to_base64(KEY),
            TLS_NAME,
            public_to_base64(abroad.PIN),
            SECRET_PATH,
            abroad.INSIDE_PORT,
            self.more,
            public_to_base64(self.gateway.device.public_key),
            host,
        )
        settings = config.parse(bytearray(text.encode()), None)
        self.device.set_private_key(settings.interface.private_key)
        peer = self.device.add_peer(self.gateway.device.public_key)
        peer.replace_allowed_ips(settings.peers[0].allowed_ips)
        to_box = self.gateway.device.add_peer(self.device.public_key)
        to_box.allow(abroad.BOX_INSIDE, 32)
        self.mtus = []
        self.path.bind(0)
        self.lead.open(settings, settings.peers[0], None, 1420, self.set_mtu)
        self.climb = self.lead.climb
        self.client = Client(self)

    def set_mtu(self, mtu):
        self.mtus.append(mtu)
        self.device.tunnel.set_mtu(mtu)

    def log(self, level, text):
        self.lines.append(text)

    def ask(self, name, found):
        self.searches.append(found)
        self.path.look_up(name)

    def found(self):
        address = self.path.name()
        if self.searches:
            self.searches.pop(0)(address or None)

    def serve_inside(self, message):
        message = bytearray(message)
        if inside.answer_echo(message):
            return [bytes(message)]
        return []

    def run_for(self, ms):
        self.world.run(self.control, ms)

    def join(self, state=HOTEL, mac=b"\x02\0\0\0\0\x01"):
        self.path.mac = mac
        self.path.set_state(state)
        self.lead.begin()

    def first_page(self, within_ms=15_000):
        """How long it takes from a network's address to a page."""
        self.join()
        return self.client.page(within_ms)

    def kind(self):
        return None if self.climb.rung is None else self.climb.rung.kind


def upgrade(head):
    reader = HeadReader(8192)
    if not reader.feed(head):
        return None
    request = read_request(reader.head)
    if request is None or not wants_upgrade(request, SECRET_PATH.encode()):
        return b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
    return answer(request)


def connect(proxy, head):
    reader = HeadReader(8192)
    if not reader.feed(head):
        return None, None
    request = read_request(reader.head)
    host, _, port = request.target.rpartition(":")
    return b"HTTP/1.1 200 OK\r\n\r\n", (ip(host), int(port))


def socks(proxy, head):
    if head[:1] == b"\x05" and len(head) == 2 + head[1]:
        return b"\x05\x00", None
    if len(head) >= 10:
        target = (head[4:8], head[8] << 8 | head[9])
        return b"\x05\x00\x00\x01\0\0\0\0\0\0", target
    return None, None


class OpenTest(_Case):
    def test_an_open_network_is_left_by_the_first_rung(self):
        self.assertTrue(self.first_page() is not None)
        self.run_for(5_000)
        self.assertEqual((self.climb.rung.kind, self.climb.rung.port), (UDP, 443))
        self.assertTrue(self.climb.is_proven)
        self.assertEqual(self.climb.ladder.state, ladder.CARRYING)


if __name__ == "__main__":
    unittest.main()

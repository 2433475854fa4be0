"""The whole device program but its console, on a board with a cable and a radio: the tunnel follows
from one to the other, and nothing is sent by the wrong one."""

import unittest

from box.box_settings import Network
from box.state import State
from tests.dhcp.client import ip
from tests.support import board as boards
from tests.support.board import Machine, World, network
from tests.support.esp32.rig import Rig
from tests.support.flash import Folder

from wg.keytext import public_to_base64

boards.load(Machine(World()))  # before what imports its modules

from box.status import problem, status, tunnel_state  # noqa: E402

GATEWAY = "203.0.113.5:51820"
BY_CABLE = network(ip("192.0.2.9"), 24, ip("192.0.2.1"))
BY_WIFI = network(ip("198.51.100.7"), 24, ip("198.51.100.1"))
BOX = """[Box]
Name = attic
%s[WiFi]
SSID = Home
Password = %s
[LAN]
Password = own password
"""
TUNNEL = """[Interface]
Address = 10.66.0.2/32
[Peer]
PublicKey = %s
AllowedIPs = 0.0.0.0/0
Endpoint = 203.0.113.5:51820
"""
STEP_MS = 10


class BoxTest(unittest.TestCase):
    def setUp(self):
        folder = Folder()
        self.addCleanup(folder.close)
        self.world = World()
        self.gateway = self.world.network.node("gateway", GATEWAY)
        self.rig = Rig()
        self.ether = self.rig.ether
        self.ether.now_ms = self.world.clock.ms
        machine = Machine(self.world)
        self.board = boards.load(machine).Board(folder.path, self.rig.log, self.rig.links)
        self.router = self.board.router
        self.ether.sides.on_uplink = self.follow
        self.world.at(STEP_MS, self.turn)

    def tearDown(self):
        self.assertEqual(self.ether.violations, [])

    def turn(self):
        """The ether's time goes with the world's."""
        self.ether.advance(self.world.clock.ms - self.ether.now_ms)
        self.world.at(STEP_MS, self.turn)

    def follow(self, uplink):
        """What the C does: another uplink has no address, and nobody has asked for one."""
        self.router._wants_dhcp = False
        self.world.offer = {"eth": BY_CABLE, "sta": BY_WIFI, None: None}[uplink]
        self.router.set_state((uplink is not None, None, 0, None, ()))

    def apply(self, password="correct horse", uplink=""):
        tunnel = TUNNEL % public_to_base64(self.gateway.public_key)
        box = BOX % (uplink, password)
        self.board.apply(
            State(bytearray(box.encode()), bytearray(tunnel.encode()), bytearray(b"\x07" * 32))
        )
        self.gateway.device.add_peer(self.board.public_key)

    def run_for(self, ms):
        self.world.run(self.board.control, ms)

    def run_until_up(self, limit_ms):
        began_ms = self.world.clock.ms
        while tunnel_state(self.board) != "up":
            self.assertLess(self.world.clock.ms - began_ms, limit_ms)
            self.run_for(100)

    def test_the_tunnel_follows_from_the_cable_to_wifi_and_back(self):
        self.ether.add(b"Home", b"correct horse")
        self.ether.cable.plug()
        self.apply()
        self.run_until_up(8000)
        self.assertEqual(self.router.uplink()[1], ip("192.0.2.9"))
        self.ether.cable.unplug()
        self.run_for(1000)
        self.assertEqual(tunnel_state(self.board), "waiting")
        self.run_until_up(10_000)
        self.assertEqual(self.router.uplink()[1], ip("198.51.100.7"))
        self.ether.cable.plug()
        self.run_for(6000)
        self.assertEqual(self.router.uplink()[1], ip("192.0.2.9"))
        self.assertEqual(tunnel_state(self.board), "up")

    def test_a_static_address_is_given_to_each_uplink(self):
        self.ether.add(b"Home", b"correct horse")
        self.ether.cable.plug()
        self.apply(uplink="[Uplink]\nMode = static\nAddress = 192.0.2.50/24\nGateway = 192.0.2.1\n")
        self.run_until_up(8000)
        self.ether.cable.unplug()
        self.run_for(8000)
        self.assertEqual(self.rig.uplink, "sta")
        self.assertEqual(self.router.uplink()[1], ip("192.0.2.50"))

    def test_a_wrong_password_is_what_the_box_says(self):
        self.ether.add(b"Home", b"correct horse")
        self.apply(password="wrong password")
        self.run_for(20_000)
        self.assertEqual(
            problem(self.board)[:2], ("the Wi-Fi network 'Home'", "it refuses the password")
        )
        self.assertNotIn("wrong password", str(self.rig.lines) + str(self.rig.links.status()))

    def test_the_status_tells_by_what_it_goes_out(self):
        self.ether.add(b"Home", b"correct horse", channel=11, signal=-61)
        self.apply()
        self.run_for(15_000)
        told = status(self.board, "live", {"state": "no"})["links"]
        self.assertEqual(told["medium"], "wifi")
        self.assertEqual(told["wifi"]["channel"], 11)
        self.assertEqual(told["wifi"]["signal_dbm"], -61)
        self.assertEqual((told["own"]["state"], told["own"]["clients"]), ("up", 0))

    def test_somebody_can_try_a_network_and_lose_nothing(self):
        self.ether.add(b"Home", b"correct horse")
        self.apply()
        self.run_for(15_000)
        told = []
        self.rig.links.connect(Network(b"Elsewhere", bytearray(b"12345678")), told.append)
        self.run_for(30_000)
        self.assertEqual(told, [False])
        self.assertEqual((self.rig.uplink, tunnel_state(self.board)), ("sta", "up"))


if __name__ == "__main__":
    unittest.main()

import unittest

from _wg import PresharedKey
from box.state import State
from tests.dhcp.client import ip
from tests.support.board import BLANK, Machine, World, load, network
from tests.support.flash import Folder

from wg import endpoint
from wg.keytext import public_to_base64

load(Machine(World()))  # before what imports its modules

from box.status import problem, status, tunnel_state  # noqa: E402
from box.trust import Trust, Verification  # noqa: E402

HOTEL = network(ip("192.168.1.50"), 24, ip("192.168.1.1"), [ip("192.168.1.1")])
GATEWAY = "203.0.113.5:51820"
BOX = b"[Box]\nName = attic\n"
TUNNEL = """[Interface]
Address = 10.66.0.2/32, fd00::2/128
DNS = 10.66.0.1
MTU = 1400
%s
[Peer]
PublicKey = %s
AllowedIPs = 0.0.0.0/0
Endpoint = %s
"""


UNPAIRED = Verification(None, None, None).as_members(0)


class _Case(unittest.TestCase):
    has_random = True

    def setUp(self):
        folder = Folder()
        self.addCleanup(folder.close)
        self.folder = folder.path
        self.world = World()
        self.gateway = self.world.network.node("gateway", GATEWAY)
        self.wall_clock = None
        self.boot()

    def boot(self):
        """The power comes: a box that has read no settings yet."""
        self.world.network.nodes[:] = [self.gateway]
        self.lines = []
        self.machine = Machine(self.world, self.has_random, self.wall_clock)
        self.board = load(self.machine).Board(self.folder, self.log)
        self.router = self.board.router

    def log(self, level, text):
        self.lines.append((level, text))

    def state(self, host=GATEWAY, more="", key=b"\x07" * 32, box=BOX, gateway=None):
        public = public_to_base64((gateway or self.gateway).public_key)
        tunnel = TUNNEL % (more, public, host)
        return State(bytearray(box), bytearray(tunnel.encode()), bytearray(key))

    def apply(self, state=None, trouble=None):
        self.board.apply(state or self.state(), trouble)
        if self.board.public_key is not None:
            self.gateway.device.add_peer(self.board.public_key)

    def run_for(self, ms):
        self.world.run(self.board.control, ms)

    def join(self):
        self.apply()
        self.world.plug(HOTEL)
        self.run_for(500)
        self.assertEqual(tunnel_state(self.board), "up")

    def problem(self):
        found = problem(self.board)
        return None if found is None else found[0] + ": " + found[1]


class StartTest(_Case):
    def test_a_blank_box_has_a_lan_and_says_nothing_on_the_uplink(self):
        self.apply(State())
        self.world.plug(HOTEL)
        self.run_for(10_000)
        self.assertEqual(self.router.lan, (ip("10.52.87.1"), 24))
        self.assertEqual(self.router.tunnel_address, None)
        self.assertEqual(self.world.network.capture, [])
        self.assertFalse("uplink_dhcp" in self.router.calls)
        self.assertEqual(tunnel_state(self.board), "closed")
        self.assertEqual(self.problem(), None)

    def test_before_it_has_read_its_settings_everything_is_closed(self):
        self.world.plug(HOTEL)
        self.run_for(1000)
        self.assertEqual(self.router.tunnel_address, None)
        self.assertEqual(self.router.lan, None)
        self.assertEqual(self.world.network.capture, [])

    def test_the_tunnel_is_up_right_after_the_uplink_has_an_address(self):
        self.apply()
        self.run_for(30_000)
        self.world.plug(HOTEL)
        self.run_for(100)
        self.assertEqual(tunnel_state(self.board), "up")
        self.assertEqual(self.router.tunnel_address, ip("10.66.0.2"))
        self.assertEqual(self.router.dns, ip("10.66.0.1"))

    def test_a_preshared_key_outlives_the_document_that_it_came_in(self):
        key = public_to_base64(bytes(range(32)))
        state = self.state(host=GATEWAY + "\nPresharedKey = " + key)
        self.board.apply(state)
        peer = self.gateway.device.add_peer(self.board.public_key)
        peer.set_preshared_key(PresharedKey(bytearray(key.encode())))
        self.world.plug(HOTEL)
        self.run_for(500)
        self.assertEqual(tunnel_state(self.board), "up")
        held = self.board.connection.peer().preshared_key
        self.board.connection.close()
        with self.assertRaises(ValueError):  # it was wiped
            held.is_zero()

    def test_without_a_name_server_of_its_own_the_tunnel_leads_to_a_public_one(self):
        state = self.state()
        state.tunnel[:] = state.tunnel.replace(b"DNS = 10.66.0.1\n", b"")
        self.apply(state)
        self.assertEqual(self.router.dns, ip("9.9.9.9"))

    def test_a_static_uplink_and_an_address_of_the_lan_are_taken_from_the_document(self):
        box = BOX + (
            b"[Uplink]\nMode = static\nAddress = 192.168.1.9/24\nGateway = 192.168.1.1\n"
            b"[LAN]\nAddress = 10.9.9.1/24\n"
        )
        self.router.link_up()
        self.apply(self.state(box=box))
        self.run_for(100)
        self.assertEqual(self.router.lan, (ip("10.9.9.1"), 24))
        self.assertEqual(endpoint.host(self.router.address), ip("192.168.1.9"))
        self.assertEqual(tunnel_state(self.board), "up")

    def test_the_lan_makes_way_before_the_gateway_is_spoken_to(self):
        self.apply()
        seen = []
        transmit = self.router._transmit
        self.router.path._transmit = lambda *sent: (seen.append(self.router.lan), transmit(*sent))
        self.world.plug(network(ip("10.52.0.9"), 16))
        self.run_for(200)
        self.assertEqual(tunnel_state(self.board), "up")
        self.assertEqual({address[1] for address, _ in seen}, {52 ^ 0x80})

    def test_it_feeds_the_watchdog_and_is_healthy_after_a_minute(self):
        def run():
            self.world.limit_ms = self.world.clock.ms + 59_000
            while self.world.clock.ms < self.world.limit_ms:
                self.board.control.step()

        self.board.control.run = run
        self.apply()
        self.board.run()
        self.assertTrue(self.world.clock.ms - self.machine.fed_ms <= 5000)
        self.assertFalse(self.machine.is_healthy)
        self.run_for(2000)
        self.assertTrue(self.machine.is_healthy)


class ChangeTest(_Case):
    def test_new_settings_close_everything_until_they_are_in_place(self):
        self.join()
        seen = []
        other = self.world.network.node("other", "203.0.113.9:1")
        bind = self.router.bind

        def watch(port):
            seen.append((self.router.tunnel_address, self.router._port))
            return bind(port)

        self.router.bind = watch
        self.board.apply(self.state(host="203.0.113.9:1", gateway=other))
        other.device.add_peer(self.board.public_key)
        self.assertEqual(seen, [(None, 0)])
        self.assertEqual(
            [p.public_key for p in self.board.device.peers.values()], [other.public_key]
        )
        self.run_for(1000)
        self.assertEqual(tunnel_state(self.board), "up")

    def test_settings_that_are_wiped_close_the_box(self):
        self.join()
        self.apply(State())
        self.assertEqual(self.router.tunnel_address, None)
        self.assertEqual(self.board.device.public_key, None)
        self.assertEqual(self.router.address, b"")
        count = len(self.world.network.capture)
        self.run_for(60_000)
        self.assertEqual(len(self.world.network.capture), count)

    def test_broken_settings_close_the_box_and_are_told(self):
        self.join()
        self.apply(self.state(more="Adress = 1.2.3.4"))
        self.assertEqual(self.router.tunnel_address, None)
        self.assertTrue("there is none called 'Adress'" in self.problem())

    def test_a_port_that_cannot_be_opened_closes_the_box_and_is_told(self):
        def bind(port):
            raise OSError(98)

        self.router.bind = bind
        self.apply()
        self.assertEqual(self.router.tunnel_address, None)
        self.assertFalse(self.board.connection.is_open)
        self.assertEqual(self.problem(), "ListenPort: the box itself has 0 in use")

    def test_a_key_that_no_tunnel_needs_is_wiped(self):
        for state in (self.state(more="Adress = 1.2.3.4"), self.state()):
            made = []
            private_key = state.private_key
            state.private_key = lambda made=made, make=private_key: made.append(make()) or made[-1]
            self.apply(state)
            state.wipe()
            self.board.connection.close()
            for key in made:
                with self.assertRaises(ValueError):
                    key.public()

    def test_settings_come_a_hundred_times(self):
        for number in range(100):
            self.apply(self.state(more="ListenPort = %d" % (1000 + number)))
        self.world.plug(HOTEL)
        self.run_for(6000)
        self.assertEqual(tunnel_state(self.board), "up")
        self.assertEqual(endpoint.port(self.router.address), 1099)


class NameTest(_Case):
    def test_a_gateway_is_found_by_its_name(self):
        self.world.names["gate.example"] = ip("203.0.113.5")
        self.apply(self.state(host="gate.example:51820"))
        self.world.plug(HOTEL)
        self.run_for(200)
        self.assertEqual(tunnel_state(self.board), "up")

    def test_a_name_that_is_not_found_is_told_and_asked_for_again(self):
        self.apply(self.state(host="gate.example:51820"))
        self.world.plug(HOTEL)
        self.run_for(1000)
        self.assertEqual(self.problem(), "the gateway gate.example: its name was not found")
        self.world.names["gate.example"] = ip("203.0.113.5")
        self.run_for(6000)
        self.assertEqual(tunnel_state(self.board), "up")
        self.assertEqual(self.problem(), None)

    def test_a_gateway_that_moved_is_found_again(self):
        self.world.names["gate.example"] = ip("203.0.113.5")
        self.apply(self.state(host="gate.example:51820"))
        self.world.plug(HOTEL)
        self.run_for(1000)
        moved = endpoint.parse("198.51.100.7:51820")
        self.gateway.address = moved
        self.world.names["gate.example"] = ip("198.51.100.7")
        self.board.connection.peer().initiate(self.world.clock.ms)
        self.run_for(25_000)
        self.assertEqual(self.board.connection.peer().endpoint(), moved)
        self.assertEqual(tunnel_state(self.board), "up")

    def test_a_moved_gateway_is_looked_for_as_soon_as_nobody_answers_beyond_the_router(self):
        self.world.names["gate.example"] = ip("203.0.113.5")
        self.apply(self.state(host="gate.example:51820"))
        self.world.plug(HOTEL)
        self.run_for(60_000)
        moved = endpoint.parse("198.51.100.7:51820")
        self.world.names["gate.example"] = ip("198.51.100.7")
        self.gateway.address = moved
        before = len(self.world.network.capture)
        self.router.tell(self.router.SILENCE_FAR)
        self.run_for(200)
        self.assertEqual(self.board.connection.peer().endpoint(), moved)
        # A handshake that went to the old address is no reason to wait 5 s with that to the new.
        sent = self.world.network.capture[before:]
        answered = [data for source, _, data in sent if source == moved and data[0] == 2]
        self.assertEqual(len(answered), 1)


class ClockTest(_Case):
    def reboots(self):
        self.join()
        for _ in range(3):
            self.boot()
            self.join()

    def test_it_works_without_a_clock_over_restarts(self):
        self.reboots()

    def test_a_key_from_a_machine_with_a_clock_works_once_the_time_was_told(self):
        self.wall_clock = lambda: (1_900_000_000, 0)
        self.boot()
        self.join()
        self.wall_clock = None
        self.folder += "/another"
        self.boot()
        self.apply()
        self.world.plug(HOTEL)
        self.run_for(20_000)
        self.assertEqual(tunnel_state(self.board), "connecting")
        self.board.timestamps.not_before(1_900_000_100)
        self.boot()  # it has to last
        self.join()

    def test_it_works_with_a_clock_that_goes_back(self):
        times = [4_000_000_000, 1_900_000_000, 3, 0, 2_000_000_000]
        for time in times:
            self.wall_clock = lambda time=time: (time, 5)
            self.boot()
            self.join()


class ProblemTest(_Case):
    def test_each_thing_in_the_way_is_told(self):
        self.apply()
        self.assertEqual(self.problem(), "the uplink: there is no link")
        self.router.link_up()
        self.run_for(100)
        self.assertEqual(self.problem(), "the uplink: the network gives no address")
        self.gateway.device.remove_peer(self.board.public_key)
        self.world.plug(HOTEL)
        self.run_for(15_000)
        self.assertEqual(self.problem(), "the gateway %s: it does not answer" % GATEWAY)
        self.gateway.device.add_peer(self.board.public_key)
        self.run_for(6_000)
        self.assertEqual(self.problem(), None)

    def test_a_network_without_a_router_is_told(self):
        self.board.apply(self.state())
        self.world.plug((True, ip("192.168.1.50"), 24, None, ()))
        self.run_for(15_000)
        self.assertEqual(
            self.problem(),
            "the uplink: the network names no router, so nothing beyond it can be reached",
        )

    def test_a_router_that_does_not_answer_is_told(self):
        self.board.apply(self.state())
        self.world.plug(HOTEL)
        self.run_for(12_000)
        silent = "the uplink: its router 192.168.1.1 does not answer"
        self.router.tell(self.router.SILENCE_NEAR)
        self.run_for(100)
        self.assertEqual(self.problem(), silent)
        self.router.tell(self.router.SILENCE_FAR)
        self.run_for(100)
        self.assertEqual(self.problem(), "the gateway %s: it does not answer" % GATEWAY)

    def test_a_tunnel_that_nobody_uses_is_idle_and_no_problem(self):
        self.apply()
        self.gateway.device.remove_peer(self.board.public_key)
        self.world.plug(HOTEL)
        self.run_for(25_000)
        self.gateway.device.add_peer(self.board.public_key)
        self.run_for(8_000)
        self.assertEqual(tunnel_state(self.board), "up")
        self.run_for(300_000)
        self.assertEqual(tunnel_state(self.board), "idle")
        self.assertEqual(self.problem(), None)

    def test_what_was_wrong_with_the_flash_is_told_while_the_box_runs(self):
        self.apply(trouble=("the settings", "they cannot be read", "Provision the box again."))
        self.assertEqual(self.problem(), "the settings: they cannot be read")
        self.assertTrue(self.board.connection.is_open)

    def test_a_box_without_a_tunnel_says_that_it_has_no_gateway_yet(self):
        self.apply(State(bytearray(BOX), None, bytearray(b"\x07" * 32)))
        self.world.plug(HOTEL)
        self.run_for(10_000)
        self.assertTrue(self.problem().startswith("the gateway: the box has none yet"))
        self.assertEqual(self.router.lan, (ip("10.52.87.1"), 24))
        self.assertEqual(self.world.network.capture, [])
        self.assertEqual(tunnel_state(self.board), "closed")

    def test_a_key_that_changed_is_the_problem_when_nothing_else_is(self):
        self.join()
        for paired, whose in (
            (Trust(b"\x01" * 32, b"\x02" * 32, "home"), "the gateway's key"),
            (Trust(b"\x03" * 32, b"\x01" * 32, "home"), "its own key"),
        ):
            verification = Verification(paired, b"\x02" * 32, [b"\x03" * 32]).as_members(0)
            told = status(self.board, "live", verification)
            self.assertEqual(told["verification"], verification)
            self.assertTrue(told["problem"]["why"].startswith(whose))
        self.board.trouble = ("the flash", "it is broken", "Wipe it.")
        self.assertEqual(status(self.board, "live", verification)["problem"]["what"], "the flash")

    def test_status_has_what_programs_expect(self):
        self.join()
        told = status(self.board, "live", UNPAIRED)
        self.assertEqual(
            sorted(told),
            [
                "box",
                "drops",
                "lan",
                "links",
                "memory",
                "problem",
                "sign_in",
                "tunnel",
                "uplink",
                "verification",
            ],
        )
        self.assertEqual(told["box"]["name"], "attic")
        self.assertEqual(told["box"]["reset_cause"], "power")
        self.assertEqual(told["uplink"]["address"], "192.168.1.50")
        self.assertEqual(told["tunnel"]["endpoint"], GATEWAY)
        self.assertEqual(told["tunnel"]["peer"], public_to_base64(self.gateway.public_key))
        self.assertEqual(told["tunnel"]["handshake_age_s"], 0)
        self.assertEqual(told["lan"]["address"], "10.52.87.1")
        self.assertEqual(told["problem"], None)

    def test_a_link_that_is_lost_is_told(self):
        self.join()
        self.router.set_state(BLANK)
        self.run_for(10)
        self.assertEqual(self.problem(), "the uplink: there is no link")
        self.assertEqual(tunnel_state(self.board), "waiting")


class NoRandomTest(_Case):
    has_random = False

    def test_without_random_numbers_there_is_no_tunnel_and_the_box_says_so(self):
        self.apply()
        self.world.plug(HOTEL)
        self.run_for(10_000)
        self.assertEqual(self.router.tunnel_address, None)
        self.assertEqual(self.world.network.capture, [])
        self.assertTrue("no generator of random numbers" in self.problem())
        self.assertEqual(self.router.lan, (ip("10.52.87.1"), 24))


if __name__ == "__main__":
    unittest.main()

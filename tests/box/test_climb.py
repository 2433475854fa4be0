import gc
import unittest

from _wg import Gate, Shape, Tunnel
from box.control import Control
from box.lead import Lead
from tests.box import abroad
from tests.box.abroad import Gateway, Path, Proxy, WebServer, World
from tests.box.abroad_home import (
    CAFE,
    DOCUMENT,
    HOTEL,
    KEY,
    SECRET_PATH,
    SHAPE,
    TLS_NAME,
    connect,
    socks,
    upgrade,
)
from tests.dhcp.client import ip
from tests.support.flash import Folder

from carrier import inside, ladder
from carrier.rung import TCP, TLS, UDP, WS
from wg import config, endpoint, probe
from wg.device import Device
from wg.keytext import public_to_base64
from wg.tai64n import Timestamps


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
            for _ in range(self.again_ms // 20):
                self.case.run_for(20)
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

    tls_name = TLS_NAME

    def setUp(self):
        if hasattr(self, "flash"):
            self.flash.close()  # called again: another box
        else:
            self.addCleanup(lambda: self.flash.close())
        self.flash = Folder()
        self.folder = self.flash.path
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
            self.tls_name,
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
        if self.echoes_are_answered and inside.answer_echo(message):
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
        return None if self.climb.way.rung is None else self.climb.way.rung.kind


# Each network as a change of an open border, and the kinds that pass it.
NETWORKS = {
    "port blocked": (lambda c: setattr(c, "udp_ports", [53, 123]), (UDP,)),
    "UDP blocked": (lambda c: setattr(c, "udp_ports", []), (TLS, WS, TCP)),
    "only TCP 443": (
        lambda c: (setattr(c, "udp_ports", []), setattr(c, "tcp_ports", [443])),
        (TLS,),
    ),
    "only TCP 80": (
        lambda c: (setattr(c, "udp_ports", []), setattr(c, "tcp_ports", [80])),
        (WS, TCP),
    ),
    "only UDP 443": (
        lambda c: (setattr(c, "udp_ports", [443]), setattr(c, "tcp_ports", [])),
        (UDP,),
    ),
    "types dropped": (lambda c: setattr(c, "without_types", True), (UDP,)),
    "sizes dropped": (lambda c: setattr(c, "without_sizes", True), (UDP,)),
    "entropy": (
        lambda c: (setattr(c, "udp_ports", []), setattr(c, "without_entropy", True)),
        (TLS, WS),
    ),
    "resets": (
        lambda c: (setattr(c, "udp_ports", []), setattr(c, "resets", True)),
        (TLS,),
    ),
}


class NetworksTest(_Case):
    def test_an_open_network_is_left_by_the_first_rung(self):
        self.assertTrue(self.first_page() is not None)
        self.run_for(5_000)
        self.assertEqual((self.climb.way.rung.kind, self.climb.way.rung.port), (UDP, 443))
        self.assertTrue(self.climb.way.is_proven)
        self.assertEqual(self.climb.ladder.state, ladder.CARRYING)

    def test_each_network_is_left_within_15_s_and_the_second_time_within_3_s(self):
        for name in sorted(NETWORKS):
            close, kinds = NETWORKS[name]
            self.setUp()
            close(self.censor)
            took_ms = self.first_page()
            self.assertTrue(took_ms is not None, (name, self.lines))
            self.run_for(10_000)
            self.assertTrue(self.kind() in kinds, (name, self.climb.way.rung))
            self.assertTrue(self.climb.way.is_proven, (name, self.lines))
            self.boot()
            took_ms = self.first_page(3_000)
            self.assertTrue(took_ms is not None, (name, self.lines))

    def test_a_gateway_whose_service_inside_is_dead_carries_its_clients_all_the_same(self):
        self.echoes_are_answered = False
        self.assertTrue(self.first_page() is not None)
        for _ in range(20):  # somebody goes on fetching pages
            self.assertTrue(self.client.page(2_000, 1_000) is not None, self.lines)
            self.run_for(500)
        self.assertEqual(self.climb.ladder.state, ladder.CARRYING)
        self.assertFalse(self.climb.way.is_proven)
        self.assertTrue(self.client.load(80_000, 60_000), self.lines)
        self.run_for(1_000)
        self.assertTrue(self.climb.way.is_proven)

    def test_a_plain_box_reaches_nothing_where_ours_has_to_climb(self):
        # By the same censor: else it would block nobody.
        for name in sorted(NETWORKS):
            self.setUp()
            NETWORKS[name][0](self.censor)
            self.climb.stop()
            self.path.set_state(HOTEL)
            peer = self.device.peers[self.gateway.device.public_key]
            peer.set_endpoint(endpoint.pack(abroad.HOME_ADDRESS, 51820))
            peer.initiate(self.world.clock.ms)
            self.assertIsNone(self.client.page(20_000), name)

    def test_a_proxy_is_found_when_nothing_else_passes(self):
        for proxy in ("http://192.168.1.3:3128", "socks5://192.168.1.3:1080"):
            self.more = "Proxy = %s\n" % proxy
            self.setUp()
            self.censor.only_proxy = True
            self.assertTrue(self.first_page() is not None, (proxy, self.lines))
            self.run_for(10_000)
            self.assertTrue(self.climb.way.rung.is_proxied)
            self.boot()
            self.assertTrue(self.first_page(3_000) is not None, (proxy, self.lines))

    def test_a_way_that_freezes_after_16_kb_is_left_for_one_that_does_not(self):
        # The police of volume is on UDP and on what is no TLS.
        self.censor.freeze_at = 16_384
        self.censor.spares_tls = True
        self.assertTrue(self.first_page() is not None, self.lines)
        self.run_for(30_000)
        self.assertEqual(self.kind(), TLS)
        self.assertTrue(self.client.load(300_000, 30_000))
        self.boot()
        self.assertTrue(self.first_page(3_000) is not None, self.lines)

    def test_certificates_are_judged_by_a_clock_that_was_set_and_by_no_other(self):
        # 2026, 1971 (a board that has counted from its start), and none at all.
        for wall_s, is_told in ((1_780_000_000, True), (31_536_000, False), (0, False)):
            self.setUp()
            self.world.clock.wall_ns = wall_s * 1_000_000_000
            self.censor.udp_ports = []
            self.assertTrue(self.first_page() is not None, self.lines)
            told_s = self.path.told_s
            self.assertEqual(told_s != 0, is_told, told_s)
            self.assertTrue(not is_told or 0 <= told_s - wall_s < 60)

    def test_a_name_that_is_for_homes_alone_is_not_said_on_the_way(self):
        for name, said in (("home.example.org", "home.example.org"), ("cabin.home.arpa", "")):
            self.tls_name = name
            self.setUp()
            self.censor.udp_ports = []
            self.assertTrue(self.first_page() is not None, self.lines)
            self.assertEqual(self.path.told_name, said)

    def test_names_that_are_falsified_lead_nobody_astray_who_was_at_home_before(self):
        self.boot("home.example.org")
        self.world.names["home.example.org"] = abroad.HOME_ADDRESS
        self.assertTrue(self.first_page() is not None, self.lines)
        self.run_for(5_000)
        self.world.names["home.example.org"] = abroad.OTHER_ADDRESS
        self.boot("home.example.org")
        self.join(CAFE, b"\x02\0\0\0\0\x09")
        self.assertTrue(self.client.page(15_000) is not None, self.lines)
        self.censor.udp_ports = []
        self.boot("home.example.org")
        self.join(CAFE, b"\x02\0\0\0\0\x09")
        self.assertTrue(self.client.page(20_000) is not None, self.lines)

    def test_a_further_address_is_tried_where_the_first_is_blocked(self):
        self.more = "Address = 198.51.100.7\n"
        self.setUp()
        other = ip("198.51.100.7")
        for port in abroad.UDP_PORTS:
            self.world.network.nodes.append(abroad.Port(self.gateway, other, port))
        self.censor.blocked.add(abroad.HOME_ADDRESS)
        self.assertTrue(self.first_page() is not None, self.lines)
        self.run_for(5_000)
        self.assertEqual(self.climb.way.rung.place, 1)

    def test_a_hole_in_the_mtu_makes_the_tunnel_narrower(self):
        self.censor.mtu = 1300
        self.assertTrue(self.first_page() is not None)
        self.run_for(10_000)
        # 1300 without the headers outside (28), the shape (16) and the message's own (32).
        self.assertTrue(1200 <= self.climb.way.mtu <= 1224, self.climb.way.mtu)
        self.assertTrue(self.climb.way.is_proven)

    def test_loss_and_police_are_no_reason_to_give_up(self):
        for loss, rate in ((10, 0), (0, 250_000)):
            self.setUp()
            self.censor.loss, self.censor.rate = loss, rate
            self.assertTrue(self.first_page() is not None)
            self.assertTrue(self.client.load(100_000, 60_000), (loss, rate, self.lines))


class DecoysTest(_Case):
    def test_what_the_rung_wants_goes_before_each_initiation_and_is_never_the_same(self):
        self.censor.udp_ports = [443]
        self.first_page()
        self.run_for(130_000)  # with a new handshake, for new keys
        sent = [data for kind, _, data in self.censor.seen if kind == "udp"]
        initiations = [i for i, data in enumerate(sent) if len(data) == 148 + 16]
        self.assertTrue(len(initiations) >= 3)
        decoys = []
        for i in initiations:
            before = sent[i - 1]
            self.assertTrue(70 <= len(before) <= 128 and before[4:6] == b"\0\1", before)
            decoys.append(before)
        self.assertEqual(len(set(decoys)), len(decoys))


class MovesTest(_Case):
    """What happens on the way: clients lose nothing that they would not ask for again."""

    def settle(self, ms=10_000):
        self.assertTrue(self.first_page() is not None, self.lines)
        self.run_for(ms)
        self.assertTrue(self.climb.way.is_proven, self.lines)

    def silence_ms(self, pages, within_ms=20_000):
        """Pages one after the other; the longest that one took."""
        longest_ms = 0
        for _ in range(pages):
            took_ms = self.client.page(within_ms)
            self.assertTrue(took_ms is not None, self.lines)
            longest_ms = max(longest_ms, took_ms)
        return longest_ms

    def test_a_way_that_is_closed_while_it_carries_is_left_within_seconds(self):
        self.settle()
        self.censor.udp_ports = []
        self.assertTrue(self.silence_ms(5) < 12_000, self.lines)
        self.run_for(3_000)
        self.assertTrue(self.kind() in (TLS, WS, TCP))

    def test_a_way_that_goes_silent_is_left_within_5_s(self):
        self.settle()
        rung = self.climb.way.rung
        self.censor.udp_ports = [53, 123]
        self.client.ask()
        began_ms = self.world.clock.ms
        while self.climb.ladder.state == ladder.CARRYING and self.climb.way.rung == rung:
            self.client.case.path.client_sends(self.client.asked)
            self.run_for(100)
            self.assertTrue(self.world.clock.ms - began_ms <= 5_000, "still on it")

    def test_a_packet_that_nobody_answers_moves_nothing(self):
        self.settle()
        rung, since_ms = self.climb.way.rung, self.climb.way.since_ms
        self.world.site_answers = False
        for _ in range(20):
            self.client.ask()
            self.run_for(1000)
        self.assertEqual((self.climb.way.rung, self.climb.way.since_ms), (rung, since_ms))

    def test_keys_stay_when_the_way_changes(self):
        self.settle()
        self.censor.udp_ports = []
        self.client.page(20_000)
        self.assertEqual(len(self.gateway.device.peers), 1)
        self.assertTrue(self.gateway.tunnel.has_keypair(0, 0))
        # Whatever was on its way came, or was asked for again by who sent it: no new session.
        self.assertFalse(any("keys wiped" in line for line in self.lines))

    def test_another_uplink_is_used_within_2_s(self):
        self.settle()
        self.join(CAFE, b"\x02\0\0\0\0\x09")
        took_ms = self.client.page(10_000)
        self.assertTrue(took_ms is not None and took_ms <= 2_000, took_ms)

    def test_another_uplink_is_used_at_once_also_by_streams(self):
        self.censor.udp_ports = []
        self.settle(15_000)
        self.join(CAFE, b"\x02\0\0\0\0\x09")
        took_ms = self.client.page(10_000)
        self.assertTrue(took_ms is not None and took_ms <= 2_000, (took_ms, self.lines))

    def test_who_needed_a_stream_elsewhere_takes_udp_where_it_passes(self):
        self.censor.udp_ports = []
        self.settle(15_000)
        self.assertEqual(self.kind(), TLS)
        self.censor.udp_ports = None
        self.join(CAFE, b"\x02\0\0\0\0\x09")
        took_ms = self.client.page(10_000)
        self.assertTrue(took_ms is not None and took_ms <= 2_000, (took_ms, self.lines))
        self.run_for(5_000)
        self.assertEqual(self.kind(), UDP)
        self.assertTrue(self.climb.way.is_proven)

    def test_a_blackout_is_sat_out(self):
        self.settle()
        self.censor.is_dark = True
        for _ in range(30):
            self.client.ask()
            self.run_for(1000)
        self.censor.is_dark = False
        took_ms = self.client.page(15_000)
        self.assertTrue(took_ms is not None and took_ms < 6_000, (took_ms, self.lines))

    def test_a_nat_that_gives_another_port_is_not_even_noticed(self):
        self.settle()
        rung = self.climb.way.rung
        self.world.network.nodes.append(abroad.Nat(self.path, 31313))
        self.assertTrue(self.client.page(3_000) is not None)
        self.assertEqual(self.climb.way.rung, rung)

    def test_a_network_that_is_silent_itself_is_no_reason_to_leave_a_way(self):
        self.settle()
        rung = self.climb.way.rung
        self.world.works = False
        for _ in range(40):
            self.client.ask()
            self.lead.hold()  # as the path tells it, once a second
            self.run_for(500)
        self.assertEqual(self.climb.ladder.state, ladder.CARRYING)
        self.world.works = True
        self.assertTrue(self.client.page(5_000) is not None)
        self.assertEqual(self.climb.way.rung, rung)

    def test_a_stream_that_is_cut_is_opened_again(self):
        self.censor.udp_ports = []
        self.settle(15_000)
        self.run_for(70_000)
        for stream in list(self.path.streams.values()):
            stream.end(abroad.RESET)
        self.assertTrue(self.client.page(10_000) is not None, self.lines)

    def test_nothing_is_tried_without_an_uplink(self):
        self.run_for(5_000)
        self.lead.pause()
        self.run_for(60_000)
        self.assertEqual(self.world.network.capture, [])

    def test_closing_leaves_no_secret_and_no_timer(self):
        self.settle()
        carriers = self.climb.carriers
        self.lead.close()
        self.device.remove_peer(self.gateway.device.public_key)
        self.assertEqual(bytes(carriers.path), bytes(len(SECRET_PATH)))
        ours = self.path.address
        before = len([each for each in self.world.network.capture if each[0] == ours])
        self.run_for(10_000)
        after = len([each for each in self.world.network.capture if each[0] == ours])
        self.assertEqual(after, before)
        self.assertIsNone(self.device.on_initiation)

    def test_a_document_that_was_replaced_keeps_no_memory(self):
        try:
            import weakref
        except ImportError:
            self.skipTest("MicroPython 1.25 has no weakref")
        self.settle()
        gone = weakref.ref(self.climb), weakref.ref(self.climb.carriers)
        self.climb = None
        self.client = None
        self.lead.close()
        self.device.remove_peer(self.gateway.device.public_key)
        self.run_for(10_000)
        gc.collect()
        self.assertEqual([each() for each in gone], [None, None])


if __name__ == "__main__":
    unittest.main()

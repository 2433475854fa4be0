import unittest

from _wg import Gate, Tunnel
from box.control import Control
from box.uplink import (
    ASK_EVERY_MS,
    NETWORK_EVERY_MS,
    PEERS_EVERY_MS,
    PEERS_RARELY_MS,
    SUSPECT_EVERY_MS,
    WATCH_EVERY_MS,
    Uplink,
)
from tests.dhcp.client import ip
from tests.support.board import Router, World, network
from tests.support.network import ipv4_packet

from wg import endpoint
from wg.const import MESSAGE_INITIATION, MESSAGE_TRANSPORT
from wg.device import Device
from wg.tai64n import Timestamps

HOTEL = network(ip("192.168.1.50"), 24, ip("192.168.1.1"), [ip("192.168.1.1")])
CAFE = network(ip("172.20.0.9"), 16, ip("172.20.0.1"))
GATEWAY = "203.0.113.5:51820"


class UplinkTest(unittest.TestCase):
    def setUp(self):
        self.world = World()
        self.gateway = self.world.network.node("gateway", GATEWAY)
        tunnel, gate = Tunnel(4, 8, 8, 1500, 1420), Gate()
        self.router = Router(self.world, tunnel, gate)
        clock = self.world.clock
        self.lines = []
        self.device = Device(
            tunnel,
            gate,
            self.router,
            self.world.network.random.fill,
            Timestamps(lambda: (0, 0), None, lambda floor: None),
            lambda: (0, 0),
        )
        self.control = Control(self.device, self.router, clock.now_ms, self.log)
        self.uplink = Uplink(self.router, self.device, self.control)
        self.device.set_private_key(self.device.new_key())
        self.peer = self.device.add_peer(self.gateway.public_key)
        self.peer.set_endpoint(self.gateway.address)
        self.to_box = self.gateway.device.add_peer(self.device.public_key)
        self.router.bind(0)

    def log(self, level, text):
        self.lines.append(text)

    def run_for(self, ms):
        self.world.run(self.control, ms)

    def join(self, offer=HOTEL):
        self.uplink.use_dhcp()
        self.world.plug(offer)
        self.run_for(1000)
        self.assertEqual(self.to_box.endpoint()[-4:], offer[1])

    def tell(self, silence, ms=100):
        """What the C side makes of it that nobody is heard, and the time after."""
        self.router.tell(silence)
        self.run_for(ms)

    def initiations(self):
        return sum(
            len(self.world.network.sent(endpoint.pack(state[1], 40000), MESSAGE_INITIATION))
            for state in (HOTEL, CAFE)
        )

    def test_the_tunnel_is_there_right_after_the_address(self):
        self.uplink.use_dhcp()
        self.run_for(60_000)
        self.world.plug(HOTEL)
        self.run_for(200)
        self.assertTrue(self.peer.last_handshake is not None)
        self.assertTrue(self.device.tunnel.has_keypair(self.peer.number, 0))
        self.assertEqual(self.initiations(), 1)

    def test_without_an_address_nothing_is_tried(self):
        self.uplink.use_dhcp()
        self.world.plug(None)
        self.run_for(20_000)
        self.assertTrue(self.uplink.link)
        self.assertFalse(self.uplink.is_usable())
        self.assertEqual(self.world.network.capture, [])

    def test_a_session_follows_to_a_new_address_at_once(self):
        self.join()
        self.run_for(3000)
        self.world.offer = CAFE
        self.router.set_state(CAFE)
        self.run_for(100)
        self.assertEqual(endpoint.host(self.to_box.endpoint()), CAFE[1])

    def test_the_first_packets_after_a_change_may_get_lost(self):
        self.join()
        self.router.set_state(CAFE)
        self.world.works = False
        self.run_for(1000)
        self.world.works = True
        self.run_for(1000)
        self.assertEqual(endpoint.host(self.to_box.endpoint()), CAFE[1])

    def test_a_link_that_comes_back_is_used_at_once(self):
        self.join()
        self.world.unplug()
        self.run_for(120_000)
        self.gateway.device.remove_peer(self.device.public_key)
        self.to_box = self.gateway.device.add_peer(self.device.public_key)
        self.world.plug(CAFE)
        self.run_for(100)
        self.assertEqual(endpoint.host(self.to_box.endpoint()), CAFE[1])

    def test_a_network_that_wakes_late_is_joined_soon(self):
        # After a power cut the box is up long before the router that it asks for an address.
        self.uplink.use_dhcp()
        self.router.link_up()
        self.run_for(90_000)
        self.assertFalse(self.uplink.is_usable())
        self.world.offer = HOTEL
        self.run_for(ASK_EVERY_MS + WATCH_EVERY_MS)
        self.assertTrue(self.uplink.is_usable())

    def test_nobody_is_asked_for_an_address_that_was_given_by_hand(self):
        self.router.link_up()
        self.run_for(90_000)
        self.uplink.use_static(ip("192.168.1.9"), 24, ip("192.168.1.1"), ())
        self.run_for(10_000)
        self.assertFalse("uplink_dhcp" in self.router.calls)

    def test_a_link_that_went_and_came_between_two_looks_is_followed(self):
        self.join()
        self.run_for(3000)
        count = self.initiations()
        self.router.set_state(CAFE)
        self.router.set_state(HOTEL)
        self.run_for(100)
        self.assertEqual(self.initiations(), count + 1)

    def test_a_peer_that_answers_is_not_spoken_to_again(self):
        self.join()
        count = self.initiations()
        self.run_for(20_000)
        self.assertEqual(self.initiations(), count)

    def test_an_uplink_that_flaps_does_not_make_a_flood(self):
        self.join()
        count = self.initiations()
        for i in range(100):
            self.router.set_state((HOTEL, CAFE)[i % 2])
            self.run_for(20)
        self.assertTrue(self.initiations() - count <= 5, self.initiations() - count)

    def test_another_network_behind_the_same_link_is_found_by_silence(self):
        self.join()
        self.run_for(2 * SUSPECT_EVERY_MS)
        self.assertEqual(self.router.calls.count("uplink_dhcp"), 1)
        self.world.works = False
        self.world.offer = CAFE
        self.peer.initiate(self.world.clock.ms)
        self.run_for(20_000)
        self.assertEqual(self.uplink.address, CAFE[1])
        self.assertEqual(endpoint.host(self.to_box.endpoint()), CAFE[1])

    def test_a_gateway_that_forgot_us_is_spoken_to_before_the_paper_would(self):
        self.peer.allow(bytes(4), 0)
        self.join()
        self.run_for(SUSPECT_EVERY_MS)
        self.gateway.device.remove_peer(self.device.public_key)
        self.to_box = self.gateway.device.add_peer(self.device.public_key)
        self.router.path.send_packet(ipv4_packet(ip("10.0.0.1"), ip("10.0.0.2"), b"data"))
        self.tell(Router.SILENCE_FAR)
        self.assertTrue(self.to_box.endpoint() != b"")

    def test_a_router_that_does_not_answer_may_be_that_of_another_network(self):
        self.join()
        self.run_for(10_000)
        self.world.works = False
        self.world.offer = CAFE
        self.tell(Router.SILENCE_NEAR)
        self.assertEqual(self.uplink.address, CAFE[1])
        self.assertEqual(endpoint.host(self.to_box.endpoint()), CAFE[1])

    def test_the_address_stays_in_use_while_a_network_is_looked_for(self):
        self.join()
        self.world.offer = None
        self.tell(Router.SILENCE_NEAR, 20_000)
        self.assertEqual(self.uplink.address, HOTEL[1])
        self.assertTrue(self.uplink.is_usable())

    def test_another_machine_in_the_routers_place_may_be_that_of_another_network(self):
        self.join()
        self.run_for(10_000)
        self.world.offer = CAFE
        self.tell(Router.SILENCE_MOVED)
        self.assertEqual(endpoint.host(self.to_box.endpoint()), CAFE[1])

    def test_a_router_that_is_back_is_used_at_once(self):
        self.join()
        self.world.works = False
        self.run_for(200_000)  # no key is good any more, and the next handshake has its turn in 5 s
        self.peer.initiate(self.world.clock.ms)
        self.run_for(1000)
        self.gateway.device.remove_peer(self.device.public_key)
        self.to_box = self.gateway.device.add_peer(self.device.public_key)
        self.world.works = True
        self.tell(Router.SILENCE_MOVED, 400)
        self.assertTrue(self.to_box.endpoint() != b"")

    def test_a_silent_gateway_is_no_reason_to_ask_for_an_address(self):
        self.join()
        before = self.router.calls.count("uplink_dhcp")
        for _ in range(10):
            self.tell(Router.SILENCE_FAR, 1000)
        self.assertEqual(self.router.calls.count("uplink_dhcp"), before)

    def test_a_dead_network_is_asked_now_and_then(self):
        self.join()
        before = self.router.calls.count("uplink_dhcp")
        self.world.works = False
        self.world.offer = None
        for _ in range(120):
            self.tell(Router.SILENCE_NEAR, 1000)
        asked = self.router.calls.count("uplink_dhcp") - before
        most = 2 + 120_000 // ASK_EVERY_MS + 120_000 // SUSPECT_EVERY_MS
        self.assertTrue(25 <= asked <= most, asked)

    def test_who_is_sent_nothing_costs_a_handshake_now_and_then(self):
        self.join()
        self.run_for(10_000)
        count = self.initiations()
        for _ in range(60):
            self.tell(Router.SILENCE_FAR, 1000)
        self.assertEqual(self.initiations() - count, 60_000 // PEERS_EVERY_MS)

    def test_all_peers_are_looked_for_while_none_answers_ever_more_rarely(self):
        times = []
        self.join()
        self.run_for(10_000)
        self.uplink.on_silence = lambda: times.append(self.world.clock.ms)
        self.world.works = False
        self.world.offer = None
        begun = self.world.clock.ms
        for _ in range(9):
            self.tell(Router.SILENCE_FAR, 1000)
        self.assertEqual(len(times), 1)
        self.assertTrue(times[0] - begun < 100)
        for _ in range(120):
            self.tell(Router.SILENCE_FAR, 1000)
        most = 3 + 130_000 // PEERS_RARELY_MS + 130_000 // SUSPECT_EVERY_MS
        self.assertTrue(4 <= len(times) <= most, times)

    def test_a_static_address_is_kept_when_its_router_is_silent(self):
        self.router.link_up()
        self.uplink.use_static(ip("192.168.1.9"), 24, ip("192.168.1.1"), ())
        self.run_for(NETWORK_EVERY_MS)
        self.tell(Router.SILENCE_NEAR)
        self.tell(Router.SILENCE_MOVED)
        self.assertEqual(self.router.calls, ["uplink_static"])
        self.assertEqual(endpoint.host(self.to_box.endpoint()), ip("192.168.1.9"))

    def test_data_that_nobody_ever_answers_makes_no_flood(self):
        self.peer.allow(bytes(4), 0)
        self.join()
        count = self.initiations()
        for _ in range(600):
            self.router.path.send_packet(ipv4_packet(ip("10.0.0.1"), ip("10.0.0.2"), b"data"))
            self.gateway.device.tunnel.clear_keypairs(self.to_box.number)
            self.world.works = False
            self.run_for(500)
        self.assertTrue(self.initiations() - count <= 300 // 5 + 10, self.initiations() - count)

    def test_a_peer_is_never_given_up(self):
        self.join()
        self.world.offer = None
        self.world.works = False
        self.peer.initiate(self.world.clock.ms)
        self.run_for(600_000)
        self.world.works = True
        self.run_for(7_000)
        self.assertFalse(self.peer.is_lost())

    def test_a_static_address_is_used_and_never_discovered(self):
        self.router.link_up()
        self.uplink.use_static(ip("192.168.1.9"), 24, ip("192.168.1.1"), ())
        self.run_for(200)
        self.assertEqual(endpoint.host(self.to_box.endpoint()), ip("192.168.1.9"))
        self.world.works = False
        self.peer.initiate(self.world.clock.ms)
        self.run_for(100_000)
        self.assertEqual(self.router.calls, ["uplink_static"])

    def test_another_interface_gets_its_address_as_the_one_before_did(self):
        self.join()
        self.router.set_state((True, None, 0, None, ()))
        self.router.calls.clear()
        self.uplink.renew()
        self.assertEqual(self.router.calls, ["uplink_dhcp"])
        self.uplink.use_static(ip("172.20.0.9"), 16, ip("172.20.0.1"), ())
        self.router.set_state((True, None, 0, None, ()))
        self.router.calls.clear()
        self.uplink.renew()
        self.assertEqual(self.router.calls, ["uplink_static"])
        self.assertEqual(self.uplink.address, ip("172.20.0.9"))
        self.uplink.stop()
        self.router.calls.clear()
        self.uplink.renew()
        self.assertEqual(self.router.calls, [])

    def test_who_wants_to_know_is_told_before_peers_are_spoken_to(self):
        seen = []
        self.uplink.on_change = lambda: seen.append((self.uplink.address, self.initiations()))
        self.join()
        self.assertEqual(seen[-1], (HOTEL[1], 0))

    def test_keepalives_carry_the_move_when_there_is_a_session(self):
        self.join()
        self.router.set_state(CAFE)
        self.run_for(50)
        at = endpoint.pack(CAFE[1], 40000)
        self.assertTrue(len(self.world.network.sent(at, MESSAGE_TRANSPORT)) >= 1)


if __name__ == "__main__":
    unittest.main()

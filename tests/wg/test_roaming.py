import unittest

from tests.support.network import Pair

from wg import endpoint
from wg.const import MESSAGE_INITIATION

ELSEWHERE = endpoint.parse("198.51.100.7:4242")


class RoamingTest(unittest.TestCase):
    def test_a_peer_that_moves_is_answered_at_its_new_address(self):
        pair = Pair()
        pair.connect()
        pair.box.address = ELSEWHERE
        pair.send(b"moved")
        pair.run(100)
        self.assertEqual(pair.to_box.endpoint(), ELSEWHERE)
        pair.send_back(b"found")
        pair.run(100)
        self.assertEqual(pair.payloads(pair.box), [b"found"])

    def test_a_move_is_logged_each_time(self):
        pair = Pair()
        pair.connect()
        for address in (ELSEWHERE, endpoint.parse("[2001:db8::9]:1"), ELSEWHERE):
            pair.box.address = address
            pair.send()
            pair.run(5100)
        moves = [text for _, text in pair.gateway.lines if "moved to" in text]
        self.assertEqual(len(moves), 3)
        self.assertTrue(moves[1].endswith("moved to [2001:db8::9]:1"))

    def test_a_peer_that_moves_with_each_packet_does_not_fill_the_log(self):
        pair = Pair()
        pair.connect()
        home = pair.box.address
        for i in range(101):
            pair.box.address = home if i % 2 else ELSEWHERE
            pair.send()
            pair.run(10)
        self.assertEqual(pair.to_box.endpoint(), ELSEWHERE)
        moves = [text for _, text in pair.gateway.lines if "moved to" in text]
        self.assertEqual(len(moves), 1)

    def test_where_a_peer_came_to_rest_is_logged(self):
        pair = Pair()
        pair.connect()
        last = endpoint.parse("198.51.100.8:1")
        for address in (ELSEWHERE, last):
            pair.box.address = address
            pair.send()
            pair.run(100)
        pair.run(5000)
        moves = [text for _, text in pair.gateway.lines if "moved to" in text]
        self.assertEqual(len(moves), 2)
        self.assertTrue(moves[1].endswith("moved to 198.51.100.8:1"))

    def test_the_responder_can_move_too(self):
        pair = Pair()
        pair.connect()
        pair.gateway.address = ELSEWHERE
        pair.send_back(b"moved")
        pair.run(100)
        self.assertEqual(pair.to_gateway.endpoint(), ELSEWHERE)
        pair.send(b"found")
        pair.run(100)
        self.assertEqual(pair.payloads(pair.gateway), [b"found"])

    def test_a_handshake_from_a_new_address_moves_the_endpoint(self):
        pair = Pair()
        pair.connect()
        pair.run(200_000)
        pair.box.address = ELSEWHERE
        pair.to_gateway.initiate(pair.network.clock.ms)
        pair.run(100)
        self.assertEqual(pair.to_box.endpoint(), ELSEWHERE)

    def test_a_response_from_another_address_moves_the_endpoint(self):
        pair = Pair()
        pair.network.filter = lambda source, target, data: True
        pair.send(b"hello")
        pair.run(10)
        pair.network.filter = None
        initiation = pair.network.sent(pair.box.address, MESSAGE_INITIATION)[0]
        pair.gateway.address = ELSEWHERE
        pair.gateway.receive(initiation, pair.box.address)
        pair.run(100)
        self.assertEqual(pair.to_gateway.endpoint(), ELSEWHERE)
        self.assertEqual(pair.payloads(pair.gateway), [b"hello"])

    def test_a_replayed_datagram_does_not_move_the_endpoint(self):
        pair = Pair()
        pair.connect()
        pair.send(b"hello")
        pair.run(100)
        sealed = pair.box.transport_sent()[-1]
        pair.network.inject(ELSEWHERE, pair.gateway.address, sealed)
        pair.run(100)
        self.assertEqual(pair.to_box.endpoint(), pair.box.address)

    def test_a_replayed_keepalive_does_not_move_the_endpoint(self):
        pair = Pair()
        pair.to_gateway.initiate(pair.network.clock.ms)
        pair.run(100)
        sealed = pair.box.transport_sent()[-1]
        self.assertEqual(len(sealed), 32)
        pair.network.inject(ELSEWHERE, pair.gateway.address, sealed)
        pair.run(100)
        self.assertEqual(pair.to_box.endpoint(), pair.box.address)

    def test_forged_datagrams_do_not_move_the_endpoint(self):
        pair = Pair()
        pair.connect()
        pair.network.filter = lambda source, target, data: source == pair.box.address
        pair.send(b"held back")
        sealed = bytearray(pair.box.transport_sent()[-1])
        for position in range(0, len(sealed), 5):
            forged = bytearray(sealed)
            forged[position] ^= 1
            pair.network.inject(ELSEWHERE, pair.gateway.address, forged)
        pair.run(100)
        self.assertEqual(pair.to_box.endpoint(), pair.box.address)

    def test_a_session_follows_at_once_when_the_network_below_is_new(self):
        pair = Pair()
        pair.connect()
        pair.box.address = ELSEWHERE
        before = len(pair.network.sent(pair.box.address, MESSAGE_INITIATION))
        pair.to_gateway.reach(pair.network.clock.ms)
        pair.run(50)
        self.assertEqual(pair.to_box.endpoint(), ELSEWHERE)
        # The session was 100 ms old: a handshake proves the way nevertheless.
        self.assertEqual(len(pair.network.sent(ELSEWHERE, MESSAGE_INITIATION)), before + 1)
        pair.send_back(b"found")
        pair.run(50)
        self.assertEqual(pair.payloads(pair.box), [b"found"])

    def test_a_handshake_that_got_lost_with_the_network_is_not_waited_for(self):
        pair = Pair()
        pair.network.filter = lambda source, target, data: True
        pair.send(b"waits")
        pair.run(1000)
        pair.network.filter = None
        pair.to_gateway.reach(pair.network.clock.ms)
        pair.run(100)
        self.assertEqual(pair.payloads(pair.gateway), [b"waits"])

    def test_two_handshakes_right_after_each_other_do_not_spoil_the_first(self):
        pair = Pair()
        pair.to_gateway.initiate(pair.network.clock.ms)
        pair.to_gateway.reach(pair.network.clock.ms)
        pair.run(100)
        self.assertEqual(len(pair.network.sent(pair.box.address, MESSAGE_INITIATION)), 1)
        self.assertTrue(pair.box.tunnel.has_keypair(pair.to_gateway.number, 0))

    def test_without_a_private_key_nobody_can_be_reached(self):
        pair = Pair()
        pair.box.device.set_private_key(None)
        self.assertFalse(pair.to_gateway.reach(pair.network.clock.ms))

    def test_a_peer_is_lost_without_an_endpoint_and_after_three_silent_tries(self):
        pair = Pair()
        self.assertFalse(pair.to_gateway.is_lost())
        pair.network.filter = lambda source, target, data: True
        pair.send()
        pair.run(8000)
        self.assertFalse(pair.to_gateway.is_lost())
        pair.run(5000)
        self.assertTrue(pair.to_gateway.is_lost())
        pair.network.filter = None
        pair.run(6000)
        self.assertFalse(pair.to_gateway.is_lost())
        pair.to_gateway.set_endpoint(b"")
        self.assertTrue(pair.to_gateway.is_lost())


if __name__ == "__main__":
    unittest.main()

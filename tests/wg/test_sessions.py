import unittest

from _wg import CURRENT, ERR_EXPIRED, ERR_REPLAY, ERR_SOURCE, NEXT, PREVIOUS
from tests.support.network import BOX, GATEWAY, Pair, ipv4_packet

from wg.const import MESSAGE_INITIATION, MESSAGE_RESPONSE

SECOND = 1_000


def initiations(pair, node):
    return len(pair.network.sent(node.address, MESSAGE_INITIATION))


def keepalives(node):
    return len([data for data in node.transport_sent() if len(data) == 32])


def lose_from(address, kinds=(1, 2, 3, 4)):
    """A filter: what this endpoint sends is lost."""
    return lambda source, target, data: source == address and data[0] in kinds


class RekeyTest(unittest.TestCase):
    def test_the_initiator_makes_new_keys_when_it_sends_after_120_s(self):
        pair = Pair()
        pair.connect()
        for second in range(125):
            pair.send(b"%d" % second)
            pair.send_back(b"%d" % second)
            pair.run(SECOND)
        self.assertEqual(initiations(pair, pair.box), 2)
        self.assertEqual(initiations(pair, pair.gateway), 0)
        self.assertEqual(len(pair.gateway.received), 125)
        self.assertEqual(len(pair.box.received), 125)

    def test_nothing_is_sent_while_nothing_is_to_be_sent(self):
        pair = Pair()
        pair.connect()
        pair.run(30 * SECOND)
        pair.network.capture.clear()
        pair.run(1_000 * SECOND)
        self.assertEqual(pair.network.capture, [])

    def test_the_responder_does_not_start_it(self):
        pair = Pair()
        pair.connect()
        for second in range(150):
            pair.send_back(b"%d" % second)
            pair.run(SECOND)
        self.assertEqual(initiations(pair, pair.gateway), 0)
        # The box only answers with keepalives, and those, being sent, make it renew the keys.
        self.assertEqual(initiations(pair, pair.box), 2)

    def test_an_initiator_that_only_receives_renews_the_keys_before_they_end(self):
        pair = Pair()
        pair.connect()
        pair.run(160 * SECOND)
        # One packet a second, and what the box answers is lost and does not matter.
        for second in range(15):
            pair.send_back(b"%d" % second)
            pair.run(SECOND)
        self.assertEqual(initiations(pair, pair.box), 2)
        self.assertEqual(len(pair.box.received), 15)

    def test_the_message_limit_makes_either_side_renew_the_keys(self):
        for name in ("box", "gateway"):
            with self.subTest(name):
                pair = Pair()
                pair.connect()
                pair.run(6 * SECOND)
                node = pair.box if name == "box" else pair.gateway
                peer = pair.to_gateway if name == "box" else pair.to_box
                node.tunnel.set_send_counter(peer.number, (1 << 60) - 1)
                before = initiations(pair, node)
                (pair.send if name == "box" else pair.send_back)(b"last")
                pair.run(SECOND)
                self.assertEqual(initiations(pair, node), before + 1)

    def test_traffic_goes_on_over_many_renewals(self):
        pair = Pair()
        pair.connect()
        for number in range(200):
            pair.send(b"%d" % number)
            pair.send_back(b"%d" % number)
            pair.run(5 * SECOND)
        self.assertEqual(len(pair.gateway.received), 200)
        self.assertEqual(len(pair.box.received), 200)
        self.assertTrue(8 <= initiations(pair, pair.box) <= 10)

    def test_each_handshake_has_a_new_ephemeral_key_and_index(self):
        pair = Pair()
        pair.network.filter = lose_from(pair.gateway.address)
        pair.send()
        pair.run(60 * SECOND)
        sent = pair.network.sent(pair.box.address, MESSAGE_INITIATION)
        self.assertTrue(len(sent) > 5)
        self.assertEqual(len({data[8:40] for data in sent}), len(sent))
        self.assertEqual(len({data[4:8] for data in sent}), len(sent))


class RejectTest(unittest.TestCase):
    def test_keys_older_than_180_s_send_nothing(self):
        pair = Pair()
        pair.connect()
        pair.run(181 * SECOND)
        pair.network.filter = lose_from(pair.gateway.address)
        before = len(pair.box.transport_sent())
        pair.send(b"waits")
        pair.run(SECOND)
        self.assertEqual(len(pair.box.transport_sent()), before)
        self.assertEqual(pair.box.tunnel.waiting(pair.to_gateway.number), 1)
        self.assertEqual(initiations(pair, pair.box), 2)

    def test_what_waited_for_new_keys_arrives(self):
        pair = Pair()
        pair.connect()
        pair.run(200 * SECOND)
        pair.send(b"late")
        pair.run(SECOND)
        self.assertEqual(pair.payloads(pair.gateway), [b"late"])

    def test_keys_older_than_180_s_open_nothing(self):
        pair = Pair()
        pair.connect()
        pair.run(179 * SECOND)
        pair.network.filter = lambda source, target, data: True
        pair.send(b"too late")
        sealed = [data for data in pair.box.transport_sent() if len(data) > 32][-1]
        pair.network.filter = None
        pair.clock.advance(2 * SECOND)
        pair.gateway.receive(sealed, pair.box.address)
        self.assertEqual(pair.gateway.drops(ERR_EXPIRED), 1)
        self.assertEqual(pair.gateway.received, [])

    def test_keys_are_wiped_540_s_after_the_last_handshake(self):
        pair = Pair()
        pair.connect()
        pair.run(539 * SECOND)
        for node, peer in ((pair.box, pair.to_gateway), (pair.gateway, pair.to_box)):
            self.assertTrue(node.tunnel.has_keypair(peer.number, CURRENT))
        pair.run(2 * SECOND)
        for node, peer in ((pair.box, pair.to_gateway), (pair.gateway, pair.to_box)):
            for which in (CURRENT, PREVIOUS, NEXT):
                self.assertFalse(node.tunnel.has_keypair(peer.number, which))

    def test_the_wall_clock_time_of_a_handshake_stays_when_keys_are_wiped(self):
        pair = Pair()
        pair.connect()
        pair.run(600 * SECOND)
        self.assertEqual(pair.to_gateway.last_handshake[0], 1_700_000_000)


class RetryTest(unittest.TestCase):
    def silent(self):
        """A pair in which the gateway is never heard."""
        pair = Pair()
        pair.network.filter = lose_from(pair.gateway.address)
        pair.send(b"waits")
        return pair

    def test_an_unanswered_initiation_is_tried_again_after_5_s(self):
        pair = self.silent()
        pair.run(4_999)
        self.assertEqual(initiations(pair, pair.box), 1)
        pair.run(335)
        self.assertEqual(initiations(pair, pair.box), 2)

    def test_it_is_given_up_after_90_s_and_the_queue_is_dropped(self):
        pair = self.silent()
        pair.run(89 * SECOND)
        self.assertEqual(initiations(pair, pair.box), 18)
        self.assertEqual(pair.box.tunnel.waiting(pair.to_gateway.number), 1)
        pair.run(8 * SECOND)
        self.assertEqual(pair.box.tunnel.waiting(pair.to_gateway.number), 0)
        pair.run(300 * SECOND)
        self.assertEqual(initiations(pair, pair.box), 18)
        self.assertIn("warning", [level for level, _ in pair.box.lines])

    def test_the_next_packet_after_that_starts_anew(self):
        pair = self.silent()
        pair.run(200 * SECOND)
        pair.network.filter = None
        pair.send(b"hello again")
        pair.run(100)
        self.assertEqual(pair.payloads(pair.gateway), [b"hello again"])

    def test_retries_are_spread_by_chance(self):
        pair = self.silent()
        gaps = []
        last_ms = [pair.clock.ms]

        def measure(source, target, data):
            gaps.append(pair.clock.ms - last_ms[0])
            last_ms[0] = pair.clock.ms
            return True

        pair.network.filter = measure
        pair.run(90 * SECOND)
        gaps.pop(0)  # the first try comes at once
        self.assertTrue(len(set(gaps)) > 5)
        self.assertTrue(min(gaps) >= 5_000)
        self.assertTrue(max(gaps) < 5_334)

    def test_an_answer_to_a_retry_connects(self):
        pair = self.silent()
        pair.run(23 * SECOND)
        pair.network.filter = None
        pair.run(6 * SECOND)
        self.assertEqual(pair.payloads(pair.gateway), [b"waits"])

    def test_a_handshake_is_never_started_more_often_than_every_5_s(self):
        pair = Pair()
        pair.connect()
        for _ in range(8):
            pair.to_gateway.initiate(pair.clock.ms)
            pair.run(500)
        self.assertEqual(initiations(pair, pair.box), 1)
        pair.run(SECOND)
        self.assertEqual(initiations(pair, pair.box), 2)

    def test_without_an_endpoint_nothing_is_sent_until_there_is_one(self):
        pair = Pair()
        pair.to_gateway.set_endpoint(b"")
        pair.to_gateway.initiate(pair.clock.ms)
        pair.run(12 * SECOND)
        self.assertEqual(pair.network.capture, [])
        pair.to_gateway.set_endpoint(pair.gateway.address)
        pair.run(6 * SECOND)
        self.assertEqual(initiations(pair, pair.box), 1)


class UnansweredTest(unittest.TestCase):
    def test_data_without_an_answer_for_15_s_starts_a_handshake(self):
        pair = Pair()
        pair.connect()
        pair.run(20 * SECOND)
        pair.network.filter = lose_from(pair.gateway.address)
        before = initiations(pair, pair.box)
        pair.send(b"anyone there")
        pair.run(14_999)
        self.assertEqual(initiations(pair, pair.box), before)
        pair.run(335)
        self.assertEqual(initiations(pair, pair.box), before + 1)

    def test_that_is_so_again_after_the_handshake(self):
        pair = Pair()
        pair.connect()
        for _ in range(3):
            pair.run(20 * SECOND)
            pair.network.filter = lose_from(pair.gateway.address)
            before = initiations(pair, pair.box)
            pair.send(b"anyone there")
            pair.run(16 * SECOND)
            self.assertEqual(initiations(pair, pair.box), before + 1)
            pair.network.filter = None
            pair.run(6 * SECOND)
            self.assertEqual(pair.to_gateway.tries, 2)

    def test_a_peer_that_lost_its_keys_is_reached_again(self):
        pair = Pair()
        pair.connect()
        pair.gateway.tunnel.clear_keypairs(pair.to_box.number)
        pair.send(b"lost")
        pair.run(16 * SECOND)
        pair.send(b"found")
        pair.run(100)
        self.assertEqual(pair.payloads(pair.gateway), [b"found"])

    def test_steady_answers_start_nothing(self):
        pair = Pair()
        pair.connect()
        for _ in range(100):
            pair.send()
            pair.run(SECOND)
        self.assertEqual(initiations(pair, pair.box), 1)

    def test_after_giving_up_only_new_data_starts_another_attempt(self):
        pair = Pair()
        pair.connect()
        pair.run(20 * SECOND)
        pair.network.filter = lose_from(pair.gateway.address)
        pair.send(b"anyone there")
        pair.run(20 * SECOND + 96 * SECOND)
        self.assertEqual(initiations(pair, pair.box), 1 + 18)
        pair.run(15 * SECOND)
        self.assertEqual(initiations(pair, pair.box), 1 + 18)
        pair.network.filter = None
        pair.send(b"still there")
        pair.run(20 * SECOND)
        self.assertEqual(initiations(pair, pair.box), 1 + 18 + 1)

    def test_lost_keys_of_the_responder_are_noticed_too(self):
        pair = Pair()
        pair.connect()
        pair.box.tunnel.clear_keypairs(pair.to_gateway.number)
        pair.send_back(b"lost")
        pair.run(16 * SECOND)
        pair.send_back(b"found")
        pair.run(100)
        self.assertEqual(pair.payloads(pair.box), [b"found"])


class KeepaliveTest(unittest.TestCase):
    def test_data_without_a_reply_is_acknowledged_after_10_s(self):
        pair = Pair()
        pair.connect()
        pair.run(9_900)
        self.assertEqual(keepalives(pair.gateway), 0)
        pair.run(200)
        self.assertEqual(keepalives(pair.gateway), 1)
        pair.run(100 * SECOND)
        self.assertEqual(keepalives(pair.gateway), 1)

    def test_keepalives_are_not_answered_with_keepalives(self):
        pair = Pair()
        pair.to_gateway.initiate(pair.clock.ms)
        pair.run(100 * SECOND)
        self.assertEqual(keepalives(pair.box), 1)
        self.assertEqual(keepalives(pair.gateway), 0)

    def test_data_that_is_answered_with_data_needs_none(self):
        pair = Pair()
        pair.connect()
        for _ in range(30):
            pair.send()
            pair.send_back()
            pair.run(SECOND)
        self.assertEqual(keepalives(pair.box) + keepalives(pair.gateway), 0)

    def test_a_one_way_flow_is_acknowledged_every_10_s(self):
        pair = Pair()
        pair.connect()
        for _ in range(100):
            pair.send()
            pair.run(SECOND)
        self.assertTrue(8 <= keepalives(pair.gateway) <= 10)

    def test_a_persistent_keepalive_starts_and_keeps_the_session(self):
        pair = Pair()
        pair.to_gateway.set_keepalive(25, pair.clock.ms)
        pair.run(100 * SECOND)
        self.assertEqual(initiations(pair, pair.box), 1)
        self.assertEqual(keepalives(pair.box), 4)  # one that confirms, then at 25, 50 and 75 s
        pair.run(100 * SECOND)
        self.assertEqual(initiations(pair, pair.box), 2)

    def test_a_persistent_keepalive_is_not_sent_beside_traffic(self):
        pair = Pair()
        pair.connect()
        pair.to_gateway.set_keepalive(5, pair.clock.ms)
        pair.run(100)
        before = keepalives(pair.box)
        for _ in range(20):
            pair.send()
            pair.send_back()
            pair.run(SECOND)
        self.assertEqual(keepalives(pair.box), before)

    def test_a_persistent_keepalive_never_gives_up(self):
        pair = Pair()
        pair.network.filter = lose_from(pair.gateway.address)
        pair.to_gateway.set_keepalive(25, pair.clock.ms)
        pair.run(600 * SECOND)
        pair.network.filter = None
        pair.run(30 * SECOND)
        self.assertTrue(pair.box.tunnel.has_keypair(pair.to_gateway.number, CURRENT))

    def test_a_persistent_keepalive_can_be_switched_off(self):
        pair = Pair()
        pair.to_gateway.set_keepalive(5, pair.clock.ms)
        pair.run(20 * SECOND)
        pair.to_gateway.set_keepalive(0, pair.clock.ms)
        pair.network.capture.clear()
        pair.run(100 * SECOND)
        self.assertEqual(pair.network.capture, [])

    def test_an_interval_out_of_range_is_an_error(self):
        pair = Pair()
        for seconds in (-1, 65536):
            with self.assertRaises(ValueError):
                pair.to_gateway.set_keepalive(seconds, pair.clock.ms)


class TransportTest(unittest.TestCase):
    def test_a_packet_from_a_source_that_is_not_allowed_is_dropped(self):
        pair = Pair()
        pair.connect()
        pair.box.send(ipv4_packet(b"\x0a\x00\x00\x09", GATEWAY, b"liar"))
        pair.run(100)
        self.assertEqual(pair.gateway.received, [])
        self.assertEqual(pair.gateway.drops(ERR_SOURCE), 1)

    def test_a_replayed_packet_is_dropped(self):
        pair = Pair()
        pair.connect()
        pair.send(b"once")
        pair.run(100)
        sealed = pair.box.transport_sent()[-1]
        pair.network.inject(pair.box.address, pair.gateway.address, sealed)
        pair.run(100)
        self.assertEqual(pair.payloads(pair.gateway), [b"once"])
        self.assertEqual(pair.gateway.drops(ERR_REPLAY), 1)

    def test_a_packet_for_nobody_is_not_sent(self):
        pair = Pair()
        pair.connect()
        pair.network.capture.clear()
        self.assertTrue(pair.box.send(ipv4_packet(BOX, b"\x08\x08\x08\x08", b"leak")) != 0)
        pair.run(100)
        self.assertEqual(pair.network.capture, [])


class LongTimeTest(unittest.TestCase):
    def test_sessions_outlast_every_width_of_a_clock(self):
        # Small integers of 32-bit MicroPython end at 2^30, signed and unsigned words later.
        for start_ms in ((1 << 30) - 60_000, (1 << 31) - 60_000, (1 << 32) - 60_000):
            with self.subTest(str(start_ms)):
                pair = Pair()
                pair.clock.advance(start_ms - pair.clock.ms)
                pair.connect()
                for number in range(100):
                    pair.send(b"%d" % number)
                    pair.send_back(b"%d" % number)
                    pair.run(2 * SECOND)
                self.assertEqual(len(pair.gateway.received), 100)
                self.assertEqual(len(pair.box.received), 100)
                self.assertEqual(initiations(pair, pair.box), 2)


class BadLinkTest(unittest.TestCase):
    def test_a_link_that_loses_and_reorders_and_duplicates_is_good_enough(self):
        for seed in range(4):
            with self.subTest(str(seed)):
                pair = Pair(seed + 1, delay_ms=50, jitter_ms=200, loss=20, duplicates=20)
                for number in range(400):
                    pair.send(b"%d" % number)
                    pair.send_back(b"%d" % number)
                    pair.run(SECOND)
                for node in (pair.box, pair.gateway):
                    payloads = pair.payloads(node)
                    self.assertTrue(len(payloads) > 240)
                    self.assertEqual(len(set(payloads)), len(payloads))
                self.assertTrue(pair.network.channel.lost > 100)

    def test_handshakes_end_on_a_link_that_loses_half(self):
        for seed in range(6):
            with self.subTest(str(seed)):
                pair = Pair(seed + 1, loss=50)
                pair.to_gateway.set_keepalive(10, pair.clock.ms)
                pair.run(300 * SECOND)
                self.assertTrue(pair.network.sent(pair.gateway.address, MESSAGE_RESPONSE))
                self.assertTrue(pair.box.tunnel.has_keypair(pair.to_gateway.number, CURRENT))


if __name__ == "__main__":
    unittest.main()

import unittest

from _wg import ERR_SHORT, ERR_TYPE
from tests.support.network import Pair

from wg import endpoint
from wg.const import (
    COOKIE_REPLY_LEN,
    INITIATION_LEN,
    MESSAGE_COOKIE,
    MESSAGE_INITIATION,
    MESSAGE_RESPONSE,
    MESSAGE_TRANSPORT,
    RESPONSE_LEN,
)

KEY = bytes(range(32))
SIZES = (16, 16, 16, 16)
OWN = (1, 1, 2, 2, 3, 3, 4, 4)
RANGES = (1000, 1999, 2000, 2999, 3000, 3999, 4000, 4999)
ELSEWHERE = endpoint.parse("198.51.100.7:4242")
# What a shape may be made of: sizes, types, key.
SHAPES = (
    (SIZES, OWN, KEY),
    (SIZES, RANGES, KEY),
    ((30, 47, 100, 5), RANGES, None),
    ((0, 0, 0, 0), RANGES, None),
    ((1132, 700, 12, 64), OWN, KEY),
)


def shaped(address):
    return endpoint.with_shape(address, 1)


def shaped_pair(sizes=SIZES, types=OWN, key=KEY, **channel):
    """Both ends have the shape, and the box uses it."""
    pair = Pair(**channel)
    pair.shape(sizes, types, key)
    pair.to_gateway.set_endpoint(shaped(pair.gateway.address))
    return pair


class ShapeTest(unittest.TestCase):
    def test_packets_go_both_ways_in_any_shape(self):
        for sizes, types, key in SHAPES:
            pair = shaped_pair(sizes, types, key)
            pair.send(b"up")
            pair.run(100)
            pair.send_back(b"down")
            pair.run(100)
            self.assertEqual(pair.payloads(pair.gateway), [b"up"])
            self.assertEqual(pair.payloads(pair.box), [b"down"])
            self.assertEqual(pair.to_box.endpoint(), shaped(pair.box.address))

    def test_nothing_on_the_wire_looks_like_wireguard(self):
        for sizes, types, key in SHAPES:
            pair = shaped_pair(sizes, types, key)
            pair.connect()
            pair.run(200_000)
            pair.send_back()
            pair.run(100)
            self.assertTrue(len(pair.network.capture) >= 6)
            for _, target, data in pair.network.capture:
                self.assertEqual(endpoint.shape(target), 0)
                self.assertFalse(data[0] in (1, 2, 3, 4) and data[1:4] == bytes(3))
            if sizes[0]:
                lengths = [len(data) for _, _, data in pair.network.capture]
                plain = (INITIATION_LEN, RESPONSE_LEN)
                self.assertFalse(any(length in plain for length in lengths))

    def test_messages_are_as_long_as_the_shape_says(self):
        pair = shaped_pair((20, 30, 40, 50), RANGES, KEY)
        pair.gateway.gate.set_loaded(pair.clock.ms)
        pair.gateway.poll()
        pair.send()
        pair.run(50)
        pair.run(8000)
        lengths = [len(data) for _, _, data in pair.network.capture]
        wanted = [INITIATION_LEN + 20, COOKIE_REPLY_LEN + 40]
        self.assertEqual(lengths[:2], wanted)
        self.assertEqual(lengths[2:4], [INITIATION_LEN + 20, RESPONSE_LEN + 30])
        self.assertEqual((lengths[4] - 50) % 16, 0)

    def test_types_are_picked_anew_for_each_handshake(self):
        pair = shaped_pair((0, 0, 0, 0), RANGES, None)
        seen = [set(), set(), set(), set()]
        for _ in range(12):
            pair.send()
            pair.run(130_000)
        for _, _, data in pair.network.capture:
            number = int.from_bytes(data[:4], "little")
            self.assertTrue(1000 <= number <= 4999)
            seen[number // 1000 - 1].add(number)
        self.assertTrue(len(seen[0]) > 8 and len(seen[1]) > 8 and len(seen[3]) > 8)

    def test_no_two_boxes_send_the_same_bytes_at_the_same_place(self):
        captures = []
        for seed in range(12):
            pair = shaped_pair(SIZES, OWN, bytes([seed]) * 32, seed=seed)
            pair.send()
            pair.run(100)
            captures.append([data for _, _, data in pair.network.capture])
        for which in range(3):
            for at in range(min(32, len(captures[0][which]))):
                self.assertTrue(len({capture[which][at] for capture in captures}) > 4)

    def test_a_cookie_reply_has_the_shape_of_what_it_answers(self):
        pair = shaped_pair()
        pair.gateway.gate.set_loaded(pair.clock.ms)
        pair.gateway.poll()
        pair.send()
        pair.run(50)
        replies = pair.network.capture[1:]
        self.assertEqual([len(data) for _, _, data in replies], [COOKIE_REPLY_LEN + 16])
        self.assertTrue(replies[0][2][16] != MESSAGE_COOKIE or replies[0][2][17:20] != bytes(3))
        pair.run(7000)
        self.assertEqual(pair.payloads(pair.gateway), [b"up"])

    def test_a_lossy_channel_is_no_worse_for_it(self):
        pair = shaped_pair(seed=3, loss=20, jitter_ms=30, duplicates=10)
        for number in range(60):
            pair.send(bytes([number]))
            pair.run(1000)
        self.assertTrue(len(set(pair.payloads(pair.gateway))) > 30)


class PlainBesideShapedTest(unittest.TestCase):
    def test_a_plain_box_is_served_by_a_gateway_with_a_shape(self):
        for sizes, types, key in SHAPES:
            pair = Pair()
            pair.gateway.set_shape(sizes, types, key)
            pair.connect()
            pair.send_back()
            pair.run(100)
            self.assertEqual(pair.payloads(pair.box), [b"down"])
            self.assertEqual(pair.to_box.endpoint(), pair.box.address)
            kinds = [data[0] for _, _, data in pair.network.capture]
            self.assertEqual(kinds[:3], [MESSAGE_INITIATION, MESSAGE_RESPONSE, MESSAGE_TRANSPORT])

    def test_a_shaped_box_gets_silence_from_a_plain_gateway(self):
        pair = Pair()
        pair.box.set_shape(SIZES, OWN, KEY)
        pair.to_gateway.set_endpoint(shaped(pair.gateway.address))
        pair.send()
        pair.run(20_000)
        self.assertTrue(all(source == pair.box.address for source, _, _ in pair.network.capture))
        drops = pair.gateway.drops(ERR_TYPE) + pair.gateway.drops(ERR_SHORT)
        self.assertEqual(drops, len(pair.network.capture))

    def test_another_key_gets_silence(self):
        pair = shaped_pair()
        pair.gateway.set_shape(SIZES, OWN, bytes(32))
        pair.send()
        pair.run(20_000)
        self.assertTrue(all(source == pair.box.address for source, _, _ in pair.network.capture))

    def test_answers_follow_from_plain_to_shaped_and_back(self):
        pair = Pair()
        pair.shape(SIZES, OWN, KEY)
        pair.connect()
        for number in range(6):
            to = shaped(pair.gateway.address) if number % 2 else pair.gateway.address
            pair.to_gateway.set_endpoint(to)
            pair.network.capture.clear()
            pair.send(bytes([number]))
            pair.run(100)
            pair.send_back(bytes([number]))
            pair.run(100)
            self.assertEqual(endpoint.shape(pair.to_box.endpoint()), number % 2)
            self.assertEqual(
                [data[0] == 4 for _, _, data in pair.network.capture], [not number % 2] * 2
            )
        self.assertEqual(pair.payloads(pair.box), [bytes([n]) for n in range(6)])

    def test_the_tunnel_is_the_same_in_another_shape(self):
        pair = Pair()
        pair.shape(SIZES, RANGES, KEY)
        pair.connect()
        pair.to_gateway.set_endpoint(shaped(pair.gateway.address))
        pair.send()
        pair.run(1000)
        self.assertEqual(len(pair.network.sent(pair.box.address, MESSAGE_INITIATION)), 1)
        self.assertEqual(len(pair.payloads(pair.gateway)), 1)
        moves = [text for _, text in pair.gateway.lines if "moved to" in text]
        self.assertTrue(moves[0].endswith(", shaped"))

    def test_a_move_to_another_address_keeps_the_shape(self):
        pair = shaped_pair()
        pair.connect()
        pair.box.address = ELSEWHERE
        pair.send()
        pair.run(100)
        self.assertEqual(pair.to_box.endpoint(), shaped(ELSEWHERE))

    def test_a_replayed_datagram_moves_no_shape(self):
        pair = shaped_pair()
        pair.connect()
        recorded = [data for source, _, data in pair.network.capture if source == pair.box.address]
        before = pair.to_box.endpoint()
        for data in recorded:
            pair.network.inject(ELSEWHERE, pair.gateway.address, data)
        pair.run(100)
        self.assertEqual(pair.to_box.endpoint(), before)
        sent = [target for source, target, _ in pair.network.capture if target == ELSEWHERE]
        self.assertEqual(sent, [])

    def test_plain_boxes_and_shaped_ones_have_tunnels_to_one_gateway(self):
        pair = shaped_pair(SIZES, RANGES, KEY)
        other = pair.network.node("other", "192.0.2.3:3000")
        address = b"\x0a\x00\x00\x03"
        pair.gateway.device.add_peer(other.public_key).allow(address, 32)
        to_gateway = other.device.add_peer(pair.gateway.public_key)
        to_gateway.set_endpoint(pair.gateway.address)
        to_gateway.allow(b"\x0a\x00\x00\x02", 32)
        pair.connect()
        to_gateway.initiate(pair.clock.ms)
        pair.run(100)
        self.assertTrue(to_gateway.last_handshake > (0, 0))
        self.assertTrue(pair.to_gateway.last_handshake > (0, 0))


class ScannerTest(unittest.TestCase):
    def test_a_stranger_gets_silence_whatever_he_sends(self):
        pair = shaped_pair()
        pair.connect()
        recorded = [data for _, _, data in pair.network.capture]
        pair.network.capture.clear()
        sent = 0
        for data in recorded:
            for at in range(0, len(data), 3):
                changed = bytearray(data)
                changed[at] ^= 1 << sent % 8
                for tried in (changed, data[:at], bytes(data) + bytes(at)):
                    pair.network.inject(ELSEWHERE, pair.gateway.address, tried)
                    sent += 1
        for length in range(300):
            for first in range(5):
                tried = bytearray(length)
                tried[:1] = bytes([first])[:length]
                pair.network.inject(ELSEWHERE, pair.gateway.address, tried)
                sent += 1
        pair.run(1000)
        self.assertEqual(len(pair.network.capture), sent)
        self.assertEqual(pair.to_box.endpoint(), shaped(pair.box.address))


class StreamTest(unittest.TestCase):
    def test_a_tunnel_over_a_stream_is_answered_on_it(self):
        pair = Pair()
        pair.shape(SIZES, OWN, KEY)
        box, gateway = endpoint.stream(5), endpoint.stream(9)
        pair.box.address, pair.gateway.address = box, gateway
        for shape in (0, 1):
            pair.to_gateway.set_endpoint(endpoint.with_shape(gateway, shape))
            pair.send()
            pair.run(100)
            self.assertEqual(pair.to_box.endpoint(), endpoint.with_shape(box, shape))
            pair.send_back()
            pair.run(100)
        self.assertEqual(pair.payloads(pair.box), [b"down"] * 2)

    def test_a_tunnel_moves_between_a_stream_and_udp(self):
        pair = Pair()
        pair.connect()
        udp, stream = pair.gateway.address, endpoint.stream(1)
        for address in (stream, udp, stream):
            pair.gateway.address = address
            pair.box.address = endpoint.stream(2) if endpoint.is_stream(address) else ELSEWHERE
            pair.to_gateway.set_endpoint(address)
            pair.send()
            pair.run(6000)
            self.assertEqual(pair.to_box.endpoint(), pair.box.address)
        self.assertEqual(len(pair.payloads(pair.gateway)), 3)
        moves = [text for _, text in pair.gateway.lines if "moved to" in text]
        self.assertTrue(moves[0].endswith("moved to stream 2"))


class DecoyTest(unittest.TestCase):
    def setUp(self):
        self.pair = shaped_pair()
        self.asked = []
        self.pair.box.device.on_initiation = self.send_decoys

    def send_decoys(self, peer, to):
        self.asked.append((peer, to))
        for number in range(2):
            self.pair.box.path.send_decoy(bytes([0xD0 + number]) * 100, to)

    def test_decoys_go_right_before_each_initiation_and_are_ignored(self):
        pair = self.pair
        pair.send()
        pair.run(100)
        pair.run(200_000)
        pair.send()
        pair.run(100)
        self.assertEqual(self.asked, [(pair.to_gateway, shaped(pair.gateway.address))] * 2)
        lengths = [len(d) for s, _, d in pair.network.capture if s == pair.box.address]
        at = [i for i, length in enumerate(lengths) if length == INITIATION_LEN + 16]
        self.assertEqual(len(at), 2)
        for i in at:
            self.assertEqual(lengths[i - 2 : i], [100, 100])
        self.assertEqual(lengths.count(100), 4)
        self.assertEqual(len(pair.payloads(pair.gateway)), 2)

    def test_decoys_are_sent_as_they_are_and_to_udp_alone(self):
        pair = self.pair
        to = shaped(pair.gateway.address)
        pair.box.path.send_decoy(bytes(1280), to)
        self.assertEqual(pair.network.capture[-1][1:], (pair.gateway.address, bytes(1280)))
        for datagram, target in ((b"", to), (bytes(1281), to), (b"x", endpoint.stream(1, 1))):
            with self.assertRaises(ValueError):
                pair.box.path.send_decoy(datagram, target)


class RaceTest(unittest.TestCase):
    SECOND = endpoint.parse("192.0.2.2:443")

    def race(self, blocked, types=OWN):
        """A gateway at two addresses, one of which is blocked; the box tries both at once."""
        pair = shaped_pair(types=types)
        pair.network.filter = lambda source, target, data: blocked in (source, target)
        home = pair.gateway.address
        receive = pair.gateway.receive

        def at_second(data, source):
            pair.gateway.address = self.SECOND
            receive(data, source)
            pair.gateway.address = home

        class Second:
            address = self.SECOND
            wake_ms = None
            poll = staticmethod(lambda: None)
            receive = staticmethod(at_second)

        pair.network.nodes.append(Second())
        return pair

    def test_the_way_that_is_answered_wins(self):
        for blocked, winner in ((None, "192.0.2.2:2000"), ("192.0.2.2:2000", "192.0.2.2:443")):
            pair = self.race(blocked and endpoint.parse(blocked))
            pair.to_gateway.rivals = [shaped(self.SECOND)]
            pair.send()
            pair.run(50)
            self.assertEqual(pair.to_gateway.endpoint(), shaped(endpoint.parse(winner)))
            self.assertEqual(pair.to_gateway.rivals, [])
            self.assertEqual(len(pair.payloads(pair.gateway)), 1)

    def test_without_an_answer_the_race_goes_on(self):
        pair = self.race(None)
        pair.network.filter = lambda source, target, data: True
        pair.to_gateway.rivals = [shaped(self.SECOND)]
        pair.send()
        pair.run(6000)
        targets = [target for _, target, _ in pair.network.capture]
        self.assertEqual(targets, [pair.gateway.address, self.SECOND] * 2)
        self.assertEqual(pair.to_gateway.rivals, [shaped(self.SECOND)])

    def test_each_rival_gets_its_decoys(self):
        pair = self.race(None)
        asked = []
        pair.box.device.on_initiation = lambda peer, to: asked.append(to)
        pair.to_gateway.rivals = [shaped(self.SECOND), shaped(pair.gateway.address)]
        pair.send()
        pair.run(1)
        self.assertEqual(asked, [shaped(pair.gateway.address), shaped(self.SECOND)])

    def test_a_rival_may_be_plain_if_types_are_the_same_and_only_then(self):
        for types, count in ((OWN, 2), (RANGES, 1)):
            pair = self.race(None, types)
            pair.to_gateway.rivals = [self.SECOND]
            pair.send()
            pair.run(1)
            self.assertEqual(len(pair.network.capture), count)

    def test_retries_come_as_often_as_was_asked_for(self):
        pair = self.race(None)
        pair.network.filter = lambda source, target, data: True
        pair.to_gateway.retry_ms = 1200
        pair.send()
        pair.run(12_000)
        sent = len(pair.network.capture)
        self.assertTrue(8 <= sent <= 10, sent)
        pair.run(60_000)
        self.assertFalse(pair.to_gateway.is_lost() and pair.to_gateway.given_up_bytes >= 0)
        pair.run(60_000)
        self.assertTrue(pair.to_gateway.given_up_bytes >= 0)


if __name__ == "__main__":
    unittest.main()

import unittest
from binascii import a2b_base64

from _wg import CURRENT, ERR_HANDSHAKE, ERR_INDEX, ERR_MAC1, NEXT, PREVIOUS, PresharedKey
from tests.support import vectors
from tests.support.network import BOX, GATEWAY, Pair, ipv4_packet

from wg import endpoint, macs, noise
from wg.const import INITIATION_LEN, MESSAGE_INITIATION, MESSAGE_RESPONSE, RESPONSE_LEN
from wg.errors import ConfigError

ELSEWHERE = endpoint.parse("198.51.100.7:4242")


def initiations(pair, node):
    return pair.network.sent(node.address, MESSAGE_INITIATION)


def responses(pair, node):
    return pair.network.sent(node.address, MESSAGE_RESPONSE)


class HandshakeTest(unittest.TestCase):
    def test_a_packet_starts_a_handshake_and_arrives(self):
        pair = Pair()
        pair.send(b"hello")
        pair.run(100)
        self.assertEqual(pair.payloads(pair.gateway), [b"hello"])
        self.assertEqual(len(initiations(pair, pair.box)), 1)
        self.assertEqual(len(responses(pair, pair.gateway)), 1)
        self.assertEqual(len(pair.box.transport_sent()), 1)

    def test_messages_have_the_lengths_of_the_paper_and_reserved_zeros(self):
        pair = Pair()
        pair.connect()
        initiation = initiations(pair, pair.box)[0]
        response = responses(pair, pair.gateway)[0]
        self.assertEqual((len(initiation), initiation[:4]), (INITIATION_LEN, b"\x01\x00\x00\x00"))
        self.assertEqual((len(response), response[:4]), (RESPONSE_LEN, b"\x02\x00\x00\x00"))
        self.assertEqual(response[8:12], initiation[4:8])
        self.assertEqual(initiation[-16:], bytes(16))

    def test_answers_come_back_where_the_handshake_came_from(self):
        pair = Pair()
        pair.connect()
        self.assertEqual(pair.to_box.endpoint(), pair.box.address)
        pair.send_back(b"hello")
        pair.run(100)
        self.assertEqual(pair.payloads(pair.box), [b"hello"])

    def test_either_side_can_start(self):
        pair = Pair()
        pair.to_box.set_endpoint(pair.box.address)
        pair.send_back(b"hello")
        pair.run(100)
        self.assertEqual(pair.payloads(pair.box), [b"hello"])

    def test_an_initiator_with_nothing_to_send_confirms_with_a_keepalive(self):
        pair = Pair()
        self.assertTrue(pair.to_gateway.initiate(pair.clock.ms))
        pair.run(100)
        self.assertEqual([len(data) for data in pair.box.transport_sent()], [32])
        self.assertTrue(pair.gateway.tunnel.has_keypair(pair.to_box.number, CURRENT))

    def test_waiting_packets_go_out_in_order(self):
        pair = Pair()
        payloads = [b"packet %d" % number for number in range(10)]
        for payload in payloads:
            pair.send(payload)
        pair.run(100)
        self.assertEqual(pair.payloads(pair.gateway), payloads)

    def test_packets_of_the_responder_wait_until_the_keys_are_confirmed(self):
        pair = Pair()
        swallowed = []

        def swallow_transport(source, target, data):
            if data[0] == 4 and source == pair.box.address and not swallowed:
                swallowed.append(data)
                return True
            return False

        pair.network.filter = swallow_transport
        pair.to_gateway.initiate(pair.clock.ms)
        pair.run(50)
        pair.send_back(b"waits")
        pair.run(50)
        self.assertEqual(pair.payloads(pair.box), [])
        self.assertEqual(pair.gateway.tunnel.waiting(pair.to_box.number), 1)
        pair.send(b"confirms")
        pair.run(50)
        self.assertEqual(pair.payloads(pair.box), [b"waits"])

    def test_both_sides_say_when_they_last_shook_hands(self):
        pair = Pair()
        self.assertEqual(pair.to_gateway.last_handshake, (0, 0))
        pair.connect()
        self.assertEqual(pair.to_gateway.last_handshake[0], 1_700_000_000)
        self.assertEqual(pair.to_box.last_handshake[0], 1_700_000_000)

    def test_transfer_counts_handshakes_too(self):
        pair = Pair()
        pair.to_gateway.initiate(pair.clock.ms)
        pair.run(100)
        self.assertEqual(pair.to_gateway.transfer(), (92, 148 + 32))
        self.assertEqual(pair.to_box.transfer(), (148 + 32, 92))

    def test_no_handshake_without_a_private_key(self):
        pair = Pair()
        pair.box.device.set_private_key(None)
        self.assertFalse(pair.to_gateway.initiate(pair.clock.ms))
        pair.send()
        pair.run(10_000)
        self.assertEqual(pair.network.capture, [])

    def test_the_log_shows_no_more_of_a_key_than_eight_characters(self):
        pair = Pair()
        pair.connect()
        self.assertTrue(pair.box.lines)
        for level, text in pair.box.lines:
            self.assertIn(level, ("debug", "info", "warning"))
            self.assertTrue(text.startswith("peer %s: " % pair.to_gateway.name))
        self.assertEqual(len(pair.to_gateway.name), 8)


class PresharedKeyTest(unittest.TestCase):
    def test_the_same_preshared_key_on_both_sides_connects(self):
        pair = Pair()
        pair.to_gateway.set_preshared_key(PresharedKey(b"\x11" * 32))
        pair.to_box.set_preshared_key(PresharedKey(b"\x11" * 32))
        pair.send(b"hello")
        pair.run(100)
        self.assertEqual(pair.payloads(pair.gateway), [b"hello"])

    def test_no_preshared_key_is_32_zero_bytes(self):
        pair = Pair()
        pair.to_gateway.set_preshared_key(PresharedKey(bytes(32)))
        pair.send(b"hello")
        pair.run(100)
        self.assertEqual(pair.payloads(pair.gateway), [b"hello"])

    def test_another_preshared_key_is_met_with_silence(self):
        pair = Pair()
        pair.to_gateway.set_preshared_key(PresharedKey(b"\x11" * 32))
        pair.send(b"hello")
        pair.run(100)
        self.assertEqual(pair.box.drops(ERR_HANDSHAKE), 1)
        self.assertEqual(pair.payloads(pair.gateway), [])
        self.assertEqual(pair.box.transport_sent(), [])
        self.assertFalse(pair.box.tunnel.has_keypair(pair.to_gateway.number, CURRENT))

    def test_a_removed_preshared_key_counts_from_the_next_handshake(self):
        pair = Pair()
        pair.to_gateway.set_preshared_key(PresharedKey(b"\x11" * 32))
        pair.to_gateway.set_preshared_key(None)
        pair.send(b"hello")
        pair.run(100)
        self.assertEqual(pair.payloads(pair.gateway), [b"hello"])


class RefusalTest(unittest.TestCase):
    def test_a_replayed_initiation_is_refused(self):
        pair = Pair()
        pair.connect()
        initiation = initiations(pair, pair.box)[0]
        pair.run(1_000)
        pair.network.inject(pair.box.address, pair.gateway.address, initiation)
        pair.run(100)
        self.assertEqual(len(responses(pair, pair.gateway)), 1)
        self.assertEqual(pair.gateway.drops(ERR_HANDSHAKE), 1)
        pair.send(b"goes on")
        pair.run(100)
        self.assertEqual(pair.payloads(pair.gateway), [b"goes on"])

    def test_a_replayed_initiation_does_not_move_the_endpoint(self):
        pair = Pair()
        pair.connect()
        initiation = initiations(pair, pair.box)[0]
        pair.network.inject(pair.gateway.address, pair.gateway.address, initiation)
        pair.run(100)
        self.assertEqual(pair.to_box.endpoint(), pair.box.address)

    def test_an_older_initiation_than_the_last_is_refused(self):
        pair = Pair()
        held = []

        def hold_the_first(source, target, data):
            if data[0] == MESSAGE_INITIATION and not held:
                held.append(data)
                return True
            return False

        pair.network.filter = hold_the_first
        pair.send()
        pair.run(6_000)
        self.assertEqual(len(responses(pair, pair.gateway)), 1)
        pair.network.inject(pair.box.address, pair.gateway.address, held[0])
        pair.run(100)
        self.assertEqual(len(responses(pair, pair.gateway)), 1)

    def test_a_replay_is_refused_after_the_peer_was_removed_and_added_again(self):
        pair = Pair()
        pair.connect()
        initiation = initiations(pair, pair.box)[0]
        pair.gateway.device.remove_peer(pair.box.public_key)
        pair.gateway.device.add_peer(pair.box.public_key)
        pair.run(1_000)
        pair.network.inject(pair.box.address, pair.gateway.address, initiation)
        pair.run(100)
        self.assertEqual(len(responses(pair, pair.gateway)), 1)

    def test_initiations_of_a_peer_are_answered_50_times_a_second_at_most(self):
        pair = Pair()
        device = pair.box.device
        for _ in range(100):
            pair.to_gateway.send_initiation(pair.clock.ms)
            pair.run(4)
        pair.run(100)
        self.assertEqual(device.public_key, pair.box.public_key)
        self.assertEqual(len(initiations(pair, pair.box)), 100)
        self.assertEqual(len(responses(pair, pair.gateway)), 20)

    def test_strangers_get_no_answer(self):
        pair = Pair()
        pair.gateway.device.remove_peer(pair.box.public_key)
        pair.send()
        pair.run(100)
        self.assertEqual(len(initiations(pair, pair.box)), 1)
        self.assertEqual(responses(pair, pair.gateway), [])
        self.assertEqual(pair.gateway.drops(ERR_HANDSHAKE), 1)

    def test_a_message_with_one_bit_changed_gets_no_answer(self):
        pair = Pair()
        pair.network.filter = lambda source, target, data: True
        pair.send()
        pair.run(10)
        pair.network.filter = None
        initiation = initiations(pair, pair.box)[0]
        for position in range(0, len(initiation) - 16, 11):
            forged = bytearray(initiation)
            forged[position] ^= 0x20
            pair.network.inject(pair.box.address, pair.gateway.address, forged)
            pair.run(30)
        self.assertEqual(responses(pair, pair.gateway), [])
        pair.network.inject(pair.box.address, pair.gateway.address, initiation)
        pair.run(30)
        self.assertEqual(len(responses(pair, pair.gateway)), 1)

    def test_a_wrong_mac1_is_counted_as_such(self):
        pair = Pair()
        pair.network.inject(pair.box.address, pair.gateway.address, b"\x01" + bytes(147))
        pair.run(10)
        self.assertEqual(pair.gateway.drops(ERR_MAC1), 1)

    def test_a_response_to_no_initiation_of_ours_is_refused(self):
        pair = Pair()
        pair.connect()
        forged = bytearray(responses(pair, pair.gateway)[0])
        forged[8] ^= 1
        macs.sign(forged, pair.box.public_key, None)
        pair.network.inject(pair.gateway.address, pair.box.address, forged)
        pair.run(10)
        self.assertEqual(pair.box.drops(ERR_INDEX), 1)

    def test_a_response_to_an_earlier_message_of_the_peer_is_refused(self):
        # Both sides start at once, so two indices of the box lead to the gateway. A response that
        # is right but for its index must not be taken: that index is another handshake's.
        pair = Pair()
        pair.to_box.set_endpoint(pair.box.address)
        held = []
        pair.network.filter = lambda source, target, data: bool(
            data[0] == MESSAGE_RESPONSE and held.append((source, data)) is None
        )
        pair.send(b"up")
        pair.send_back(b"down")
        pair.run(50)
        pair.network.filter = None
        by_source = dict(held)
        forged = bytearray(by_source[pair.gateway.address])
        forged[8:12] = by_source[pair.box.address][4:8]
        macs.sign(forged, pair.box.public_key, None)
        pair.network.inject(pair.gateway.address, pair.box.address, forged)
        pair.run(50)
        self.assertEqual(pair.box.drops(ERR_INDEX), 1)  # by the path, and without it:
        device = pair.box.device
        self.assertFalse(device.receive_handshake(forged, pair.gateway.address, pair.clock.ms))
        self.assertEqual(pair.box.drops(ERR_HANDSHAKE), 1)
        self.assertFalse(pair.box.tunnel.has_keypair(pair.to_gateway.number, CURRENT))

    def test_a_replayed_response_changes_nothing(self):
        pair = Pair()
        pair.connect()
        response = responses(pair, pair.gateway)[0]
        pair.network.inject(ELSEWHERE, pair.box.address, response)
        pair.run(10)
        self.assertEqual(pair.to_gateway.endpoint(), pair.gateway.address)
        pair.send(b"goes on")
        pair.run(100)
        self.assertEqual(pair.payloads(pair.gateway), [b"goes on"])

    def test_a_forged_response_does_not_end_the_handshake(self):
        pair = Pair()
        held = []

        def hold_responses(source, target, data):
            if data[0] == MESSAGE_RESPONSE and not held:
                held.append(data)
                return True
            return False

        pair.network.filter = hold_responses
        pair.send(b"hello")
        pair.run(50)
        for point in vectors.load("wireguard/constants.json")["low_order_points_b64"]:
            forged = bytearray(held[0])
            forged[12:44] = a2b_base64(point)
            macs.sign(forged, pair.box.public_key, None)
            pair.network.inject(ELSEWHERE, pair.box.address, forged)
        pair.run(50)
        self.assertEqual(pair.box.drops(ERR_HANDSHAKE), 7)
        self.assertEqual(pair.to_gateway.endpoint(), pair.gateway.address)
        self.assertEqual(pair.payloads(pair.gateway), [])
        pair.network.inject(pair.gateway.address, pair.box.address, held[0])
        pair.run(50)
        self.assertEqual(pair.payloads(pair.gateway), [b"hello"])

    def test_a_peer_with_a_low_order_key_is_never_talked_to(self):
        pair = Pair()
        for point in vectors.load("wireguard/constants.json")["low_order_points_b64"][:3]:
            peer = pair.box.device.add_peer(a2b_base64(point))
            peer.set_endpoint(pair.gateway.address)
            peer.initiate(pair.clock.ms)
        pair.run(100_000)
        self.assertEqual(pair.network.capture, [])


class RestartTest(unittest.TestCase):
    """A box that starts again without a clock must still be answered by a gateway that ran on."""

    def restarted(self, pair, floor):
        """The box anew with the same key and a wall clock at 1970."""
        old = pair.box
        old.device.set_private_key(None)
        pair.network.nodes.remove(old)
        box = pair.network.node("box", "192.0.2.1:1001", floor=floor)
        box.set_key(b"\x42" * 32)
        box.wall_clock = lambda: (0, 0)
        to_gateway = box.device.add_peer(pair.gateway.public_key)
        to_gateway.set_endpoint(pair.gateway.address)
        to_gateway.allow(GATEWAY, 32)
        return box

    def pair(self):
        pair = Pair()
        pair.gateway.device.remove_peer(pair.box.public_key)
        pair.box.set_key(b"\x42" * 32)
        pair.to_box = pair.gateway.device.add_peer(pair.box.public_key)
        pair.to_box.allow(BOX, 32)
        pair.connect()
        return pair

    def test_a_restart_with_a_saved_floor_is_answered(self):
        pair = self.pair()
        box = self.restarted(pair, pair.box.floor)
        box.send(ipv4_packet(BOX, GATEWAY, b"again"))
        pair.run(100)
        self.assertEqual(pair.payloads(pair.gateway), [b"again"])

    def test_a_restart_without_a_floor_is_refused_as_old(self):
        pair = self.pair()
        box = self.restarted(pair, None)
        box.send(ipv4_packet(BOX, GATEWAY, b"again"))
        pair.run(100)
        self.assertEqual(pair.payloads(pair.gateway), [])
        self.assertEqual(pair.gateway.drops(ERR_HANDSHAKE), 1)

    def test_a_clock_that_goes_back_while_running_does_no_harm(self):
        pair = self.pair()
        pair.box.wall_clock = lambda: (0, 0)
        pair.run(130_000)
        pair.send(b"again")
        pair.run(100)
        self.assertEqual(len(responses(pair, pair.gateway)), 2)


class SimultaneousTest(unittest.TestCase):
    def start_both(self, pair):
        pair.to_box.set_endpoint(pair.box.address)
        pair.send(b"up")
        pair.send_back(b"down")

    def test_both_sides_can_start_at_once(self):
        pair = Pair()
        self.start_both(pair)
        pair.run(100)
        self.assertEqual(pair.payloads(pair.gateway), [b"up"])
        self.assertEqual(pair.payloads(pair.box), [b"down"])

    def test_traffic_goes_on_after_both_sides_started_at_once(self):
        pair = Pair()
        self.start_both(pair)
        for number in range(30):
            pair.run(1_000)
            pair.send(b"up %d" % number)
            pair.send_back(b"down %d" % number)
        pair.run(100)
        self.assertEqual(len(pair.gateway.received), 31)
        self.assertEqual(len(pair.box.received), 31)
        self.assertEqual(len(initiations(pair, pair.box)), 1)
        self.assertEqual(len(initiations(pair, pair.gateway)), 1)

    def test_it_ends_well_for_any_loss_of_one_message(self):
        for lost in range(6):
            with self.subTest(str(lost)):
                pair = Pair()
                seen = []

                def lose_one(source, target, data, seen=seen, lost=lost):
                    seen.append(data)
                    return len(seen) == lost + 1

                pair.network.filter = lose_one
                self.start_both(pair)
                pair.run(7_000)
                pair.send(b"last up")
                pair.send_back(b"last down")
                pair.run(100)
                self.assertIn(b"last up", pair.payloads(pair.gateway))
                self.assertIn(b"last down", pair.payloads(pair.box))

    def test_keys_agree_between_current_and_previous(self):
        pair = Pair()
        self.start_both(pair)
        pair.run(100)
        for node, peer in ((pair.box, pair.to_gateway), (pair.gateway, pair.to_box)):
            self.assertTrue(node.tunnel.has_keypair(peer.number, CURRENT))
            self.assertTrue(node.tunnel.has_keypair(peer.number, PREVIOUS))
            self.assertFalse(node.tunnel.has_keypair(peer.number, NEXT))


class SettingsTest(unittest.TestCase):
    def test_our_own_key_is_no_peer(self):
        pair = Pair()
        with self.assertRaises(ConfigError):
            pair.box.device.add_peer(pair.box.public_key)

    def test_a_peer_with_the_key_that_becomes_ours_is_removed(self):
        pair = Pair()
        pair.box.device.add_peer(pair.box.device.new_key().public())
        other = pair.gateway.device.new_key()
        pair.box.device.add_peer(other.public())
        pair.box.device.set_private_key(other)
        self.assertEqual(pair.box.device.public_key in pair.box.device.peers, False)
        self.assertEqual(len(pair.box.device.peers), 2)

    def test_a_new_private_key_ends_all_sessions(self):
        pair = Pair()
        pair.connect()
        pair.box.device.set_private_key(pair.box.device.new_key())
        self.assertFalse(pair.box.tunnel.has_keypair(pair.to_gateway.number, CURRENT))
        pair.send(b"nobody knows me")
        pair.run(1_000)
        self.assertEqual(pair.payloads(pair.gateway), [])

    def test_the_same_private_key_again_changes_nothing(self):
        pair = Pair()
        key = b"\x42" * 32
        pair.gateway.set_key(key)
        peer = pair.box.device.add_peer(pair.gateway.public_key)
        peer.set_endpoint(pair.gateway.address)
        peer.allow(GATEWAY, 32)
        pair.connect()
        pair.gateway.set_key(key)
        pair.send(b"goes on")
        pair.run(100)
        self.assertEqual(pair.payloads(pair.gateway), [b"goes on"])

    def test_the_same_private_key_again_leaves_a_handshake_under_way_alone(self):
        pair = Pair()
        key = b"\x42" * 32
        pair.box.set_key(key)
        pair.gateway.device.add_peer(pair.box.public_key).allow(BOX, 32)
        pair.send(b"goes on")
        pair.run(2)
        pair.box.set_key(key)
        pair.run(100)
        self.assertEqual(pair.payloads(pair.gateway), [b"goes on"])

    def test_without_a_private_key_no_handshake_passes_the_gate(self):
        pair = Pair()
        pair.connect()
        initiation = pair.network.sent(pair.box.address, MESSAGE_INITIATION)[0]
        pair.gateway.device.set_private_key(None)
        before = pair.gateway.drops(ERR_MAC1)
        pair.network.inject(pair.box.address, pair.gateway.address, initiation)
        pair.run(100)
        self.assertEqual(pair.gateway.drops(ERR_MAC1), before + 1)

    def test_a_new_private_key_that_the_peer_knows_connects_at_once(self):
        pair = Pair()
        pair.connect()
        key = pair.box.device.new_key()
        pair.gateway.device.add_peer(key.public()).allow(BOX, 32)
        pair.box.device.set_private_key(key)
        pair.send(b"hello")
        pair.run(6_000)
        self.assertEqual(pair.payloads(pair.gateway), [b"hello"])

    def test_adding_a_peer_twice_gives_the_same_one(self):
        pair = Pair()
        self.assertTrue(pair.box.device.add_peer(pair.gateway.public_key) is pair.to_gateway)

    def test_a_removed_peer_is_silent_and_gone(self):
        pair = Pair()
        pair.connect()
        self.assertTrue(pair.box.device.remove_peer(pair.gateway.public_key))
        self.assertFalse(pair.box.device.remove_peer(pair.gateway.public_key))
        pair.network.capture.clear()
        pair.send()
        pair.run(20_000)
        self.assertEqual(
            [data for source, _, data in pair.network.capture if source == pair.box.address], []
        )

    def test_a_removed_peer_object_cannot_reach_the_one_that_took_its_number(self):
        pair = Pair()
        pair.box.device.remove_peer(pair.gateway.public_key)
        pair.box.device.add_peer(pair.gateway.public_key)
        with self.assertRaises((ValueError, OverflowError, IndexError)):
            pair.to_gateway.set_endpoint(pair.gateway.address)

    def test_a_public_key_of_another_length_is_an_error(self):
        pair = Pair()
        with self.assertRaises(ValueError):
            pair.box.device.add_peer(bytes(31))

    def test_allowed_ips_are_replaced_as_a_whole(self):
        pair = Pair()
        pair.to_gateway.replace_allowed_ips([(b"\x0a\x01\x00\x00", 16), (bytes(16), 0)])
        self.assertEqual(
            sorted(pair.to_gateway.allowed()), sorted([(b"\x0a\x01\x00\x00", 16), (bytes(16), 0)])
        )
        self.assertTrue(pair.to_gateway.disallow(bytes(16), 0))
        self.assertFalse(pair.to_gateway.disallow(bytes(16), 0))

    def test_closing_wipes_keys_and_forgets_peers(self):
        pair = Pair()
        pair.connect()
        pair.box.device.close()
        self.assertEqual(len(pair.box.device.peers), 0)
        self.assertIsNone(pair.box.device.public_key)
        with self.assertRaises(ValueError):
            pair.box.tunnel.has_keypair(0, CURRENT)

    def test_handshakes_use_the_prologue_of_wireguard(self):
        self.assertEqual(noise.PROLOGUE, b"WireGuard v1 zx2c4 Jason@zx2c4.com")


if __name__ == "__main__":
    unittest.main()

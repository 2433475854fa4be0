import unittest

from _wg import ERR_COOKIE, ERR_INDEX, ERR_TAG, aead_seal, blake2s
from tests.support.network import Pair

from wg.const import MESSAGE_COOKIE, MESSAGE_INITIATION, MESSAGE_RESPONSE

NO_MAC = bytes(16)


class CookieTest(unittest.TestCase):
    def loaded_pair(self):
        """A pair whose gateway has a secret for its cookies."""
        pair = Pair()
        pair.run(10)
        return pair

    def run_loaded(self, pair, ms):
        """Let time pass with the gateway saying all the while that it cannot keep up."""
        for _ in range(ms // 500):
            pair.gateway.gate.set_loaded(pair.clock.ms)
            pair.run(500)

    def sent(self, pair, node, kind):
        return pair.network.sent(node.address, kind)

    def test_under_load_a_cookie_is_sent_and_the_next_try_carries_it(self):
        pair = self.loaded_pair()
        pair.send(b"hello")
        self.run_loaded(pair, 8_000)
        first, second = self.sent(pair, pair.box, MESSAGE_INITIATION)
        self.assertEqual(len(self.sent(pair, pair.gateway, MESSAGE_COOKIE)), 1)
        self.assertEqual(first[-16:], NO_MAC)
        self.assertTrue(second[-16:] != NO_MAC)
        self.assertEqual(pair.payloads(pair.gateway), [b"hello"])
        self.assertEqual(pair.gateway.drops(ERR_COOKIE), 1)

    def test_a_cookie_does_not_start_a_try_before_its_time(self):
        pair = self.loaded_pair()
        pair.send(b"hello")
        self.run_loaded(pair, 4_500)
        self.assertEqual(len(self.sent(pair, pair.gateway, MESSAGE_COOKIE)), 1)
        self.assertEqual(len(self.sent(pair, pair.box, MESSAGE_INITIATION)), 1)

    def test_a_cookie_is_forgotten_after_120_s(self):
        pair = self.loaded_pair()
        pair.send(b"hello")
        self.run_loaded(pair, 8_000)
        pair.run(100_000)
        pair.to_gateway.initiate(pair.clock.ms)
        pair.run(100)
        self.assertTrue(self.sent(pair, pair.box, MESSAGE_INITIATION)[-1][-16:] != NO_MAC)
        pair.run(20_000)
        pair.to_gateway.initiate(pair.clock.ms)
        pair.run(100)
        self.assertEqual(self.sent(pair, pair.box, MESSAGE_INITIATION)[-1][-16:], NO_MAC)

    def test_responses_are_subject_to_cookies_too(self):
        pair = self.loaded_pair()
        pair.to_box.set_endpoint(pair.box.address)
        # The gateway starts, is under load itself, and asks the box's response for a cookie.
        pair.send_back(b"hello")
        self.run_loaded(pair, 8_000)
        first, second = self.sent(pair, pair.box, MESSAGE_RESPONSE)
        self.assertEqual(first[-16:], NO_MAC)
        self.assertTrue(second[-16:] != NO_MAC)
        self.assertEqual(pair.payloads(pair.box), [b"hello"])

    def test_a_live_session_goes_on_under_load(self):
        pair = self.loaded_pair()
        pair.connect()
        for number in range(20):
            pair.gateway.gate.set_loaded(pair.clock.ms)
            pair.send(b"%d" % number)
            pair.run(500)
        self.assertEqual(len(pair.gateway.received), 20)

    def held_reply(self):
        """A pair whose box has sent an initiation, and the cookie reply that did not reach it."""
        pair = self.loaded_pair()
        pair.network.filter = lambda source, target, data: data[0] == MESSAGE_COOKIE
        pair.send()
        self.run_loaded(pair, 1_000)
        pair.network.filter = None
        return pair, self.sent(pair, pair.gateway, MESSAGE_COOKIE)[0]

    def test_a_cookie_reply_counts_once(self):
        pair, reply = self.held_reply()
        self.assertTrue(pair.box.device.receive_handshake(reply, b"", pair.clock.ms))
        self.assertFalse(pair.box.device.receive_handshake(reply, b"", pair.clock.ms))
        self.assertEqual(pair.box.drops(ERR_TAG), 1)

    def test_a_forged_cookie_reply_is_refused(self):
        pair, reply = self.held_reply()
        for position in range(8, 64, 5):
            forged = bytearray(reply)
            forged[position] ^= 1
            self.assertFalse(pair.box.device.receive_handshake(forged, b"", pair.clock.ms))
        self.assertTrue(pair.box.device.receive_handshake(reply, b"", pair.clock.ms))

    def test_a_cookie_reply_to_an_earlier_try_is_refused(self):
        pair, reply = self.held_reply()
        pair.network.filter = lambda source, target, data: True
        pair.run(6_000)
        self.assertEqual(len(self.sent(pair, pair.box, MESSAGE_INITIATION)), 2)
        self.assertFalse(pair.box.device.receive_handshake(reply, b"", pair.clock.ms))
        self.assertEqual(pair.box.drops(ERR_INDEX), 1)

    def test_a_cookie_reply_to_an_index_that_was_not_signed_last_is_refused(self):
        # Both sides start at once: the box has an initiation out and has signed a response since.
        pair, reply = self.held_reply()
        pair.to_box.set_endpoint(pair.box.address)
        held = []
        pair.network.filter = lambda source, target, data: bool(
            source == pair.box.address and held.append(data) is None
        )
        pair.to_box.initiate(pair.clock.ms)
        pair.run(50)
        self.assertEqual(held[0][0], MESSAGE_RESPONSE)
        forged = bytearray(reply)
        mac1 = held[0][60:76]
        forged[32:] = self.sealed_cookie(pair.gateway.public_key, mac1, bytes(reply[8:32]))
        self.assertFalse(pair.box.device.receive_handshake(forged, b"", pair.clock.ms))
        forged[4:8] = held[0][4:8]
        self.assertTrue(pair.box.device.receive_handshake(forged, b"", pair.clock.ms))

    def sealed_cookie(self, public_key, mac1, nonce):
        key = bytearray(32)
        blake2s(key, b"cookie--" + public_key)
        sealed = bytearray(32)
        aead_seal(sealed, b"sixteen bytes ok", mac1, nonce, key)
        return sealed

    def test_a_cookie_reply_to_another_index_is_refused(self):
        pair, reply = self.held_reply()
        forged = bytearray(reply)
        forged[4] ^= 1
        self.assertFalse(pair.box.device.receive_handshake(forged, b"", pair.clock.ms))
        self.assertEqual(pair.box.drops(ERR_INDEX), 1)

    def test_a_flood_of_cookie_replies_does_not_keep_the_right_one_out(self):
        pair, reply = self.held_reply()
        for number in range(150):
            forged = bytearray(reply)
            forged[4:8] = (0xFFFFFF00 + number).to_bytes(4, "little")
            pair.network.inject(pair.gateway.address, pair.box.address, forged)
        pair.network.inject(pair.gateway.address, pair.box.address, reply)
        pair.run(50)
        self.assertEqual(pair.box.drops(ERR_INDEX), 150)
        self.run_loaded(pair, 8_000)
        self.assertTrue(self.sent(pair, pair.box, MESSAGE_INITIATION)[1][-16:] != NO_MAC)

    def test_the_gate_gets_a_new_secret_every_two_minutes(self):
        pair = self.loaded_pair()
        self.assertFalse(pair.gateway.gate.wants_secret(pair.clock.ms))
        wait_ms = pair.gateway.device.poll(pair.clock.ms)
        self.assertTrue(0 < wait_ms <= 120_000)
        pair.clock.advance(wait_ms)
        self.assertTrue(pair.gateway.gate.wants_secret(pair.clock.ms))
        pair.gateway.device.poll(pair.clock.ms)
        self.assertFalse(pair.gateway.gate.wants_secret(pair.clock.ms))


if __name__ == "__main__":
    unittest.main()

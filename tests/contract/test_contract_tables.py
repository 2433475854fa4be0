"""What `_wg` promises of its tables on their own, and of the gate."""

import unittest

import _wg
from tests.contract import support

LIMIT = 2**64 - 2**13 - 1  # REJECT_AFTER_MESSAGES


class ReplayWindowTest(unittest.TestCase):
    wg = _wg

    def test_a_counter_is_accepted_once_and_not_when_it_is_too_old(self):
        window = self.wg.ReplayWindow()
        self.assertIs(window.accept(10_000), True)
        self.assertIs(window.accept(10_000), False)
        self.assertIs(window.accept(10_000 - 8128), True)
        self.assertIs(window.accept(10_000 - 8129), False)

    def test_far_jumps_are_not_cut_to_32_bits(self):
        window = self.wg.ReplayWindow()
        for counter in (0, 2**32, 2**32 + 1, 2**40, 2**63, LIMIT - 1):
            self.assertIs(window.accept(counter), True)
            self.assertIs(window.accept(counter), False)
        self.assertIs(window.accept(0), False)
        self.assertIs(window.accept(LIMIT), False)
        self.assertIs(window.accept(2**64 - 1), False)
        self.assertIs(window.accept(LIMIT - 1 - 8128), True)

    def test_a_number_that_is_no_counter_is_refused_and_changes_nothing(self):
        window = self.wg.ReplayWindow()
        support.check_refusals(
            self, window.accept, lambda: (3,), support.wrong_number(0, 2**64 - 1)
        )
        # 2^64 + 7 taken for 7 would make a later 7 a replay.
        self.assertIs(window.accept(7), True)
        self.assertIs(support.refusal(self.wg.ReplayWindow, (1,)), TypeError)


class AllowedIPsTest(unittest.TestCase):
    wg = _wg

    def test_the_longest_prefix_wins(self):
        table = self.wg.AllowedIPs(capacity=8)
        table.insert(bytes(4), 0, 1)
        table.insert(b"\x0a\x00\x00\x00", 8, 2)
        table.insert(b"\x0a\x01\xff\xff", 16, 0xFFFE)  # bits past the prefix are ignored
        table.insert(bytes(16), 0, 3)
        table.insert(b"\xfd" + bytes(15), 128, 4)
        for address, peer in (
            (b"\x0a\x01\x02\x03", 0xFFFE),
            (b"\x0a\x02\x02\x03", 2),
            (b"\x0b\x02\x02\x03", 1),
            (b"\xfd" + bytes(15), 4),
            (b"\xfd" + bytes(14) + b"\x01", 3),
        ):
            self.assertEqual(table.lookup(address), peer)
        self.assertIs(table.remove(b"\x0a\x01\x00\x00", 16, 2), False)
        self.assertIs(table.remove(b"\x0a\x01\x00\x00", 16, 0xFFFE), True)
        self.assertEqual(table.lookup(b"\x0a\x01\x02\x03"), 2)
        table.remove_peer(1)
        self.assertEqual(table.lookup(b"\x0b\x02\x02\x03"), -1)

    def test_prefixes_are_listed_masked(self):
        table = self.wg.AllowedIPs(4)
        table.insert(b"\xff\xff\xff\xff", 9, 7)
        table.insert(b"\xff" * 16, 127, 7)
        table.insert(b"\x01\x02\x03\x04", 32, 8)
        self.assertEqual(
            sorted(table.prefixes(7)), [(b"\xff\x80\x00\x00", 9), (b"\xff" * 15 + b"\xfe", 127)]
        )
        self.assertEqual(table.prefixes(8), [(b"\x01\x02\x03\x04", 32)])
        self.assertEqual(table.prefixes(9), [])

    def test_a_full_table_says_so_and_stays_as_it_was(self):
        table = self.wg.AllowedIPs(16)
        held = 0
        for number in range(100):
            kind = support.refusal(table.insert, (bytes([10, 0, 0, number]), 32, number))
            if kind is not None:
                self.assertIs(kind, MemoryError)
                break
            held += 1
        self.assertGreaterEqual(held, 16)
        self.assertLess(held, 100)
        for number in range(100):
            expected = number if number < held else -1
            self.assertEqual(table.lookup(bytes([10, 0, 0, number])), expected)
        table.insert(bytes([10, 0, 0, 0]), 32, 200)  # there is room for what is there already
        self.assertEqual(table.lookup(bytes([10, 0, 0, 0])), 200)
        table.remove_peer(1)
        table.insert(bytes([11, 0, 0, 0]), 32, 1)

    def test_wrong_arguments_are_refused(self):
        support.check_refusals(
            self,
            self.wg.AllowedIPs,
            lambda: (1,),
            support.wrong_number(0, 2**31 - 2),
            [(0, 0, ValueError)],
        )
        table = self.wg.AllowedIPs(4)
        wrong_address = [
            (0, b"", ValueError),
            (0, bytes(5), ValueError),
            (0, bytes(15), ValueError),
            (0, bytes(17), ValueError),
            (0, "1.1.", TypeError),
            (0, None, TypeError),
        ]
        wrong = (
            wrong_address
            + support.wrong_number(1, 2**64 - 1)
            + [(1, 33, ValueError), (1, 2**32, ValueError), (1, 2**64 - 1, ValueError)]
            + support.wrong_number(2, 0xFFFE)
        )
        for method in (table.insert, table.remove):
            support.check_refusals(self, method, lambda: (bytes(4), 32, 1), wrong)
            self.assertIs(support.refusal(method, (bytes(16), 129, 1)), ValueError)
        support.check_refusals(self, table.lookup, lambda: (bytes(4),), wrong_address)
        for method in (table.remove_peer, table.prefixes):
            support.check_refusals(self, method, lambda: (1,), support.wrong_number(0, 0xFFFE))


class GateTest(unittest.TestCase):
    wg = _wg

    PUBLIC = bytes(range(32))

    def setUp(self):
        self.gate = self.wg.Gate()
        self.reply = bytearray(64)
        self.source = support.endpoint(1)

    def hash(self, data, key=b"", length=32):
        out = bytearray(length)
        self.wg.blake2s(out, data, key)
        return bytes(out)

    def initiation(self, cookie=None, public=PUBLIC, length=148, kind=1):
        """A message with right macs and nothing else."""
        message = bytes([kind, 0, 0, 0]) + b"\xaa\xbb\xcc\xdd" + bytes(length - 40)
        message += self.hash(message, self.hash(b"mac1----" + public), 16)
        return message + (self.hash(message, cookie, 16) if cookie else bytes(16))

    def check(self, message, now_ms, source=None, kind=None):
        kind = {148: 1, 92: 2, 64: 3}[len(message)] if kind is None else kind
        return self.gate.check(kind, message, source or self.source, now_ms, self.reply)

    def cookie(self, message):
        """The cookie in the reply to a message."""
        self.assertEqual(bytes(self.reply[:8]), b"\x03\x00\x00\x00\xaa\xbb\xcc\xdd")
        out = bytearray(16)
        key = self.hash(b"cookie--" + self.PUBLIC)
        nonce, sealed = bytes(self.reply[8:32]), bytes(self.reply[32:])
        self.assertTrue(self.wg.aead_open(out, sealed, message[-32:-16], nonce, key))
        return bytes(out)

    def test_mac1_is_wanted_always(self):
        self.assertEqual(self.check(self.initiation(), 1), self.wg.ERR_MAC1)  # nobody is here yet
        self.gate.set_identity(self.PUBLIC)
        self.assertEqual(self.check(self.initiation(), 1), self.wg.OK)
        response = self.initiation(length=92, kind=2)
        self.assertEqual(self.check(response, 2), self.wg.OK)
        forged = bytearray(self.initiation())
        forged[10] ^= 1
        self.assertEqual(self.check(forged, 3), self.wg.ERR_MAC1)
        self.assertEqual(self.check(self.initiation(public=bytes(32)), 4), self.wg.ERR_MAC1)
        self.gate.clear_identity()
        self.assertEqual(self.check(self.initiation(), 5), self.wg.ERR_MAC1)

    def test_what_is_no_handshake_message_is_dropped(self):
        self.gate.set_identity(self.PUBLIC)
        for kind, message, status in (
            (1, b"", self.wg.ERR_SHORT),
            (1, self.initiation()[:-1], self.wg.ERR_SHORT),
            (1, self.initiation() + b"x", self.wg.ERR_SHORT),
            (1, self.initiation(length=92), self.wg.ERR_SHORT),
            (2, self.initiation(), self.wg.ERR_SHORT),
            (4, self.initiation(), self.wg.ERR_TYPE),
            (0, self.initiation(), self.wg.ERR_TYPE),
            (255, self.initiation(), self.wg.ERR_TYPE),
            (3, bytes(64), self.wg.OK),
            (3, bytes(63), self.wg.ERR_SHORT),
        ):
            self.assertEqual(self.check(message, 1, kind=kind), status)

    def test_any_type_on_the_wire_will_do_that_mac1_covers(self):
        self.gate.set_identity(self.PUBLIC)
        for kind in (0, 4, 255):
            self.assertEqual(self.check(self.initiation(kind=kind), 1), self.wg.OK)

    def test_streams_have_cookies_and_tokens_of_their_own(self):
        self.gate.set_identity(self.PUBLIC)
        self.gate.set_secret(bytes(range(64)), 1000)
        self.gate.set_loaded(1000)
        one, other = b"\x01\x00\x07\0\0\0\0", b"\x11\x00\x08\0\0\0\0"
        message = self.initiation()
        self.assertEqual(self.check(message, 1000, one), self.wg.ERR_COOKIE)
        shown = self.initiation(self.cookie(message))
        self.assertEqual(self.check(shown, 1000, other), self.wg.ERR_COOKIE)
        results = [self.check(shown, 1000, one) for _ in range(6)]
        self.assertEqual(results, [self.wg.OK] * 5 + [self.wg.ERR_RATE])
        self.assertEqual(self.check(message, 1000, other), self.wg.ERR_COOKIE)
        shown = self.initiation(self.cookie(message))
        self.assertEqual(self.check(shown, 1000, other), self.wg.OK)

    def test_under_load_a_source_must_show_a_cookie_first(self):
        self.gate.set_identity(self.PUBLIC)
        self.gate.set_loaded(1000)
        self.assertIs(self.gate.is_loaded(1000), True)
        self.assertEqual(self.check(self.initiation(), 1000), self.wg.ERR_RATE)  # no secret yet
        self.gate.set_secret(bytes(range(64)), 1000)
        message = self.initiation()
        self.assertEqual(self.check(message, 1001), self.wg.ERR_COOKIE)
        cookie = self.cookie(message)
        first_reply = bytes(self.reply)
        self.assertEqual(self.check(message, 1002), self.wg.ERR_COOKIE)
        self.assertNotEqual(bytes(self.reply[8:32]), first_reply[8:32])  # never one nonce twice
        self.assertEqual(self.cookie(message), cookie)
        self.assertEqual(self.check(self.initiation(cookie), 1003), self.wg.OK)
        wrong = bytes([cookie[0] ^ 1]) + cookie[1:]
        self.assertEqual(self.check(self.initiation(wrong), 1004), self.wg.ERR_COOKIE)
        for other in (support.endpoint(2), support.endpoint(1, port=9)):
            self.assertEqual(self.check(self.initiation(cookie), 1005, other), self.wg.ERR_COOKIE)
        self.gate.set_secret(bytes(range(1, 65)), 1006)
        self.assertEqual(self.check(self.initiation(cookie), 1006), self.wg.ERR_COOKIE)
        self.assertIs(self.gate.is_loaded(2000), False)
        self.assertEqual(self.check(self.initiation(), 2000), self.wg.OK)

    def test_a_source_with_a_cookie_gets_20_a_second_and_5_at_once(self):
        self.gate.set_identity(self.PUBLIC)
        self.gate.set_secret(bytes(range(64)), 1000)
        self.gate.set_loaded(1000)
        message = self.initiation()
        self.check(message, 1000)
        shown = self.initiation(self.cookie(message))
        results = [self.check(shown, 1000) for _ in range(7)]
        self.assertEqual(results, [self.wg.OK] * 5 + [self.wg.ERR_RATE] * 2)
        self.assertEqual(self.check(shown, 1049), self.wg.ERR_RATE)
        self.assertEqual(self.check(shown, 1050), self.wg.OK)
        self.assertEqual(self.check(shown, 1050), self.wg.ERR_RATE)
        passed = 0
        for now_ms in range(1060, 1960, 10):
            passed += self.check(shown, now_ms) == self.wg.OK
        self.assertEqual(passed, 18)

    def test_many_handshakes_are_load_by_themselves(self):
        self.gate.set_identity(self.PUBLIC)
        self.gate.set_secret(bytes(64), 1000)
        message = self.initiation()
        for number in range(100):
            self.assertEqual(self.check(message, 10_000 + 10 * number), self.wg.OK)
        self.assertIs(self.gate.is_loaded(11_000), False)
        results = [self.check(message, 20_000) for _ in range(1100)]
        self.assertEqual(results[:1000], [self.wg.OK] * 1000)
        self.assertEqual(results[1000:], [self.wg.ERR_COOKIE] * 100)
        self.assertIs(self.gate.is_loaded(20_000), True)

    def test_cookie_replies_cannot_crowd_out_handshakes(self):
        self.gate.set_identity(self.PUBLIC)
        reply = b"\x03" + bytes(63)
        results = [self.check(reply, 5000) for _ in range(120)]
        self.assertEqual(results, [self.wg.OK] * 100 + [self.wg.ERR_RATE] * 20)
        self.assertEqual(self.check(self.initiation(), 5000), self.wg.OK)

    def test_a_secret_is_wanted_at_first_and_every_two_minutes(self):
        self.assertIs(self.gate.wants_secret(1), True)
        random = bytearray(range(64))
        self.gate.set_secret(random=random, now_ms=1)
        self.assertEqual(bytes(random), bytes(64))
        self.assertIs(self.gate.wants_secret(120_000), False)
        self.assertIs(self.gate.wants_secret(120_001), True)
        self.assertIs(self.gate.wants_secret(2**62 - 1), True)

    def test_wrong_arguments_are_refused(self):
        gate = self.gate
        support.check_refusals(
            self, gate.set_identity, lambda: (bytes(32),), support.wrong_bytes(0, 32)
        )
        support.check_refusals(
            self,
            gate.set_secret,
            lambda: (bytes(64), 1),
            support.wrong_bytes(0, 64) + support.wrong_time(1),
        )
        for method in (gate.wants_secret, gate.is_loaded, gate.set_loaded):
            support.check_refusals(self, method, lambda: (1,), support.wrong_time(0))
        support.check_refusals(
            self,
            gate.check,
            lambda: (1, bytes(148), self.source, 1, bytearray(64)),
            [
                (1, "x" * 148, TypeError),
                (2, b"", ValueError),
                (2, bytes(11), ValueError),
                (2, self.source[:-1], ValueError),
                (2, self.source + b"\x00", ValueError),
                (2, b"\x04\x00\x01\x00\x00\x00\x01\x00\x00\x00\x00", ValueError),
                (2, b"\x01\x00\x01\x00\x00\x00\x01", ValueError),
                (2, b"\x24" + self.source[1:], ValueError),
                (2, b"\x06" + bytes(10), ValueError),
                (2, None, TypeError),
            ],
            support.wrong_number(0, 255),
            support.wrong_time(3),
            support.wrong_output(4, 64),
        )
        view = memoryview(bytearray(148))
        self.assertIs(support.refusal(gate.check, (1, view, self.source, 1, view[84:])), ValueError)
        for source in (b"\x06" + bytes(22), b"\x16" + bytes(22), b"\x01" + bytes(6)):
            self.assertIsNone(support.refusal(gate.check, (1, bytes(148), source, 1, self.reply)))

    def test_a_wiped_gate_is_refused(self):
        gate = self.gate
        gate.wipe()
        gate.wipe()
        for method, arguments in (
            (gate.set_identity, (bytes(32),)),
            (gate.clear_identity, ()),
            (gate.set_secret, (bytes(64), 1)),
            (gate.wants_secret, (1,)),
            (gate.set_loaded, (1,)),
            (gate.is_loaded, (1,)),
            (gate.check, (1, bytes(148), self.source, 1, self.reply)),
        ):
            self.assertIs(support.refusal(method, arguments), ValueError)


if __name__ == "__main__":
    unittest.main()

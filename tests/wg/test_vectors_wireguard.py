"""The test data of WireGuard's own implementations: KDF, replay window, allowed IPs, constants."""

import unittest
from binascii import a2b_base64

import _wg
from tests.support import vectors

from wg import allowedips


class KdfTest(unittest.TestCase):
    def test_kdf1_to_kdf3_give_the_known_answers(self):
        # Their KDF takes a key of any length, ours a chaining key. So it is built from HMACs here.
        for case in vectors.load("wireguard/kdf.json")["tests"]:
            expected = [bytes.fromhex(case[name]) for name in ("t0", "t1", "t2")]
            secret = bytearray(32)
            _wg.hmac(secret, bytes.fromhex(case["key"]), bytes.fromhex(case["input"]))
            previous = b""
            for number, wanted in enumerate(expected):
                out = bytearray(32)
                _wg.hmac(out, secret, previous + bytes([number + 1]))
                self.assertEqual(bytes(out), wanted)
                previous = bytes(out)

    def test_the_kdf_is_that_construction_for_a_chaining_key(self):
        # A key shorter than a block and the same key with zeros after it are one key to HMAC.
        for case in vectors.load("wireguard/kdf.json")["tests"]:
            key = bytes.fromhex(case["key"])
            chaining_key = key + bytes(32 - len(key))
            for count in (1, 2, 3):
                outs = [bytearray(32) for _ in range(count)]
                _wg.kdf(tuple(outs), chaining_key, bytes.fromhex(case["input"]))
                for number, out in enumerate(outs):
                    self.assertEqual(bytes(out), bytes.fromhex(case["t%d" % number]))


class ReplayTest(unittest.TestCase):
    def counter(self, expression):
        """Their expressions: T is the window and one, L the limit of counters."""
        for name, value in (("T", 8129), ("L", 2**64 - 2**13 - 1)):
            expression = expression.replace(name, str(value))
        return eval(expression)

    def test_the_window_passes_the_script_of_the_kernels_self_test(self):
        window = _wg.ReplayWindow()
        steps = vectors.load("wireguard/replay_filter.json")["steps"]
        self.assertEqual(len(steps), 34)
        for number, (expression, accepted) in enumerate(steps):
            with self.subTest(step=number, counter=expression):
                self.assertEqual(window.accept(self.counter(expression)), accepted)

    def run_through(self, counters, then):
        window = _wg.ReplayWindow()
        for counter in counters:
            if not window.accept(counter):
                self.fail("%d was refused" % counter)
        for counter, accepted in then:
            self.assertEqual(window.accept(counter), accepted, str(counter))

    def test_a_whole_window_may_come_in_any_order(self):
        # The six bulk steps of the same script; W is the width of the window.
        w = 8128
        self.assertEqual(len(vectors.load("wireguard/replay_filter.json")["bulk"]), 6)
        self.run_through(range(1, w + 1), [(0, True), (0, False)])
        self.run_through(range(2, w + 2), [(1, True), (0, False)])
        self.run_through(range(w + 1, 0, -1), [])
        self.run_through(range(w + 2, 1, -1), [(0, False)])
        self.run_through(range(w, 0, -1), [(w + 1, True), (0, False)])
        self.run_through(range(w, 0, -1), [(0, True), (w + 1, True)])


class AllowedIpsTest(unittest.TestCase):
    def run_script(self, steps):
        table = _wg.AllowedIPs(64)
        for number, step in enumerate(steps):
            verb, name = step[:2]
            text = step[2] if len(step) > 2 else ""
            peer = 0xFFFE if name is None else ord(name) - ord("a")
            with self.subTest(step=number, verb=verb, text=text):
                if verb == "insert":
                    address, prefix_len = allowedips.parse_prefix(text)
                    table.insert(address, prefix_len, peer)
                elif verb == "remove":
                    address, prefix_len = allowedips.parse_prefix(text)
                    table.remove(address, prefix_len, peer)
                elif verb == "remove_peer":
                    table.remove_peer(peer)
                elif verb == "eq":
                    self.assertEqual(table.lookup(allowedips.parse_address(text)), peer)
                elif verb == "ne":
                    self.assertNotEqual(table.lookup(allowedips.parse_address(text)), peer)
                else:
                    self.fail("an unknown step: " + verb)
        return table

    def test_ipv4_addresses_go_to_the_peer_of_the_longest_prefix(self):
        self.run_script(vectors.load("wireguard/allowedips.json")["v4"])

    def test_ipv6_addresses_go_to_the_peer_of_the_longest_prefix(self):
        self.run_script(vectors.load("wireguard/allowedips.json")["v6"])


class LowOrderTest(unittest.TestCase):
    def test_no_low_order_point_gives_a_usable_secret(self):
        for text in vectors.load("wireguard/constants.json")["low_order_points_b64"]:
            out = bytearray(b"\xff" * 32)
            self.assertFalse(_wg.x25519(out, bytes(range(32)), a2b_base64(text)))
            self.assertEqual(bytes(out), bytes(32))


if __name__ == "__main__":
    unittest.main()

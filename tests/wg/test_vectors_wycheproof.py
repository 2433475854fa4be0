"""Wycheproof: what known implementations got wrong (wycheproof/LICENSE: Apache-2.0)."""

import unittest

import _wg
from tests.support import vectors


class AeadTest(unittest.TestCase):
    def check_file(self, path, nonce_len):
        """Check every case of a file; how many there were."""
        count = 0
        for group in vectors.load(path)["testGroups"]:
            for case in group["tests"]:
                with self.subTest(case=case["tcId"]):
                    if group["ivSize"] == 8 * nonce_len:
                        self.check_case(case)
                    else:
                        self.check_refused(case)
                    count += 1
        return count

    def check_case(self, case):
        key, nonce = bytes.fromhex(case["key"]), bytes.fromhex(case["iv"])
        ad, message = bytes.fromhex(case["aad"]), bytes.fromhex(case["msg"])
        sealed = bytes.fromhex(case["ct"] + case["tag"])
        before = b"\xa5" * (len(sealed) - 16)
        opened = bytearray(before)
        valid = case["result"] == "valid"
        self.assertEqual(_wg.aead_open(opened, sealed, ad, nonce, key), valid)
        self.assertEqual(bytes(opened), message if valid else before)
        if valid:
            made = bytearray(len(sealed))
            _wg.aead_seal(made, message, ad, nonce, key)
            self.assertEqual(bytes(made), sealed)

    def check_refused(self, case):
        nonce = bytes.fromhex(case["iv"])
        if len(nonce) in (12, 24):
            return  # the other construction's nonce
        key, message = bytes.fromhex(case["key"]), bytes.fromhex(case["msg"])
        out = bytearray(len(message) + 16)
        with self.assertRaises(ValueError):
            _wg.aead_seal(out, message, b"", nonce, key)
        with self.assertRaises(ValueError):
            _wg.aead_open(bytearray(len(message)), out, b"", nonce, key)

    def test_chacha20_poly1305_takes_what_is_right_and_nothing_else(self):
        self.assertEqual(self.check_file("wycheproof/chacha20_poly1305_test.json", 12), 325)

    def test_xchacha20_poly1305_takes_what_is_right_and_nothing_else(self):
        self.assertEqual(self.check_file("wycheproof/xchacha20_poly1305_test.json", 24), 315)


class X25519Test(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.groups = vectors.load("wycheproof/x25519_test.json")["testGroups"]

    @classmethod
    def tearDownClass(cls):
        cls.groups = None  # memory is short on some targets

    def test_shared_secrets_are_right_and_an_all_zero_one_is_refused(self):
        count = 0
        zero = 0
        for group in self.groups:
            for case in group["tests"]:
                with self.subTest(case=case["tcId"]):
                    out = bytearray(32)
                    sound = _wg.x25519(
                        out, bytes.fromhex(case["private"]), bytes.fromhex(case["public"])
                    )
                    shared = bytes.fromhex(case["shared"])
                    self.assertEqual(bytes(out), shared)
                    self.assertEqual(sound, shared != bytes(32))
                    count += 1
                    zero += not sound
        self.assertEqual(count, 518)
        self.assertGreater(zero, 0)

    def test_a_handshake_refuses_every_low_order_point(self):
        state = _wg.SymmetricState(b"Noise_IKpsk2_25519_ChaChaPoly_BLAKE2s", b"")
        before = state.hash()
        key = _wg.PrivateKey(bytes(range(32)))
        refused = 0
        for group in self.groups:
            for case in group["tests"]:
                if "ZeroSharedSecret" in case["flags"]:
                    self.assertFalse(state.mix_dh(key, bytes.fromhex(case["public"])))
                    refused += 1
        self.assertGreater(refused, 6)
        self.assertEqual(state.hash(), before)


if __name__ == "__main__":
    unittest.main()

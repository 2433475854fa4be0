"""RFC 8439, RFC 7693 and RFC 7748, as the RFCs print them."""

import unittest

import _wg
from tests.support import vectors


def unhex(digits):
    return bytes.fromhex(digits)


class Rfc8439Test(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.vectors = vectors.load("rfc/rfc8439.json")

    def test_chacha20_makes_the_key_stream_of_the_rfc(self):
        for case in self.vectors["chacha20_block"]:
            out = bytearray(64)
            _wg.chacha20_xor(
                out, bytes(64), unhex(case["key"]), unhex(case["nonce"]), case["counter"]
            )
            self.assertEqual(bytes(out), unhex(case["out"]))

    def test_chacha20_encrypts_as_the_rfc_does_also_in_place(self):
        for case in self.vectors["chacha20_encrypt"]:
            plaintext = unhex(case["pt"])
            out = bytearray(len(plaintext))
            in_place = bytearray(plaintext)
            for target, source in ((out, plaintext), (in_place, in_place)):
                _wg.chacha20_xor(
                    target, source, unhex(case["key"]), unhex(case["nonce"]), case["counter"]
                )
                self.assertEqual(bytes(target), unhex(case["ct"]))

    def test_poly1305_makes_the_tag_of_the_rfc(self):
        for case in self.vectors["poly1305"]:
            out = bytearray(16)
            _wg.poly1305(out, unhex(case["msg"]), unhex(case["key"]))
            self.assertEqual(bytes(out), unhex(case["tag"]))

    def test_the_aead_seals_and_opens_as_the_rfc_does(self):
        for case in self.vectors["aead"]:
            plaintext, ad = unhex(case["pt"]), unhex(case["aad"])
            nonce, key = unhex(case["nonce"]), unhex(case["key"])
            sealed = bytearray(len(plaintext) + 16)
            _wg.aead_seal(sealed, plaintext, ad, nonce, key)
            self.assertEqual(bytes(sealed), unhex(case["ct"]) + unhex(case["tag"]))
            opened = bytearray(len(plaintext))
            self.assertTrue(_wg.aead_open(opened, sealed, ad, nonce, key))
            self.assertEqual(bytes(opened), plaintext)


def blake2s(data, key=None, length=32):
    out = bytearray(length)
    _wg.blake2s(out, data, key)
    return bytes(out)


def self_test_bytes(length, seed):
    """The generator of RFC 7693, appendix E."""
    out = bytearray(length)
    a = 0xDEAD4BAD * seed & 0xFFFFFFFF
    b = 1
    for i in range(length):
        a, b = b, (a + b) & 0xFFFFFFFF
        out[i] = b >> 24
    return out


class Rfc7693Test(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.vectors = vectors.load("rfc/rfc7693.json")

    def test_blake2s_hashes_abc_as_the_rfc_does(self):
        self.assertEqual(blake2s(b"abc"), unhex(self.vectors["abc"]))

    def test_blake2s_passes_the_self_test_of_the_rfc(self):
        # Appendix E: a hash of hashes over lengths of digests, keys and messages.
        digests = b""
        for out_len in (16, 20, 28, 32):
            for in_len in (0, 3, 64, 65, 255, 1024):
                message = self_test_bytes(in_len, in_len)
                digests += blake2s(message, None, out_len)
                digests += blake2s(message, self_test_bytes(out_len, out_len), out_len)
        self.assertEqual(blake2s(digests), unhex(self.vectors["selftest"]["out"]))

    def test_keyed_blake2s_gives_the_known_answers(self):
        for case in self.vectors["keyed"]:
            with self.subTest(length=len(case["msg"]) // 2):
                got = blake2s(unhex(case["msg"]), unhex(case["key"]))
                self.assertEqual(got, unhex(case["out"]))


class Rfc7748Test(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.vectors = vectors.load("rfc/rfc7748.json")

    def check(self, scalar, point, expected):
        out = bytearray(32)
        self.assertTrue(_wg.x25519(out, unhex(scalar), unhex(point)))
        self.assertEqual(bytes(out), unhex(expected))

    def test_x25519_multiplies_as_the_rfc_does(self):
        for case in self.vectors["x25519"]:
            self.check(case["scalar"], case["u"], case["out"])

    def test_both_sides_come_to_the_shared_secret_of_the_rfc(self):
        case = self.vectors["dh"]
        self.check(case["b_priv"], case["a_pub"], case["shared"])
        self.assertEqual(_wg.PrivateKey(unhex(case["b_priv"])).public(), unhex(case["b_pub"]))

    def test_x25519_iterated_gives_the_numbers_of_the_rfc(self):
        scalar = bytes([9]) + bytes(31)
        point = scalar
        out = bytearray(32)
        done = 0
        for case in self.vectors["iterated"]:
            while done < case["n"]:
                self.assertTrue(_wg.x25519(out, scalar, point))
                point, scalar = scalar, bytes(out)
                done += 1
            self.assertEqual(scalar, unhex(case["out"]))


if __name__ == "__main__":
    unittest.main()

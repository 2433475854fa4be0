"""SHA-1, HMAC, AES and GCM of the carriers: published vectors, and what is refused.

On MicroPython they are C (_carrier), on CPython Python's own: the same is expected of both.
"""

import sys
import unittest

from tests.support import vectors
from tests.support.randomness import Random

from carrier import primitives

IS_C = sys.implementation.name == "micropython"
if IS_C:
    import _carrier

# FIPS 180-4, with its examples (NIST SHA1.pdf, SHA1_Additional): the empty one, one block, two.
SHA1 = (
    (b"", "da39a3ee5e6b4b0d3255bfef95601890afd80709"),
    (b"abc", "a9993e364706816aba3e25717850c26c9cd0d89d"),
    (
        b"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
        "84983e441c3bd26ebaae4aa1f95129e5e54670f1",
    ),
    (bytes(64), "c8d7d0ef0eedfa82d2ea1aa592845b9a6d4b02b7"),
    # RFC 6455, 1.3: the accept value of the example.
    (
        b"dGhlIHNhbXBsZSBub25jZQ==258EAFA5-E914-47DA-95CA-C5AB0DC85B11",
        "b37a4f2cc0624f1690f64606cf385945b2bec4ea",
    ),
)
# FIPS 197 app. C.1, and SP 800-38A F.1.1.
AES = (
    (
        "000102030405060708090a0b0c0d0e0f",
        "00112233445566778899aabbccddeeff",
        "69c4e0d86a7b0430d8cdb78070b4c55a",
    ),
    (
        "2b7e151628aed2a6abf7158809cf4f3c",
        "6bc1bee22e409f96e93d7e117393172a",
        "3ad77bb40d7a3660a89ecaf32466ef97",
    ),
)
_KEY = "feffe9928665731c6d6a8f9467308308"
_NONCE = "cafebabefacedbaddecaf888"
_PLAIN = (
    "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
    "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b391aafd255"
)
_SEALED = (
    "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e"
    "21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091473f5985"
)
# McGrew and Viega, The Galois/Counter Mode of Operation, app. B, cases 1 to 4: key, nonce, what is
# authenticated, what is encrypted; ciphertext and tag.
GCM = (
    ("00" * 16, "00" * 12, "", "", "58e2fccefa7e3061367f1d57a4e7455a"),
    (
        "00" * 16,
        "00" * 12,
        "",
        "00" * 16,
        "0388dace60b6a392f328c2b971b2fe78ab6e47d42cec13bdf53a67b21257bddf",
    ),
    (_KEY, _NONCE, "", _PLAIN, _SEALED + "4d5c2af327cd64a62cf35abd2ba6fab4"),
    (
        _KEY,
        _NONCE,
        "feedfacedeadbeeffeedfacedeadbeefabaddad2",
        _PLAIN[:120],
        _SEALED[:120] + "5bc94fbc3221a5db94fae95ae7121a47",
    ),
)
# Every end of a last block, in what is encrypted and in what is authenticated: pieces of what
# Random(1) gives, and SHA-1 of all of them sealed (by `cryptography` 48.0.0).
LENGTHS = (0, 1, 15, 16, 17, 31, 32, 33, 48, 1162)
AAD_LENGTHS = (0, 1, 16, 21)
SEALED_SUM = "22f40a7492fb9a453abbbe159df0e5fa03ab906a"


class PrimitivesTest(unittest.TestCase):
    def test_sha_1_is_that_of_the_standard(self):
        for data, digest in SHA1:
            self.assertEqual(primitives.sha1(data), bytes.fromhex(digest))
            self.assertEqual(primitives.sha1(bytearray(data)), bytes.fromhex(digest))

    def test_sha_1_of_a_million_letters(self):
        # The standard's third example: more than one block by far.
        digest = primitives.sha1(b"a" * 1_000_000)
        self.assertEqual(digest, bytes.fromhex("34aa973cd4c4daa4f61eeb2bdbad27316534016f"))

    def test_hmac_is_that_of_the_rfc(self):
        for case in vectors.load("rfc/rfc4231.json")["tests"]:
            found = primitives.hmac_sha256(
                bytes.fromhex(case["key"]), memoryview(bytes.fromhex(case["data"]))
            )
            expected = bytes.fromhex(case["mac"])
            self.assertEqual(found[: len(expected)], expected)

    def test_a_block_of_aes_is_that_of_the_standard(self):
        for key, block, expected in AES:
            found = primitives.aes128_block(bytes.fromhex(key), bytearray(bytes.fromhex(block)))
            self.assertEqual(found, bytes.fromhex(expected))

    def test_gcm_seals_as_its_authors_do(self):
        for case in GCM:
            key, nonce, aad, data, expected = [bytes.fromhex(text) for text in case]
            self.assertEqual(primitives.aes128_gcm_seal(key, nonce, aad, data), expected)

    def test_gcm_is_the_same_on_every_target_whatever_the_lengths(self):
        random = Random(1)
        key, nonce = bytearray(16), bytearray(12)
        random.fill(key)
        random.fill(nonce)
        sealed = b""
        for length in LENGTHS:
            for aad_length in AAD_LENGTHS:
                data, aad = bytearray(length), bytearray(aad_length)
                random.fill(data)
                random.fill(aad)
                before = bytes(data)
                sealed += primitives.aes128_gcm_seal(key, nonce, aad, data)
                self.assertEqual(bytes(data), before)  # what was given is not changed
        self.assertEqual(primitives.sha1(sealed), bytes.fromhex(SEALED_SUM))

    def test_what_has_the_wrong_length_is_refused(self):
        if not IS_C:
            self.skipTest("of C: Python's own take other lengths for other kinds of AES")
        good, nonce, buffer = bytes(16), bytes(12), bytearray(16)
        for wrong in (b"", bytes(15), bytes(17), bytes(32)):
            with self.assertRaises(ValueError):
                _carrier.aes128_block(wrong, good)
            with self.assertRaises(ValueError):
                _carrier.aes128_block(good, wrong)
            with self.assertRaises(ValueError):
                _carrier.aes128_gcm_seal(wrong, nonce, b"", buffer)
            with self.assertRaises(ValueError):
                _carrier.aes128_gcm_seal(good, wrong, b"", buffer)
        for short in (0, 1, 15):
            with self.assertRaises(ValueError):
                _carrier.aes128_gcm_seal(good, nonce, b"", bytearray(short))
        self.assertEqual(buffer, bytearray(16))  # nothing was begun
        for fixed in (bytes(16), "sixteen letters!"):
            with self.assertRaises(TypeError):
                _carrier.aes128_gcm_seal(good, nonce, b"", fixed)
        with self.assertRaises(TypeError):
            _carrier.sha1(5)

    def test_no_two_numbers_of_a_kind_are_the_same(self):
        if not IS_C:
            self.skipTest("CPython has no _carrier")
        for kind, count in (("STREAM_", 5), ("FRAMING_", 3), ("END_", 14)):
            names = [name for name in dir(_carrier) if name.startswith(kind)]
            numbers = sorted([getattr(_carrier, name) for name in names])
            self.assertEqual(numbers, list(range(1, count + 1)))

"""What `_wg` promises of its primitives; tests/wg/test_vectors_*.py show that they are right."""

import unittest

import _wg
from tests.contract import support


def key(first=0):
    return bytes((first + i) & 255 for i in range(32))


class PrimitivesTest(unittest.TestCase):
    wg = _wg

    def made(self, function, length, *arguments):
        out = bytearray(length)
        function(out, *arguments)
        return bytes(out)

    def test_blake2s_takes_any_length_of_hash_and_key_up_to_32(self):
        blake2s = self.wg.blake2s
        results = {self.made(blake2s, length, b"abc")[:1] for length in range(1, 33)}
        self.assertGreater(len(results), 10)  # the length goes into the hash
        self.assertEqual(self.made(blake2s, 32, b"abc", None), self.made(blake2s, 32, b"abc"))
        self.assertEqual(self.made(blake2s, 32, b"abc", b""), self.made(blake2s, 32, b"abc"))
        self.assertNotEqual(self.made(blake2s, 32, b"abc", b"k"), self.made(blake2s, 32, b"abc"))
        out = bytearray(16)
        blake2s(out=out, data=b"abc", key=key())
        self.assertEqual(bytes(out), self.made(blake2s, 16, b"abc", key()))

    def test_blake2s_refuses_other_lengths(self):
        blake2s = self.wg.blake2s
        for arguments, expected in (
            ((bytearray(), b""), ValueError),
            ((bytearray(33), b""), ValueError),
            ((bytearray(32), b"", bytes(33)), ValueError),
            ((bytes(32), b""), TypeError),
            ((bytearray(32), "text"), TypeError),
            ((bytearray(32), 5), TypeError),
            ((bytearray(32),), TypeError),
            ((bytearray(32), b"", b"", b""), TypeError),
        ):
            self.assertIs(support.refusal(blake2s, arguments), expected)

    def test_arguments_have_names_that_are_checked(self):
        blake2s = self.wg.blake2s
        out = bytearray(32)
        self.assertIs(support.refusal(blake2s, (out,), {"salt": b""}), TypeError)
        self.assertIs(support.refusal(blake2s, (out, b""), {"data": b""}), TypeError)
        self.assertIs(support.refusal(blake2s, (), {"out": out}), TypeError)
        self.assertIsNone(support.refusal(blake2s, (), {"key": None, "data": b"", "out": out}))

    def test_hmac_and_kdf_agree_as_in_rfc_5869(self):
        secret = self.made(self.wg.hmac, 32, key(), b"input")
        first = self.made(self.wg.hmac, 32, secret, b"\x01")
        second = self.made(self.wg.hmac, 32, secret, first + b"\x02")
        outs = (bytearray(32), bytearray(32), bytearray(32))
        self.wg.kdf(outs, key(), b"input")
        self.assertEqual(bytes(outs[0]), first)
        self.assertEqual(bytes(outs[1]), second)
        chaining_key = bytearray(key())
        self.wg.kdf([chaining_key, outs[2]], chaining_key, b"input")
        self.assertEqual(bytes(chaining_key), first)
        self.assertEqual(bytes(outs[2]), second)

    def test_hmac_takes_keys_longer_than_a_block(self):
        long_key = bytes(200)
        hashed = self.made(self.wg.blake2s, 32, long_key)
        self.assertEqual(
            self.made(self.wg.hmac, 32, long_key, b"x"), self.made(self.wg.hmac, 32, hashed, b"x")
        )

    def test_hmac_and_kdf_refuse_other_lengths(self):
        support.check_refusals(
            self,
            self.wg.hmac,
            lambda: (bytearray(32), b"key", b"data"),
            support.wrong_output(0, 32),
            [(1, "key", TypeError), (2, None, TypeError)],
        )
        good = bytearray(32)
        support.check_refusals(
            self,
            self.wg.kdf,
            lambda: ((bytearray(32),), key(), b""),
            support.wrong_bytes(1, 32),
            [
                (0, (), ValueError),
                (0, (bytearray(32),) * 4, TypeError),
                (0, bytearray(32), TypeError),
                (0, (bytes(32),), TypeError),
                (0, (bytearray(31),), ValueError),
                (0, (good, good), ValueError),
                (0, None, TypeError),
                (2, 1, TypeError),
            ],
        )

    def test_chacha20_refuses_other_lengths_and_counters(self):
        support.check_refusals(
            self,
            self.wg.chacha20_xor,
            lambda: (bytearray(5), bytes(5), key(), bytes(12), 0),
            support.wrong_output(0, 5)
            + support.wrong_bytes(2, 32)
            + support.wrong_bytes(3, 12)
            + support.wrong_number(4, 2**32 - 1),
        )

    def test_the_key_stream_does_not_begin_again(self):
        xor = self.wg.chacha20_xor
        last = 2**32 - 1
        self.assertIsNone(support.refusal(xor, (bytearray(64), bytes(64), key(), bytes(12), last)))
        self.assertIs(
            support.refusal(xor, (bytearray(65), bytes(65), key(), bytes(12), last)), ValueError
        )
        self.assertIsNone(support.refusal(xor, (bytearray(), b"", key(), bytes(12), last)))

    def test_poly1305_and_x25519_refuse_other_lengths(self):
        support.check_refusals(
            self,
            self.wg.poly1305,
            lambda: (bytearray(16), b"data", key()),
            support.wrong_output(0, 16) + support.wrong_bytes(2, 32) + [(1, "data", TypeError)],
        )
        support.check_refusals(
            self,
            self.wg.x25519,
            lambda: (bytearray(32), key(), bytes([9]) + bytes(31)),
            support.wrong_output(0, 32) + support.wrong_bytes(1, 32) + support.wrong_bytes(2, 32),
        )

    def test_x25519_says_when_the_result_must_not_be_used(self):
        out = bytearray(b"\xff" * 32)
        self.assertIs(self.wg.x25519(out, key(), bytes(32)), False)
        self.assertEqual(bytes(out), bytes(32))
        self.assertIs(self.wg.x25519(out, key(), bytes([9]) + bytes(31)), True)

    def test_the_aead_refuses_other_lengths(self):
        for nonce_len in (12, 24):
            nonce = bytes(nonce_len)
            sealed = bytearray(21)
            self.wg.aead_seal(sealed, bytes(5), b"ad", nonce, key())
            wrong = support.joined(
                [
                    (1, bytes(6), ValueError),
                    (1, bytes(4), ValueError),
                    (2, "ad", TypeError),
                    (3, bytes(8), ValueError),
                    (3, bytes(13), ValueError),
                    (3, b"", ValueError),
                    (3, None, TypeError),
                ],
                support.wrong_bytes(4, 32),
            )
            support.check_refusals(
                self,
                self.wg.aead_seal,
                lambda n=nonce: (bytearray(21), bytes(5), b"ad", n, key()),
                support.wrong_output(0, 21) + wrong,
            )
            wrong = [(p, bytes(22) if p == 1 else v, e) for p, v, e in wrong]
            support.check_refusals(
                self,
                self.wg.aead_open,
                lambda n=nonce, s=sealed: (bytearray(5), bytes(s), b"ad", n, key()),
                support.wrong_output(0, 5) + wrong + [(1, bytes(15), ValueError)],
            )

    def test_what_is_forged_leaves_the_output_alone(self):
        for nonce in (bytes(12), bytes(24)):
            sealed = bytearray(30)
            self.wg.aead_seal(sealed, bytes(14), b"", nonce, key())
            for position in (0, 13, 14, 29):
                forged = bytearray(sealed)
                forged[position] ^= 1
                out = bytearray(b"\x5a" * 14)
                self.assertIs(self.wg.aead_open(out, forged, b"", nonce, key()), False)
                self.assertEqual(bytes(out), b"\x5a" * 14)
                before = bytes(forged)
                view = memoryview(forged)
                self.assertIs(self.wg.aead_open(view[:14], view, b"", nonce, key()), False)
                self.assertEqual(bytes(forged), before)


class OverlapTest(unittest.TestCase):
    wg = _wg

    def test_ciphers_work_in_place(self):
        buffer = bytearray(range(80))
        apart = bytearray(80)
        self.wg.chacha20_xor(apart, buffer, key(), bytes(12), 1)
        self.wg.chacha20_xor(buffer, buffer, key(), bytes(12), 1)
        self.assertEqual(buffer, apart)
        for nonce in (bytes(12), bytes(24)):
            buffer = bytearray(range(80)) + bytearray(16)
            view = memoryview(buffer)
            sealed = bytearray(96)
            self.wg.aead_seal(sealed, bytes(range(80)), b"ad", nonce, key())
            self.wg.aead_seal(view, view[:80], b"ad", nonce, key())
            self.assertEqual(buffer, sealed)
            self.assertTrue(self.wg.aead_open(view[:80], view, b"ad", nonce, key()))
            self.assertEqual(bytes(buffer[:80]), bytes(range(80)))

    def test_an_output_that_overlaps_an_input_is_refused(self):
        memory = bytearray(200)
        view = memoryview(memory)
        wg = self.wg
        for function, arguments in (
            (wg.blake2s, (view[:32], view[31:40])),
            (wg.blake2s, (view[:32], b"", view[:32])),
            (wg.hmac, (view[:32], view[:32], b"")),
            (wg.hmac, (view[8:40], b"", view[:9])),
            (wg.kdf, ((view[:32],), view[1:33], b"")),
            (wg.kdf, ((view[:32],), key(), view[31:40])),
            (wg.kdf, ((view[:32], view[16:48]), key(), b"")),
            (wg.chacha20_xor, (view[1:65], view[:64], key(), bytes(12), 0)),
            (wg.chacha20_xor, (view[:64], view[1:65], key(), bytes(12), 0)),
            (wg.chacha20_xor, (view[:64], bytes(64), view[32:64], bytes(12), 0)),
            (wg.chacha20_xor, (view[:64], bytes(64), key(), view[60:72], 0)),
            (wg.poly1305, (view[:16], view[15:20], key())),
            (wg.poly1305, (view[:16], b"", view[:32])),
            (wg.aead_seal, (view[1:37], view[:20], b"", bytes(12), key())),
            (wg.aead_seal, (view[:36], bytes(20), view[35:40], bytes(12), key())),
            (wg.aead_seal, (view[:36], bytes(20), b"", view[30:42], key())),
            (wg.aead_seal, (view[:36], bytes(20), b"", bytes(24), view[:32])),
            (wg.aead_open, (view[1:21], view[:36], b"", bytes(12), key())),
            (wg.x25519, (view[:32], view[:32], key())),
            (wg.x25519, (view[:32], key(), view[31:63])),
        ):
            self.assertIs(support.refusal(function, arguments), ValueError)
        self.assertEqual(bytes(memory), bytes(200))

    def test_neighbours_do_not_overlap(self):
        view = memoryview(bytearray(200))
        self.assertIsNone(support.refusal(self.wg.blake2s, (view[:32], view[32:64], view[64:96])))
        self.assertIsNone(support.refusal(self.wg.blake2s, (view[32:64], view[:32])))
        self.assertIsNone(support.refusal(self.wg.hmac, (view[:32], view[5:5], view[32:])))


if __name__ == "__main__":
    unittest.main()

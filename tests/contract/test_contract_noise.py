"""What `_wg` promises of keys and of a handshake's state."""

import sys
import unittest
from binascii import b2a_base64, hexlify

import _wg
from tests.contract import support

RAW = bytes(range(32))
OTHER = bytes(range(100, 132))


class KeyTest(unittest.TestCase):
    wg = _wg

    def fingerprint(self, key):
        """What a preshared key makes of a handshake: keys themselves do not come out on boards."""
        state = self.wg.SymmetricState(support.NAME, b"")
        state.mix_psk(self.wg.PresharedKey(key=key))
        return state.hash()

    def test_a_key_is_read_raw_in_base64_and_in_hexadecimal(self):
        base64 = b2a_base64(RAW).strip()
        digits = hexlify(RAW)
        self.assertEqual((len(base64), len(digits)), (44, 64))
        expected = self.wg.PrivateKey(RAW).public()
        self.assertEqual(len(expected), 32)
        for text in (base64, digits, digits.decode().upper().encode()):
            self.assertEqual(self.wg.PrivateKey(text).public(), expected)
            self.assertEqual(self.fingerprint(text), self.fingerprint(RAW))

    def test_every_byte_of_a_key_is_read(self):
        for value in range(0, 256, 5):
            raw = bytes((value + 31 * i) & 255 for i in range(32))
            expected = self.fingerprint(raw)
            for text in (b2a_base64(raw).strip(), hexlify(raw)):
                self.assertEqual(self.fingerprint(text), expected)

    def test_a_text_that_is_no_key_is_refused(self):
        base64 = b2a_base64(RAW).strip()
        digits = hexlify(RAW)
        for kind in (self.wg.PrivateKey, self.wg.PresharedKey):
            for wrong in (
                b"",
                RAW[:31],
                RAW + b"\x00",
                base64[:43],
                base64 + b"=",
                base64[:43] + b"A",  # 33 bytes
                base64[:42] + b"==",
                base64[:42] + b"9=",  # bits left over that are not 0
                b"-" + base64[1:],
                b"_" + base64[1:],
                b" " + base64[1:],
                b"\xff" + base64[1:],
                b"=" + base64[1:],
                digits[:63] + b"g",
                digits[:63] + b" ",
                b"G" + digits[1:],
                b"\x00" + digits[1:],
                digits[:62],
            ):
                with self.subTest(str(wrong)):
                    self.assertIs(support.refusal(kind, (wrong,)), ValueError)
            for wrong in (None, 32, "x" * 32, base64.decode(), [0] * 32):
                self.assertIs(support.refusal(kind, (wrong,)), TypeError)
            self.assertIs(support.refusal(kind, ()), TypeError)
            self.assertIs(support.refusal(kind, (RAW, RAW)), TypeError)
            self.assertIs(support.refusal(kind, (RAW,), {"size": 1}), TypeError)

    def test_a_buffer_is_wiped_when_the_key_is_taken_and_only_then(self):
        for text in (RAW, b2a_base64(RAW).strip(), hexlify(RAW)):
            buffer = bytearray(text)
            self.wg.PrivateKey(buffer)
            self.assertEqual(bytes(buffer), bytes(len(text)))
        wrong = bytearray(b"!" * 44)
        self.assertIs(support.refusal(self.wg.PresharedKey, (wrong,)), ValueError)
        self.assertEqual(bytes(wrong), b"!" * 44)

    def test_a_preshared_key_knows_whether_it_stands_for_none(self):
        self.assertIs(self.wg.PresharedKey(bytes(32)).is_zero(), True)
        for position in (0, 15, 31):
            raw = bytearray(32)
            raw[position] = 0x80
            self.assertIs(self.wg.PresharedKey(raw).is_zero(), False)

    def test_a_wiped_key_is_refused_everywhere(self):
        private, preshared = self.wg.PrivateKey(RAW), self.wg.PresharedKey(RAW)
        for key in (private, preshared):
            key.wipe()
            key.wipe()
        self.assertIs(support.refusal(private.public, ()), ValueError)
        self.assertIs(support.refusal(preshared.is_zero, ()), ValueError)
        state = self.wg.SymmetricState(support.NAME, b"")
        self.assertIs(support.refusal(state.mix_psk, (preshared,)), ValueError)
        self.assertIs(support.refusal(state.mix_dh, (private, support.hidden("x"))), ValueError)


class ExportTest(unittest.TestCase):
    wg = _wg

    def setUp(self):
        if not hasattr(self.wg.PrivateKey, "export"):
            self.skipTest("boards let no key out")

    def test_export_writes_the_key_as_it_was_given(self):
        for kind in (self.wg.PrivateKey, self.wg.PresharedKey):
            out = bytearray(32)
            kind(b"\xff" * 32).export(out)
            self.assertEqual(bytes(out), b"\xff" * 32)
            support.check_refusals(
                self, kind(RAW).export, lambda: (bytearray(32),), support.wrong_output(0, 32)
            )

    def test_a_wiped_key_does_not_come_out(self):
        for kind in (self.wg.PrivateKey, self.wg.PresharedKey):
            key = kind(RAW)
            key.wipe()
            self.assertIs(support.refusal(key.export, (bytearray(32),)), ValueError)


class BoardTest(unittest.TestCase):
    wg = _wg

    def test_keys_come_out_on_hosts_only(self):
        on_host = sys.platform in ("linux", "darwin")
        for kind in (self.wg.PrivateKey, self.wg.PresharedKey):
            self.assertIs(hasattr(kind, "export"), on_host)


class CipherStateTest(unittest.TestCase):
    wg = _wg

    def test_only_a_handshake_makes_one(self):
        self.assertIs(support.refusal(self.wg.CipherState, ()), TypeError)
        self.assertIs(support.refusal(self.wg.CipherState, (RAW,)), TypeError)

    def test_what_one_side_encrypts_the_other_decrypts_in_order(self):
        send, _ = support.split(self.wg)
        receive, _ = support.split(self.wg)
        messages = [b"", b"one", b"x" * 100]
        sealed = []
        for message in messages:
            out = bytearray(len(message) + 16)
            send.encrypt(out, message)
            sealed.append(bytes(out))
        out = bytearray(3)
        self.assertIs(receive.decrypt(out, sealed[1]), False)  # not its turn
        self.assertEqual(bytes(out), bytes(3))
        for number, message in enumerate(messages):
            out = bytearray(len(message))
            self.assertIs(receive.decrypt(out, sealed[number]), True)
            self.assertEqual(bytes(out), message)

    def test_it_works_in_place_and_not_beside(self):
        memory = bytearray(b"message") + bytearray(20)
        view = memoryview(memory)
        send, _ = support.split(self.wg)
        receive, _ = support.split(self.wg)
        self.assertIs(support.refusal(send.encrypt, (view[1:24], view[:7])), ValueError)
        send.encrypt(view[:23], view[:7])
        self.assertIs(support.refusal(receive.decrypt, (view[1:8], view[:23])), ValueError)
        self.assertTrue(receive.decrypt(view[:7], view[:23]))
        self.assertEqual(bytes(view[:7]), b"message")

    def test_the_nonce_has_64_bits_and_the_last_is_never_used(self):
        send, _ = support.split(self.wg)
        receive, _ = support.split(self.wg)
        for nonce in (2**32, 2**63, 2**64 - 2):
            send.set_nonce(nonce)
            receive.set_nonce(nonce)
            out = bytearray(17)
            send.encrypt(out, b"x")
            self.assertTrue(receive.decrypt(bytearray(1), out))
        self.assertIs(support.refusal(send.encrypt, (bytearray(17), b"x")), ValueError)
        self.assertIs(support.refusal(receive.decrypt, (bytearray(1), bytes(17))), ValueError)
        support.check_refusals(
            self, send.set_nonce, lambda: (1,), support.wrong_number(0, 2**64 - 1)
        )

    def test_other_lengths_are_refused(self):
        send, receive = support.split(self.wg)
        support.check_refusals(
            self,
            send.encrypt,
            lambda: (bytearray(19), b"abc"),
            support.wrong_output(0, 19),
            [(1, b"ab", ValueError), (1, "abc", TypeError)],
        )
        support.check_refusals(
            self,
            receive.decrypt,
            lambda: (bytearray(3), bytes(19)),
            support.wrong_output(0, 3),
            [(1, bytes(18), ValueError), (1, bytes(2), ValueError)],
        )
        self.assertIs(support.refusal(receive.decrypt, (bytearray(0), bytes(15))), ValueError)

    def test_a_wiped_one_is_refused(self):
        send, receive = support.split(self.wg)
        send.wipe()
        send.wipe()
        self.assertIs(support.refusal(send.encrypt, (bytearray(16), b"")), ValueError)
        self.assertIs(support.refusal(send.decrypt, (bytearray(0), bytes(16))), ValueError)
        self.assertIs(support.refusal(send.set_nonce, (0,)), ValueError)
        receive.set_nonce(5)


class SymmetricStateTest(unittest.TestCase):
    wg = _wg

    def state(self):
        state = self.wg.SymmetricState(support.NAME, b"prologue")
        state.mix_key(support.hidden("e"))
        state.mix_dh(self.wg.PrivateKey(RAW), self.wg.PrivateKey(OTHER).public())
        return state

    def digest(self, data):
        out = bytearray(32)
        self.wg.blake2s(out, data)
        return bytes(out)

    def test_the_hash_is_that_of_the_paper(self):
        state = self.wg.SymmetricState(protocol_name=support.NAME, prologue=b"prologue")
        expected = self.digest(self.digest(support.NAME) + b"prologue")
        self.assertEqual(state.hash(), expected)
        state.mix_hash(b"more")
        self.assertEqual(state.hash(), self.digest(expected + b"more"))

    def test_two_sides_that_mix_the_same_understand_each_other(self):
        here, there = self.state(), self.state()
        psk = self.wg.PresharedKey(RAW)
        for message in (b"payload", b""):
            sealed = bytearray(len(message) + 16)
            here.encrypt_and_hash(sealed, message)
            opened = bytearray(len(message))
            self.assertIs(there.decrypt_and_hash(opened, sealed), True)
            self.assertEqual(bytes(opened), message)
            self.assertEqual(here.hash(), there.hash())
            here.mix_psk(psk)
            there.mix_psk(psk)
            self.assertEqual(here.hash(), there.hash())
        sealed = bytearray(20)
        here.split()[0].encrypt(sealed, b"data")
        self.assertTrue(there.split()[0].decrypt(bytearray(4), sealed))

    def test_a_forged_message_changes_nothing(self):
        here, there = self.state(), self.state()
        memory = bytearray(b"payload") + bytearray(16)
        view = memoryview(memory)
        here.encrypt_and_hash(view, view[:7])
        before = there.hash()
        for position in range(len(memory)):
            memory[position] ^= 0x10
            out = bytearray(b"\xa5" * 7)
            self.assertIs(there.decrypt_and_hash(out, memory), False)
            self.assertEqual(bytes(out), b"\xa5" * 7)
            memory[position] ^= 0x10
        self.assertEqual(there.hash(), before)
        self.assertTrue(there.decrypt_and_hash(view[:7], view))
        self.assertEqual(bytes(memory[:7]), b"payload")
        self.assertEqual(there.hash(), here.hash())

    def test_a_copy_goes_its_own_way(self):
        state = self.state()
        other = state.copy()
        self.assertEqual(other.hash(), state.hash())
        other.mix_hash(b"x")
        other.wipe()
        sealed = bytearray(16)
        state.encrypt_and_hash(sealed, b"")
        self.assertTrue(self.state().decrypt_and_hash(bytearray(0), sealed))

    def test_a_secret_of_zero_is_not_mixed(self):
        state = self.state()
        before = state.copy()
        self.assertIs(state.mix_dh(self.wg.PrivateKey(RAW), bytes(32)), False)
        self.assertEqual(state.hash(), before.hash())
        sealed = bytearray(16)
        state.encrypt_and_hash(sealed, b"")
        self.assertTrue(before.decrypt_and_hash(bytearray(0), sealed))

    def test_there_is_no_key_before_a_secret_was_mixed(self):
        state = self.wg.SymmetricState(support.NAME, b"")
        self.assertIs(support.refusal(state.encrypt_and_hash, (bytearray(16), b"")), ValueError)
        self.assertIs(
            support.refusal(state.decrypt_and_hash, (bytearray(0), bytes(16))), ValueError
        )
        state.mix_psk(self.wg.PresharedKey(RAW))
        state.encrypt_and_hash(bytearray(16), b"")
        state.mix_key(support.hidden("e"))
        self.assertIs(support.refusal(state.encrypt_and_hash, (bytearray(16), b"")), ValueError)

    def test_wrong_arguments_are_refused(self):
        kind = self.wg.SymmetricState
        self.assertIs(support.refusal(kind, (bytes(32), b"")), ValueError)
        self.assertIsNone(support.refusal(kind, (bytes(33), b"")))
        self.assertIs(support.refusal(kind, ("x" * 40, b"")), TypeError)
        self.assertIs(support.refusal(kind, (support.NAME,)), TypeError)
        state = self.state()
        self.assertIs(support.refusal(state.mix_hash, ("x",)), TypeError)
        support.check_refusals(
            self, state.mix_key, lambda: (support.hidden("e"),), support.wrong_bytes(0, 32)
        )
        private, psk = self.wg.PrivateKey(RAW), self.wg.PresharedKey(RAW)
        support.check_refusals(
            self,
            state.mix_dh,
            lambda: (private, support.hidden("e")),
            support.wrong_bytes(1, 32),
            [(0, RAW, TypeError), (0, psk, TypeError)],
        )
        support.check_refusals(
            self,
            state.mix_psk,
            lambda: (psk,),
            [(0, RAW, TypeError), (0, private, TypeError), (0, None, TypeError)],
        )
        for method, out_len, in_len in (
            (state.encrypt_and_hash, 19, 3),
            (state.copy().decrypt_and_hash, 3, 19),
        ):
            support.check_refusals(
                self,
                method,
                lambda o=out_len, i=in_len: (bytearray(o), bytes(i)),
                support.wrong_output(0, out_len),
                [(1, bytes(in_len + 1), ValueError)],
            )

    def test_after_split_and_after_wipe_nothing_is_left(self):
        done, wiped = self.state(), self.state()
        done.split()
        wiped.wipe()
        for state in (done, wiped):
            for method, arguments in (
                (state.copy, ()),
                (state.mix_hash, (b"",)),
                (state.mix_key, (RAW,)),
                (state.mix_dh, (self.wg.PrivateKey(RAW), support.hidden("e"))),
                (state.mix_psk, (self.wg.PresharedKey(RAW),)),
                (state.encrypt_and_hash, (bytearray(16), b"")),
                (state.decrypt_and_hash, (bytearray(0), bytes(16))),
                (state.hash, ()),
                (state.split, ()),
            ):
                self.assertIs(support.refusal(method, arguments), ValueError)
            self.assertIsNone(support.refusal(state.wipe, ()))


if __name__ == "__main__":
    unittest.main()

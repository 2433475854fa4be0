import unittest

import _wg

from wg import macs

PUBLIC = bytes(range(32))
COOKIE = b"sixteen bytes ok"


def mac(key, data):
    out = bytearray(16)
    _wg.blake2s(out, data, key)
    return bytes(out)


def key(label):
    out = bytearray(32)
    _wg.blake2s(out, label + PUBLIC)
    return bytes(out)


class SignTest(unittest.TestCase):
    def test_mac1_stands_on_the_receivers_key_and_all_before_it(self):
        message = bytearray(range(148))
        mac1 = macs.sign(message, PUBLIC, None)
        self.assertEqual(mac1, mac(key(b"mac1----"), bytes(range(116))))
        self.assertEqual(bytes(message[116:132]), mac1)

    def test_mac2_stands_on_the_cookie_and_all_before_it(self):
        message = bytearray(148)
        macs.sign(message, PUBLIC, COOKIE)
        self.assertEqual(bytes(message[132:]), mac(COOKIE, bytes(message[:132])))

    def test_without_a_cookie_mac2_is_left_alone(self):
        message = bytearray(92)
        macs.sign(message, PUBLIC, None)
        self.assertEqual(bytes(message[76:]), bytes(16))

    def test_the_rest_of_the_message_stays(self):
        message = bytearray(range(148))
        macs.sign(message, PUBLIC, COOKIE)
        self.assertEqual(bytes(message[:116]), bytes(range(116)))


class CookieReplyTest(unittest.TestCase):
    def setUp(self):
        self.mac1 = b"\x05" * 16
        self.reply = bytearray(64)
        self.reply[0] = 3
        for position in range(8, 32):
            self.reply[position] = position
        sealed = bytearray(32)
        _wg.aead_seal(sealed, COOKIE, self.mac1, bytes(self.reply[8:32]), key(b"cookie--"))
        self.reply[32:] = sealed

    def test_a_reply_to_our_mac1_gives_the_cookie(self):
        self.assertEqual(macs.open_cookie(self.reply, PUBLIC, self.mac1), COOKIE)

    def test_a_reply_to_another_mac1_is_refused(self):
        self.assertIsNone(macs.open_cookie(self.reply, PUBLIC, b"\x06" * 16))

    def test_a_reply_from_another_key_is_refused(self):
        self.assertIsNone(macs.open_cookie(self.reply, bytes(32), self.mac1))

    def test_a_reply_with_one_bit_changed_is_refused(self):
        for position in range(8, 64, 5):
            forged = bytearray(self.reply)
            forged[position] ^= 4
            self.assertIsNone(macs.open_cookie(forged, PUBLIC, self.mac1))


if __name__ == "__main__":
    unittest.main()

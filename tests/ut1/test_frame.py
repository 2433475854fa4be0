import json
import unittest
from binascii import crc32

from tests.support.randomness import Random

from ut1 import base64, frame, lines, payload
from ut1.errors import RefusedError

HELLO = b"@ut1 7 hello e30= c0e13481"


def decode(line):
    return frame.decode(memoryview(bytearray(line)))


def sealed(body):
    """A line with its right checksum, without its newline."""
    return body + ("%08x" % crc32(body)).encode()


def cut(*pieces):
    """What Lines makes of these pieces."""
    collector = lines.Lines()
    return [bytes(line) for piece in pieces for line in collector.feed(piece)]


class EncodeTest(unittest.TestCase):
    def test_a_line_is_what_the_description_shows(self):
        self.assertEqual(bytes(frame.encode(7, "hello", b"{}")), HELLO + b"\n")

    def test_what_is_encoded_is_decoded(self):
        random = Random(1)
        for length in range(frame.PAYLOAD_LEN_MAX + 1):
            data = bytearray(length)
            random.fill(data)
            line = frame.encode(1 + length, "put", data)
            read = decode(line[:-1])
            self.assertEqual((read.seq, read.word), (1 + length, "put"))
            self.assertEqual(bytes(read.payload), bytes(data))

    def test_the_longest_line_has_240_bytes_at_most(self):
        line = frame.encode(65535, "abcdefgh", bytes(frame.PAYLOAD_LEN_MAX))
        self.assertLessEqual(len(line), 240)
        with self.assertRaises(ValueError):
            frame.encode(1, "put", bytes(frame.PAYLOAD_LEN_MAX + 1))

    def test_numbers_and_words_that_would_be_no_frame_are_refused(self):
        for seq, word in (
            (0, "put"),
            (65536, "put"),
            (1, ""),
            (1, "Put"),
            (1, "a b"),
            (1, 9 * "a"),
        ):
            with self.assertRaises(ValueError):
                frame.encode(seq, word, b"{}")

    def test_a_frame_is_plain_text(self):
        line = frame.encode(1, "put", bytes(range(150)))
        self.assertTrue(all(0x20 <= byte <= 0x7E for byte in line[:-1]))


class DecodeTest(unittest.TestCase):
    def test_a_changed_byte_is_noticed_wherever_it_is(self):
        line = frame.encode(513, "commit", b'{"digest":"0123456789"}')[:-1]
        for position in range(len(line)):
            for change in (1, 4, 0x20, 0x80):
                broken = bytearray(line)
                broken[position] ^= change
                read = decode(broken)
                self.assertTrue(read is None or read.payload is None, bytes(broken))

    def test_a_cut_frame_is_none(self):
        for end in range(len(HELLO)):
            read = decode(HELLO[:end])
            self.assertTrue(read is None or read.payload is None, end)

    def test_doubled_bytes_are_noticed(self):
        for position in range(len(HELLO)):
            read = decode(HELLO[: position + 1] + HELLO[position:])
            self.assertTrue(read is None or read.payload is None, position)

    def test_what_has_a_right_checksum_but_another_form_is_no_frame(self):
        for body in (
            b"@ut1 0 hello e30= ",
            b"@ut1 07 hello e30= ",
            b"@ut1 65536 hello e30= ",
            b"@ut1 123456 hello e30= ",
            b"@ut1 -1 hello e30= ",
            b"@ut1  hello e30= ",
            b"@ut1 7 Hello e30= ",
            b"@ut1 7 helloyou2 e30= ",
            b"@ut1 7 hello e30 ",
            b"@ut1 7 hello e3= ",
            b"@ut1 7 hello =e30 ",
            b"@ut1 7 hello e3_= ",
            b"@ut1 7 hello e31= ",
            b"@ut1 7 hello  e30= ",
            b"@ut1 7 hello ",
            b"@ut2 7 hello e30= ",
            b"ut1 7 hello e30= ",
        ):
            self.assertIsNone(decode(sealed(body)), body)

    def test_a_carriage_return_at_the_end_is_ignored(self):
        self.assertEqual(bytes(decode(HELLO + b"\r").payload), b"{}")

    def test_the_checksum_is_written_in_small_letters_only(self):
        self.assertIsNone(decode(HELLO[:-8] + HELLO[-8:].upper()).payload)


class LinesTest(unittest.TestCase):
    def test_a_line_is_the_same_in_whatever_pieces_it_comes(self):
        for at in range(len(HELLO) + 1):
            pieces = (b"\xff\n" + HELLO[:at], HELLO[at:] + b"\nrest")
            self.assertEqual(cut(*pieces), [HELLO])

    def test_noise_before_a_frame_on_its_line_does_no_harm(self):
        self.assertEqual(cut(b"boot: ready " + HELLO + b"\n"), [HELLO])
        self.assertEqual(cut(HELLO[:9] + HELLO + b"\n"), [HELLO])
        self.assertEqual(cut(HELLO[:9], HELLO + b"\n"), [HELLO])

    def test_an_endless_line_is_dropped_and_the_next_one_read(self):
        self.assertEqual(cut(b"@" + bytes(1000), bytes(1000) + b"\n" + HELLO + b"\n"), [HELLO])
        self.assertEqual(cut(b"@" + bytes(1000) + HELLO + b"\n"), [HELLO])
        self.assertEqual(cut(b"@" + 239 * b"a" + b"\n"), [])
        self.assertEqual(len(cut(b"@" + 238 * b"a" + b"\n")), 1)

    def test_a_line_is_wiped_once_the_next_is_asked_for(self):
        kept = list(lines.Lines().feed(bytearray(HELLO + b"\n")))
        self.assertEqual(bytes(kept[0]), bytes(len(HELLO)))


class Base64Test(unittest.TestCase):
    def test_the_vectors_of_rfc_4648_hold_both_ways(self):
        texts = (b"", b"Zg==", b"Zm8=", b"Zm9v", b"Zm9vYg==", b"Zm9vYmE=", b"Zm9vYmFy")
        for length, text in enumerate(texts):
            data = b"foobar"[:length]
            out = bytearray(len(text))
            self.assertEqual(base64.encode_into(out, 0, data), len(text))
            self.assertEqual(bytes(out), text)
            self.assertEqual(base64.decode_in_place(out), length)
            self.assertEqual(bytes(out), data + bytes(len(text) - length))

    def test_each_value_has_one_text(self):
        for text in (b"Zh==", b"Zm9=", b"Z===", b"====", b"Zm9v=", b"Z", b"Zm", b"Zm9", b"Zm 9"):
            self.assertEqual(base64.decode_in_place(bytearray(text)), -1, text)


class PayloadTest(unittest.TestCase):
    def test_bytes_travel_beside_members(self):
        random = Random(2)
        for length in (0, 1, 2, 86, 87):
            data = bytearray(length)
            random.fill(data)
            built = payload.build({"k": "tunnel", "i": 99, "n": 99}, data)
            self.assertEqual(sorted(json.loads(bytes(built))), ["d", "i", "k", "n"])
            members, read = payload.parse(memoryview(built))
            self.assertEqual(members, {"k": "tunnel", "i": 99, "n": 99})
            self.assertEqual(bytes(read), bytes(data))

    def test_the_order_of_members_and_spaces_do_not_matter(self):
        for text in (
            b'{"d":"Zm9v","k":"key"}',
            b' { "k" : "key" , "d" : "Zm9v" } ',
            b'{"x":{"d":"none"},"k":"key","d":"Zm9v"}',
            b'{"x":"\\"d\\":\\"","y":["d"],"d":"Zm9v","k":"key"}',
            b'{"x":"d","d":"Zm9v","k":"key"}',
        ):
            members, data = payload.parse(memoryview(bytearray(text)))
            self.assertEqual((members["k"], bytes(data)), ("key", b"foo"), text)

    def test_what_is_no_object_is_refused(self):
        for text in (
            b"",
            b"1",
            b"[]",
            b"null",
            b'"d"',
            b"{",
            b'{"d',
            b'{"d":"',
            b"\xff",
            150 * b"[",
        ):
            try:
                members, data = payload.parse(memoryview(bytearray(text)))
            except RefusedError as refusal:
                self.assertEqual(refusal.code, "value")
            else:  # MicroPython closes what is left open
                self.assertEqual((members, data), ({}, None), text)

    def test_what_is_no_base64_is_refused_without_being_shown(self):
        with self.assertRaises(RefusedError) as caught:
            payload.parse(memoryview(bytearray(b'{"d":"secret!"}')))
        self.assertNotIn("secret", str(caught.exception))


if __name__ == "__main__":
    unittest.main()

import unittest

from tests.support.pairing_ends import Published, Stream, ends

from pairing import errors, messages
from pairing.errors import PairingError
from pairing.messages import Part

GOOD = (b"\1" * 32, b"\2" * 32, b"\3" * 16, b"home")


def is_refused(message):
    try:
        Part.decode(message)
    except PairingError as error:
        return error.code == errors.MALFORMED
    return False


class PartTest(unittest.TestCase):
    def test_what_is_encoded_is_decoded(self):
        for length in (0, 1, 255, 256, 1023, 1024):
            info = Stream("info").take(length)
            message = Part(GOOD[0], GOOD[1], GOOD[2], info).encode()
            part = Part.decode(message)
            fields = (part.ephemeral, part.static, part.nonce, part.info)
            self.assertEqual(fields, (GOOD[0], GOOD[1], GOOD[2], info))
            self.assertEqual(part.encode(), message)

    def test_the_longest_part_fits_into_what_carries_it(self):
        message = Part(GOOD[0], GOOD[1], GOOD[2], bytes(1024)).encode()
        self.assertEqual(len(message), messages.PART_LEN_MAX)
        self.assertLess(messages.PART_LEN_MAX, 1536)

    def test_the_published_parts_are_read(self):
        vector = Published()
        self.assertEqual(Part.decode(vector["answer"]).info, b"home")
        self.assertEqual(Part.decode(vector["reveal"]).nonce, vector["nonce_i"])

    def test_a_part_that_is_cut_off_anywhere_is_refused(self):
        message = Part(*GOOD).encode()
        for length in range(len(message)):
            self.assertTrue(is_refused(message[:length]), length)

    def test_a_part_with_something_behind_it_is_refused(self):
        message = Part(*GOOD).encode()
        for more in (b"\0", b"\0\0", b"\0\1x", bytes(1200)):
            self.assertTrue(is_refused(message + more))

    def test_an_info_that_is_too_long_is_refused(self):
        self.assertTrue(is_refused(Part(GOOD[0], GOOD[1], GOOD[2], bytes(1025)).encode()))

    def test_fields_of_other_lengths_are_refused(self):
        for position, length in ((0, 31), (0, 33), (1, 31), (1, 33), (2, 15), (2, 17), (0, 0)):
            fields = list(GOOD)
            fields[position] = bytes(length)
            self.assertTrue(is_refused(messages.lengths_and(*fields)))
        # The same length altogether, but shared out in another way.
        self.assertTrue(is_refused(messages.lengths_and(bytes(33), bytes(31), bytes(16), b"home")))

    def test_more_or_fewer_fields_are_refused(self):
        self.assertTrue(is_refused(messages.lengths_and(*GOOD[:3])))
        self.assertTrue(is_refused(messages.lengths_and(*GOOD, b"")))
        self.assertTrue(is_refused(messages.lengths_and(GOOD[0], GOOD[1], bytes(22))))

    def test_noise_is_refused(self):
        stream = Stream("noise")
        for length in range(0, messages.PART_LEN_MAX + 40, 7):
            self.assertTrue(is_refused(stream.take(length)))

    def test_no_two_lists_are_written_alike(self):
        lists = ([b"", b""], [b"\0\0"], [b"ab", b"c"], [b"a", b"bc"], [b"abc"], [b"abc", b""], [])
        written = {messages.lengths_and(*strings) for strings in lists}
        self.assertEqual(len(written), len(lists))


class RefusedWholeTest(unittest.TestCase):
    def test_a_malformed_message_ends_the_run_at_either_end(self):
        for length in (0, 31, 33, 64):
            _, responder = ends("malformed")
            self.assert_ended(responder, responder.receive_commitment, bytes(length))
        for change in (lambda m: m[:-1], lambda m: m + b"\0", lambda m: b"", lambda m: bytes(90)):
            initiator, responder = ends("malformed")
            answer = responder.receive_commitment(initiator.commitment())
            reveal = initiator.receive_answer(answer)
            self.assert_ended(responder, responder.receive_reveal, change(reveal))
            initiator, responder = ends("malformed")
            answer = responder.receive_commitment(initiator.commitment())
            self.assert_ended(initiator, initiator.receive_answer, change(answer))

    def assert_ended(self, end, receive, message):
        try:
            receive(message)
        except PairingError as error:
            self.assertEqual(error.code, errors.MALFORMED)
        else:
            self.fail("taken")
        self.assertTrue(end.is_over)
        self.assertEqual((end.their_public, end.their_info), (b"", b""))


class SameTest(unittest.TestCase):
    def test_only_equal_strings_are_the_same(self):
        self.assertTrue(messages.is_same(b"", b""))
        self.assertTrue(messages.is_same(bytearray(b"abc"), b"abc"))
        for other in (b"", b"ab", b"abcd", b"abd", b"bbc", b"\x00bc"):
            self.assertFalse(messages.is_same(b"abc", other))

    def test_all_bytes_are_looked_at_wherever_they_differ(self):
        class Watched:
            def __init__(self, data):
                self.data = data
                self.looked_at = []

            def __len__(self):
                return len(self.data)

            def __getitem__(self, at):
                self.looked_at.append(at)
                return self.data[at]

        for at in range(16):
            wrong = bytearray(16)
            wrong[at] = 1
            watched = Watched(wrong)
            self.assertFalse(messages.is_same(bytes(16), watched))
            self.assertEqual(watched.looked_at, list(range(16)))


if __name__ == "__main__":
    unittest.main()

import unittest

from tests.support.pairing_ends import Stream, ends

from pairing import errors, frames, messages
from pairing.errors import PairingError
from pairing.frames import Reader, frame

PART = messages.Part(bytes(32), bytes(32), bytes(16), b"home").encode()
ALL = [
    (frames.HELLO, b"\x014711"),
    (frames.COMMITMENT, b"c" * 32),
    (frames.ANSWER, PART),
    (frames.REVEAL, PART),
    (frames.CONFIRMATION, b"f" * 16),
    (frames.END, b"\0"),
]


def written(kind, body):
    return bytes((kind, len(body) >> 8, len(body) & 255)) + body


def code_of(function, *arguments):
    try:
        function(*arguments)
    except PairingError as error:
        return error.code
    return None


class FrameTest(unittest.TestCase):
    def test_a_frame_is_a_type_a_length_and_a_body(self):
        for kind, body in ALL:
            self.assertEqual(frame(kind, body), written(kind, body))
        self.assertEqual(frames.hello("4711"), b"\x00\x00\x05\x014711")
        self.assertEqual(frames.end(frames.LOCKED), b"\x05\x00\x01\x03")

    def test_a_frame_that_nobody_would_take_is_not_made(self):
        for kind, body in ((6, b""), (-1, b""), (1, b"c" * 31), (5, b""), (3, bytes(1536))):
            self.assertRaises(ValueError, frame, kind, body)
        self.assertRaises(ValueError, frames.hello, "471")
        self.assertRaises(ValueError, frames.end, 5)

    def test_a_whole_run_goes_through_frames(self):
        initiator, responder = ends("frames")
        reader = Reader()
        answer = responder.receive_commitment(initiator.commitment())
        said = frame(frames.ANSWER, answer)
        said += frame(frames.REVEAL, initiator.receive_answer(answer))
        responder.receive_reveal(reader.feed(said)[1][1])
        self.assertEqual(initiator.code.digits, responder.code.digits)


class ReaderTest(unittest.TestCase):
    def test_frames_are_read_however_they_are_cut(self):
        said = b"".join(written(kind, body) for kind, body in ALL)
        for size in (1, 2, 3, 4, 7, 50, len(said)):
            reader = Reader()
            found = []
            for start in range(0, len(said), size):
                found += reader.feed(said[start : start + size])
            self.assertEqual(found, ALL)

    def test_an_unknown_type_is_refused_at_its_first_byte(self):
        for kind in (6, 0x16, 0x47, 255):
            self.assertEqual(code_of(Reader().feed, bytes((kind,))), errors.MALFORMED)

    def test_a_length_that_the_type_cannot_have_is_refused_before_the_body(self):
        for kind, low, high in ((0, 5, 64), (1, 32, 32), (2, 88, 1112), (4, 16, 16), (5, 1, 1)):
            for length in (low - 1, high + 1, 1537, 65535):
                head = bytes((kind, length >> 8, length & 255))
                self.assertEqual(code_of(Reader().feed, head), errors.MALFORMED)
            for length in (low, high):
                self.assertEqual(Reader().feed(bytes((kind, length >> 8, length & 255))), [])

    def test_a_reader_that_met_garbage_takes_nothing_more(self):
        reader = Reader()
        good = written(*ALL[1])
        self.assertEqual(code_of(reader.feed, good + b"\xff"), errors.MALFORMED)
        self.assertEqual(code_of(reader.feed, good), errors.MALFORMED)

    def test_what_is_kept_is_less_than_one_frame(self):
        reader = Reader()
        reader.feed(written(frames.ANSWER, PART)[:-1])
        longest = frames.HEADER_LEN + messages.PART_LEN_MAX
        self.assertLess(len(reader._kept), longest)
        self.assertLess(longest, frames.HEADER_LEN + frames.BODY_LEN_MAX)
        # A flood of frames is given out, not kept.
        self.assertEqual(len(reader.feed(PART[-1:] + written(*ALL[5]) * 1000)), 1001)
        self.assertEqual(reader._kept, b"")

    def test_noise_is_refused_or_waited_for_and_never_crashes(self):
        for number in range(300):
            reader = Reader()
            noise = Stream("noise " + str(number)).take(200)
            try:
                reader.feed(noise)
            except PairingError:
                continue
            self.assertLess(len(reader._kept), 201)


class BodyTest(unittest.TestCase):
    def test_a_hello_says_the_room(self):
        self.assertEqual(frames.read_hello(b"\x014711"), "4711")

    def test_a_hello_of_another_version_is_told_apart_from_garbage(self):
        for body in (b"\x024711", b"\x00abcd", b"\xff" + bytes(60)):
            self.assertEqual(code_of(frames.read_hello, body), errors.VERSION)
        for body in (b"\x0147111", b"\x01471a", b"\x01\xff\xfe\xfd\xfc", b"\x01 471"):
            self.assertEqual(code_of(frames.read_hello, body), errors.MALFORMED)

    def test_an_unknown_reason_counts_as_giving_up(self):
        for reason in range(5):
            self.assertEqual(frames.read_end(bytes((reason,))), reason)
        self.assertEqual(frames.read_end(b"\x05"), frames.GAVE_UP)


if __name__ == "__main__":
    unittest.main()

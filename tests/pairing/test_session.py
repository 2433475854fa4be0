import unittest

from tests.support import pairing_ends
from tests.support.pairing_ends import (
    IS_SLOW,
    ROOM,
    Published,
    Stream,
    confirmed,
    ends,
    joined,
    paired,
    psk_of,
)

from pairing import errors, messages
from pairing.code import Code
from pairing.errors import PairingError
from pairing.session import Initiator, Responder

# Every byte is changed; on a bare 32-bit board every fourth.
STEP = 4 if IS_SLOW else 1


def code_of(function, *arguments):
    """The code of the PairingError that a call raises; None: it raises none."""
    try:
        function(*arguments)
    except PairingError as error:
        return error.code
    return None


def changed(message, at):
    out = bytearray(message)
    out[at] ^= 1 << at % 8
    return bytes(out)


class PublishedTest(unittest.TestCase):
    def setUp(self):
        self.vector = Published()
        self.initiator = self.vector.initiator()
        self.responder = self.vector.responder()

    def test_every_message_is_the_published_one(self):
        m1 = self.initiator.commitment()
        self.assertEqual(m1, self.vector["commit"])
        m2 = self.responder.receive_commitment(m1)
        self.assertEqual(m2, self.vector["answer"])
        m3 = self.initiator.receive_answer(m2)
        self.assertEqual(m3, self.vector["reveal"])
        transcript = messages.transcript(ROOM.encode(), m1, m2, m3)
        self.assertEqual(transcript, self.vector["transcript"])

    def test_both_ends_show_the_published_code(self):
        joined(self.initiator, self.responder)
        for end in (self.initiator, self.responder):
            self.assertEqual(end.code.digits, "370855")
            self.assertEqual(end.code.grouped, "370 855")
            self.assertEqual(list(end.code.words), self.vector.values["words"])

    def test_confirmations_and_preshared_key_are_the_published_ones(self):
        joined(self.initiator, self.responder)
        self.assertEqual(self.initiator.confirm(), self.vector["confirm_i"])
        self.assertEqual(self.responder.confirm(), self.vector["confirm_r"])
        confirmed(self.initiator, self.responder)
        self.assertEqual(psk_of(self.initiator), self.vector["psk"])
        self.assertEqual(psk_of(self.responder), self.vector["psk"])

    def test_each_end_learns_the_others_key_and_info(self):
        joined(self.initiator, self.responder)
        self.assertEqual(self.initiator.their_public, self.vector["answer"][36:68])
        self.assertEqual(self.responder.their_public, self.vector["reveal"][36:68])
        self.assertEqual(self.initiator.their_info, b"home")
        self.assertEqual(self.responder.their_info, b"travel")


class ConfirmationTest(unittest.TestCase):
    def setUp(self):
        self.initiator, self.responder = ends("confirmation")
        joined(self.initiator, self.responder)

    def assert_no_key(self, end):
        self.assertFalse(end.is_confirmed)
        out = bytearray(32)
        self.assertEqual(code_of(end.preshared_key, out), errors.STATE)
        self.assertEqual(out, bytearray(32))

    def test_there_is_no_key_before_both_have_confirmed(self):
        self.assert_no_key(self.initiator)
        ours = self.initiator.confirm()
        self.assert_no_key(self.initiator)
        self.responder.accept(ours)
        self.assert_no_key(self.responder)
        theirs = self.responder.confirm()
        self.assertTrue(self.responder.is_confirmed)
        self.assert_no_key(self.initiator)
        self.initiator.accept(theirs)
        self.assertTrue(self.initiator.is_confirmed)
        self.assertEqual(psk_of(self.initiator), psk_of(self.responder))

    def test_a_confirmation_that_comes_first_waits_for_our_person(self):
        self.initiator.accept(self.responder.confirm())
        self.assert_no_key(self.initiator)
        self.initiator.confirm()
        self.assertTrue(self.initiator.is_confirmed)

    def test_our_own_confirmation_sent_back_is_refused(self):
        ours = self.initiator.confirm()
        self.assertEqual(code_of(self.initiator.accept, ours), errors.CONFIRMATION)
        self.assertTrue(self.initiator.is_over)

    def test_a_confirmation_with_any_byte_changed_ends_the_run(self):
        for at in range(0, messages.CONFIRMATION_LEN, STEP):
            initiator, responder = ends("confirmation")
            joined(initiator, responder)
            initiator.confirm()
            wrong = changed(responder.confirm(), at)
            self.assertEqual(code_of(initiator.accept, wrong), errors.CONFIRMATION)
            self.assert_no_key(initiator)
            self.assertTrue(initiator.is_over)

    def test_a_confirmation_of_another_length_ends_the_run(self):
        theirs = self.responder.confirm()
        for wrong in (b"", theirs[:-1], theirs + b"\0"):
            initiator, responder = ends("confirmation")
            joined(initiator, responder)
            self.assertEqual(code_of(initiator.accept, wrong), errors.CONFIRMATION)

    def test_a_confirmation_of_another_run_is_refused(self):
        other = ends("another run")
        joined(*other)
        self.assertEqual(code_of(self.initiator.accept, other[1].confirm()), errors.CONFIRMATION)

    def test_a_wrong_confirmation_takes_back_what_our_person_confirmed(self):
        self.initiator.confirm()
        self.initiator.accept(self.responder.confirm())
        self.assertEqual(code_of(self.initiator.accept, bytes(16)), errors.CONFIRMATION)
        self.assert_no_key(self.initiator)


class CompareTest(unittest.TestCase):
    def setUp(self):
        self.initiator, self.responder = ends("compare")
        joined(self.initiator, self.responder)

    def test_the_digits_may_be_typed_with_spaces_and_dashes(self):
        digits = self.responder.code.digits
        for typed in (digits, self.responder.code.grouped, " " + "-".join(digits) + " \n"):
            self.assertTrue(self.initiator.matches(typed))
        self.assertFalse(self.initiator.is_over)

    def test_digits_that_do_not_match_end_the_run(self):
        digits = self.initiator.code.digits
        for at in range(6):
            initiator, responder = ends("compare")
            joined(initiator, responder)
            wrong = digits[:at] + chr(0x30 + (int(digits[at]) + 1) % 10) + digits[at + 1 :]
            self.assertIs(initiator.matches(wrong), False)
            self.assertTrue(initiator.is_over)
            self.assertEqual(code_of(initiator.confirm), errors.STATE)

    def test_what_is_not_six_digits_does_not_match(self):
        digits = self.initiator.code.digits
        for typed in ("", digits[:5], digits + digits[0], "x" + digits, "+" + digits[1:]):
            initiator, responder = ends("compare")
            joined(initiator, responder)
            self.assertIs(initiator.matches(typed), False)

    def test_each_run_has_another_code(self):
        again = ends("compare again")
        joined(*again)
        self.assertNotEqual(again[0].code.digits, self.initiator.code.digits)

    def test_leading_zeros_of_the_code_are_shown(self):
        self.assertEqual(Code(bytes(8)).digits, "000000")
        self.assertEqual(Code(bytes(7) + b"\x07").digits, "000007")
        # 2^64 - 1 = 18446744073709551615
        self.assertEqual(Code(b"\xff" * 8).digits, "551615")


class TamperTest(unittest.TestCase):
    def assert_noticed(self, change):
        """With this in between, an end refuses, or the two show different codes."""
        initiator, responder = ends("tamper")
        try:
            joined(initiator, responder, change)
        except PairingError:
            self.assertTrue(initiator.is_over or responder.is_over)
            return
        self.assertNotEqual(initiator.code.digits, responder.code.digits)
        self.assertNotEqual(initiator.confirm(), responder.confirm())

    def test_each_byte_of_each_message_counts(self):
        lengths = [0, 0, 0, 0]

        def note(number, message):
            lengths[number] = len(message)
            return message

        initiator, responder = ends("tamper")
        joined(initiator, responder, note)
        self.assertEqual(initiator.code.digits, responder.code.digits)
        for target in (1, 2, 3):
            for at in range(0, lengths[target], STEP):
                self.assert_noticed(
                    lambda number, m, t=target, at=at: changed(m, at) if number == t else m
                )

    def test_a_reveal_with_any_byte_changed_is_refused_for_its_commitment(self):
        for at in range(0, 60, 3 * STEP):
            initiator, responder = ends("tamper")
            responder_m2 = responder.receive_commitment(initiator.commitment())
            reveal = bytearray(initiator.receive_answer(responder_m2))
            reveal[2 + at % 30] ^= 1  # within the ephemeral key: it stays well-formed
            self.assertEqual(code_of(responder.receive_reveal, reveal), errors.COMMITMENT)
            self.assertTrue(responder.is_over)

    def test_another_room_is_another_commitment(self):
        stream = Stream("rooms")
        initiator = Initiator("4711", stream.take(32), b"travel", stream.fill)
        responder = Responder("4712", stream.take(32), b"home", stream.fill)
        self.assertEqual(code_of(joined, initiator, responder), errors.COMMITMENT)

    def test_an_answer_sent_back_as_the_reveal_is_refused(self):
        initiator, responder = ends("tamper")
        answer = responder.receive_commitment(initiator.commitment())
        self.assertEqual(code_of(responder.receive_reveal, answer), errors.WEAK)
        self.assertTrue(responder.is_over)


class WeakKeyTest(unittest.TestCase):
    LOW_ORDER = (
        "00" * 32,
        "01" + "00" * 31,
        "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
        "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
        "ec" + "ff" * 30 + "7f",
        "ed" + "ff" * 30 + "7f",
        "ee" + "ff" * 30 + "7f",
    )

    def test_an_answer_with_a_point_of_low_order_is_refused(self):
        for point in self.LOW_ORDER:
            initiator, responder = ends("weak")
            answer = bytearray(responder.receive_commitment(initiator.commitment()))
            answer[2:34] = pairing_ends.unhex(point)
            self.assertEqual(code_of(initiator.receive_answer, answer), errors.WEAK)
            self.assertTrue(initiator.is_over)

    def test_a_reveal_with_a_point_of_low_order_is_refused(self):
        for point in self.LOW_ORDER[: 2 if IS_SLOW else 7]:
            _, responder = ends("weak")
            stream = Stream("weak")
            ephemeral = pairing_ends.unhex(point)
            reveal = messages.Part(ephemeral, stream.take(32), bytes(16), b"x").encode()
            responder.receive_commitment(messages.commitment(ROOM.encode(), reveal))
            self.assertEqual(code_of(responder.receive_reveal, reveal), errors.WEAK)
            self.assertTrue(responder.is_over)

    def test_an_end_with_our_own_static_key_is_refused(self):
        stream = Stream("same")
        public = stream.take(32)
        initiator = Initiator(ROOM, public, b"travel", stream.fill)
        responder = Responder(ROOM, public, b"home", stream.fill)
        self.assertEqual(code_of(joined, initiator, responder), errors.WEAK)


class AttemptTest(unittest.TestCase):
    def test_an_initiator_has_used_up_an_attempt_once_it_has_a_code(self):
        initiator, responder = ends("attempt")
        m1 = initiator.commitment()
        self.assertFalse(initiator.is_attempt)
        initiator.receive_answer(responder.receive_commitment(m1))
        self.assertTrue(initiator.is_attempt)
        initiator.wipe()
        self.assertTrue(initiator.is_attempt)

    def test_a_responder_has_used_up_an_attempt_once_it_has_answered(self):
        initiator, responder = ends("attempt")
        self.assertFalse(responder.is_attempt)
        answer = responder.receive_commitment(initiator.commitment())
        self.assertTrue(responder.is_attempt)
        # Because the other end can know the code already, without having revealed anything.
        reveal = initiator.receive_answer(answer)
        known = initiator.code.digits
        responder.receive_reveal(reveal)
        self.assertEqual(responder.code.digits, known)
        responder.wipe()
        self.assertTrue(responder.is_attempt)

    def test_a_message_that_is_none_is_no_attempt_before_there_is_a_code(self):
        initiator, responder = ends("attempt")
        code_of(responder.receive_commitment, b"")
        self.assertFalse(responder.is_attempt)
        initiator.commitment()
        code_of(initiator.receive_answer, b"")
        self.assertFalse(initiator.is_attempt)

    def test_a_key_that_nobody_honest_sends_is_an_attempt(self):
        initiator, responder = ends("attempt")
        answer = bytearray(responder.receive_commitment(initiator.commitment()))
        answer[2:34] = bytes(32)
        self.assertEqual(code_of(initiator.receive_answer, answer), errors.WEAK)
        self.assertTrue(initiator.is_attempt)


class OrderTest(unittest.TestCase):
    def test_nothing_works_before_its_time(self):
        initiator, responder = ends("order")
        for end in (initiator, responder):
            for call in (
                lambda end=end: end.code,
                end.confirm,
                lambda end=end: end.accept(bytes(16)),
                lambda end=end: end.matches("370855"),
                lambda end=end: end.preshared_key(bytearray(32)),
            ):
                self.assertEqual(code_of(call), errors.STATE)
            self.assertEqual((end.their_public, end.their_info), (b"", b""))
        self.assertEqual(code_of(initiator.receive_answer, b""), errors.STATE)
        self.assertEqual(code_of(responder.receive_reveal, b""), errors.STATE)
        # And nothing of that has done harm.
        joined(initiator, responder)
        self.assertEqual(initiator.code.digits, responder.code.digits)

    def test_no_message_is_taken_twice(self):
        initiator, responder = ends("order")
        m1 = initiator.commitment()
        m2 = responder.receive_commitment(m1)
        self.assertEqual(code_of(responder.receive_commitment, m1), errors.STATE)
        m3 = initiator.receive_answer(m2)
        self.assertEqual(code_of(initiator.receive_answer, m2), errors.STATE)
        responder.receive_reveal(m3)
        self.assertEqual(code_of(responder.receive_reveal, m3), errors.STATE)
        confirmed(initiator, responder)
        self.assertTrue(initiator.is_confirmed and responder.is_confirmed)

    def test_an_end_that_is_over_stays_over(self):
        for end in paired("order"):
            end.wipe()
            self.assertTrue(end.is_over)
            self.assertFalse(end.is_confirmed)
            self.assertEqual((end.their_public, end.their_info), (b"", b""))
            for call in (
                lambda end=end: end.code,
                end.confirm,
                lambda end=end: end.accept(bytes(16)),
                lambda end=end: end.preshared_key(bytearray(32)),
            ):
                self.assertEqual(code_of(call), errors.STATE)
            end.wipe()

    def test_what_cannot_be_is_refused_before_anything_is_drawn(self):
        drawn = []
        good = (ROOM, bytes(32), b"home", drawn.append)
        for position, value in (
            (0, ""),
            (0, "471"),
            (0, "47111"),
            (0, "47a1"),
            (0, "471\u0667"),
            (1, bytes(31)),
            (1, bytes(33)),
            (2, bytes(1025)),
        ):
            arguments = list(good)
            arguments[position] = value
            for kind in (Initiator, Responder):
                self.assertRaises(ValueError, kind, *arguments)
        self.assertEqual(drawn, [])

    def test_the_seed_of_the_ephemeral_key_does_not_stay_in_memory(self):
        buffers = []
        stream = Stream("seed")

        def fill_random(buffer):
            stream.fill(buffer)
            buffers.append(buffer)

        Initiator(ROOM, bytes(32), b"travel", fill_random)
        self.assertEqual([len(buffer) for buffer in buffers], [32, 16])
        self.assertEqual(bytes(buffers[0]), bytes(32))


if __name__ == "__main__":
    unittest.main()

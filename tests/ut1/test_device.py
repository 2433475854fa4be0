import json
import unittest

from tests.support.randomness import Random

from ut1 import frame, payload
from ut1.device import ANSWER_LEN_MAX, Session
from ut1.errors import RefusedError
from ut1.host import Exchange, Numbers


def request(seq, verb, members=None, data=None):
    return bytes(frame.encode(seq, verb, payload.build(members or {}, data)))


def answers(out):
    """[(number, word, members, bytes)] of the lines that a session gave."""
    found = []
    for line in bytes(out).split(b"\n")[:-1]:
        read = frame.decode(memoryview(bytearray(line)))
        members, data = payload.parse(read.payload)
        found.append((read.seq, read.word, members, data))
    return found


class Verbs:
    """Counts what is executed."""

    def __init__(self):
        self.executed = []
        self.text = ""

    def __call__(self, verb, arguments, data):
        self.executed.append((verb, arguments, None if data is None else bytes(data)))
        if verb == "refuse":
            raise RefusedError("state", "not now", "Wait. " + self.text)
        if verb == "exhaust":
            raise MemoryError
        return {"count": len(self.executed), "text": self.text} if self.text else {"count": 1}


class SessionTest(unittest.TestCase):
    def setUp(self):
        self.verbs = Verbs()
        self.session = Session(self.verbs)

    def ask(self, *arguments):
        """The one answer to a request: (word, members, bytes)."""
        found = answers(self.session.receive(request(*arguments)))
        self.assertEqual(len(found), 1)
        self.assertEqual(found[0][0], arguments[0])
        return found[0][1:]

    def test_a_request_is_executed_and_answered(self):
        self.assertEqual(self.ask(5, "put", {"k": "key"}, b"abc"), ("ok", {"count": 1}, None))
        self.assertEqual(self.verbs.executed, [("put", {"k": "key"}, b"abc")])

    def test_a_repeated_request_is_answered_without_being_executed_again(self):
        self.verbs.text = "made at the first time"
        line = request(5, "keygen")
        first = self.session.receive(line)
        for _ in range(3):
            self.assertEqual(self.session.receive(b"\n\n" + line), first)
        self.assertEqual(len(self.verbs.executed), 1)

    def test_a_repeated_refusal_is_not_executed_again(self):
        line = request(5, "refuse")
        self.assertEqual(self.session.receive(line), self.session.receive(line))
        self.assertEqual(len(self.verbs.executed), 1)

    def test_another_request_with_the_same_number_is_executed(self):
        self.ask(5, "hello", {"nonce": 1})
        self.ask(5, "hello", {"nonce": 2})
        self.ask(5, "keygen")
        self.assertEqual(len(self.verbs.executed), 3)

    def test_hello_is_never_answered_from_memory(self):
        line = request(5, "hello")
        self.session.receive(line)
        self.session.receive(line)
        self.assertEqual(len(self.verbs.executed), 2)

    def test_a_damaged_request_is_not_executed_and_asked_for_again(self):
        line = bytearray(request(5, "keygen"))
        line[15] ^= 1
        word, members, _ = answers(self.session.receive(line))[0][1:]
        self.assertEqual((word, members["code"]), ("error", "crc"))
        self.assertEqual(self.verbs.executed, [])
        self.ask(5, "keygen")
        self.assertEqual(len(self.verbs.executed), 1)

    def test_a_refusal_says_code_why_and_mend(self):
        word, members, _ = self.ask(5, "refuse")
        self.assertEqual(word, "error")
        self.assertEqual(members, {"code": "state", "why": "not now", "mend": "Wait. "})

    def test_a_box_without_memory_says_so(self):
        self.assertEqual(self.ask(5, "exhaust")[1]["code"], "full")

    def test_answers_are_never_answered(self):
        for word in ("ok", "error"):
            self.assertEqual(self.session.receive(request(5, word)), b"")
        self.assertEqual(self.verbs.executed, [])

    def test_a_payload_that_is_no_object_is_refused(self):
        line = bytes(frame.encode(5, "put", b"[1]"))
        self.assertEqual(answers(self.session.receive(line))[0][2]["code"], "value")
        self.assertEqual(self.verbs.executed, [])

    def test_no_byte_of_a_request_stays_in_the_session(self):
        secret = b"a key that nobody may find"
        seen = []
        session = Session(lambda verb, arguments, data: seen.append(data) or {})
        session.receive(request(5, "put", {}, secret))
        self.assertEqual(bytes(seen[0]), bytes(len(secret)))


class VersionTest(unittest.TestCase):
    def ask(self, proto):
        session = Session(lambda verb, arguments, data: {"fw": "1"})
        return answers(session.receive(request(9, "hello", {"proto": proto})))[0][1:3]

    def test_hello_says_the_versions_of_the_box(self):
        for proto in ([1, 1], [0, 1], [1, 9], None):
            self.assertEqual(self.ask(proto), ("ok", {"fw": "1", "proto": [1, 1]}))

    def refusal(self, proto):
        """Of a hello with these versions, as a host puts it together."""
        session = Session(lambda verb, arguments, data: {"fw": "1"})
        exchange = Exchange(Numbers(1), "hello", {"proto": proto})
        while not exchange.is_done:
            exchange.receive(session.receive(bytes(exchange.send(0))))
        with self.assertRaises(RefusedError) as caught:
            exchange.result()
        return caught.exception

    def test_versions_that_do_not_meet_are_refused_by_naming_the_update(self):
        for proto, part in (([2, 3], "firmware"), ([0, 0], "host program")):
            refusal = self.refusal(proto)
            self.assertEqual(refusal.code, "proto")
            self.assertIn(part, refusal.mend)

    def test_versions_that_are_none_are_refused(self):
        for proto in (1, [], [1], ["1", "1"], [1, 1, 1], {}):
            self.assertEqual(self.ask(proto)[0], "error")


class PartsTest(SessionTest):
    def test_a_long_answer_comes_in_parts_that_can_be_asked_for_again(self):
        self.verbs.text = "x" * 1000
        word, part, data = self.ask(5, "log")
        self.assertEqual((word, part["i"]), ("ok", 0))
        text = bytes(data)
        for index in range(1, part["n"]):
            line = request(5 + index, "more", {"of": 5, "i": index})
            self.assertEqual(self.session.receive(line), self.session.receive(line))
            data = self.ask(5 + index, "more", {"of": 5, "i": index})[2]
            text += bytes(data)
        self.assertEqual(json.loads(text), {"count": 1, "text": "x" * 1000})
        self.assertEqual(len(self.verbs.executed), 1)

    def test_a_long_refusal_comes_in_parts_too(self):
        self.verbs.text = "x" * 1000
        word, part, _ = self.ask(5, "refuse")
        self.assertEqual((word, part["i"]), ("error", 0))
        self.assertEqual(self.ask(6, "more", {"of": 5, "i": part["n"] - 1})[0], "error")

    def test_parts_of_another_answer_are_gone(self):
        self.assertEqual(self.ask(4, "more", {"of": 3, "i": 0})[1]["code"], "seq")
        self.verbs.text = "x" * 1000
        self.ask(5, "log")
        self.ask(6, "log")
        self.assertEqual(self.ask(7, "more", {"of": 5, "i": 1})[1]["code"], "seq")

    def test_parts_that_there_are_not_are_refused(self):
        self.verbs.text = "x" * 1000
        self.ask(5, "log")
        for number, index in enumerate((-1, 99, "1", None)):
            answer = self.ask(6 + number, "more", {"of": 5, "i": index})
            self.assertEqual(answer[1]["code"], "value")

    def test_an_answer_beyond_all_bounds_is_a_refusal(self):
        self.verbs.text = "x" * ANSWER_LEN_MAX
        self.assertEqual(self.ask(5, "log")[1]["code"], "full")


class NoiseTest(unittest.TestCase):
    def noise(self, random, length):
        """Random bytes with cut frames, doubled bytes and lone marks in between."""
        whole = request(77, "keygen", {"nonce": 12345678})
        out = bytearray()
        while len(out) < length:
            kind = random.below(8)
            if kind == 0:
                out.extend(whole[: random.below(len(whole) - 1)])
            elif kind == 1:
                out.extend(whole[1 + random.below(len(whole) - 1) :])
            elif kind == 2:
                at = 1 + random.below(len(whole) - 2)  # "@@ut1" would be a frame
                out.extend(whole[: at + 1] + whole[at:])
            elif kind == 3:
                out.extend(b"@ut1 ")
            elif kind == 4:
                out.extend(b"\n")
            else:
                piece = bytearray(random.below(200))
                random.fill(piece)
                out.extend(piece)
        return bytes(out)

    def test_noise_executes_nothing_and_a_request_after_it_is_answered(self):
        random = Random(3)
        verbs = Verbs()
        session = Session(verbs)
        for round_ in range(20):
            noise = self.noise(random, 1000)
            position = 0
            while position < len(noise):
                step = 1 + random.below(255)
                session.receive(noise[position : position + step])
                position += step
            out = session.receive(8 * b"\n" + request(1 + round_, "status"))
            self.assertEqual(answers(out)[-1][:2], (1 + round_, "ok"))
        self.assertEqual([verb for verb, _, _ in verbs.executed], 20 * ["status"])


if __name__ == "__main__":
    unittest.main()

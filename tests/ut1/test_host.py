import unittest

from tests.support.randomness import Random

from ut1 import frame
from ut1.device import Session
from ut1.errors import NoAnswerError, RefusedError
from ut1.host import Exchange, Numbers


class Line:
    """A serial line between both ends, with a clock. spoil(data) gives what arrives of it."""

    def __init__(self, handle, spoil=None):
        self.session = Session(handle)
        self.spoil = spoil or (lambda data: data)
        self.now_ms = 1
        self.sent = 0

    def run(self, exchange):
        while not exchange.is_done:
            out = bytes(exchange.send(self.now_ms))
            self.sent += bool(out)
            exchange.receive(self.spoil(self.session.receive(self.spoil(out))))
            if not exchange.is_done:
                self.now_ms += exchange.wait_ms(self.now_ms)
        return exchange.result()


class Counter:
    def __init__(self, answer):
        self.count = 0
        self.answer = answer

    def __call__(self, verb, arguments, data):
        self.count += 1
        if verb == "refuse":
            raise RefusedError("busy", "why " * 50, "mend")
        return dict(self.answer)


class ExchangeTest(unittest.TestCase):
    def setUp(self):
        self.numbers = Numbers(65533)

    def test_a_request_is_answered(self):
        line = Line(Counter({"a": 1}))
        for _ in range(5):  # the numbers go round meanwhile
            self.assertEqual(line.run(Exchange(self.numbers, "status")), {"a": 1})
        self.assertEqual((line.now_ms, line.sent), (1, 5))

    def test_a_long_answer_is_put_together(self):
        text = "".join(chr(0x20 + i % 90) + "é" for i in range(700))
        line = Line(Counter({"text": text}))
        self.assertEqual(line.run(Exchange(self.numbers, "log")), {"text": text})

    def test_a_refusal_is_raised_whole(self):
        with self.assertRaises(RefusedError) as caught:
            Line(Counter({})).run(Exchange(self.numbers, "refuse"))
        self.assertEqual(caught.exception.code, "busy")
        self.assertEqual(caught.exception.why, "why " * 50)

    def test_a_lost_request_or_answer_is_repeated_and_executed_once(self):
        counter = Counter({"a": 1})
        for lost in ((0,), (1,), (0, 2)):
            turns = []

            def spoil(data, turns=turns, lost=lost):
                turns.append(data)
                return b"" if len(turns) - 1 in lost else data

            line = Line(counter, spoil)
            self.assertEqual(line.run(Exchange(self.numbers, "keygen")), {"a": 1})
            self.assertEqual(line.now_ms, 1 + 1000 * (line.sent - 1))
        self.assertEqual(counter.count, 3)

    def test_a_damaged_frame_is_repeated_without_waiting(self):
        for broken_turn in (0, 1):
            turns = []

            def spoil(data, turns=turns, broken_turn=broken_turn):
                turns.append(data)
                if len(turns) - 1 != broken_turn:
                    return data
                broken = bytearray(data)
                broken[-5] ^= 1
                return bytes(broken)

            counter = Counter({"a": 1})
            line = Line(counter, spoil)
            self.assertEqual(line.run(Exchange(self.numbers, "keygen")), {"a": 1})
            self.assertEqual((line.now_ms, line.sent, counter.count), (1, 2, 1))

    def test_silence_ends_with_an_error_that_names_the_verb(self):
        exchange = Exchange(self.numbers, "hello", timeout_ms=100, tries=3)
        line = Line(Counter({}), lambda data: b"")
        with self.assertRaises(NoAnswerError) as caught:
            line.run(exchange)
        self.assertEqual((caught.exception.verb, line.sent, line.now_ms), ("hello", 3, 301))

    def test_a_line_that_only_damages_ends_as_well(self):
        exchange = Exchange(self.numbers, "hello")
        with self.assertRaises(NoAnswerError):
            Line(Counter({}), lambda data: data.replace(b"ok", b"oj")).run(exchange)

    def test_boot_messages_echoes_and_late_answers_are_ignored(self):
        first = Exchange(self.numbers, "status")
        late = Session(Counter({"old": 1})).receive(bytes(first.send(0)))
        second = Exchange(self.numbers, "status")
        out = bytes(second.send(0))
        second.receive(b"rom: hello\n" + out + late + b"@ut1 what\xff\n")
        self.assertFalse(second.is_done)
        second.receive(Session(Counter({"new": 1})).receive(out))
        self.assertEqual(second.result(), {"new": 1})

    def test_long_answers_come_through_a_line_that_loses_and_damages(self):
        random = Random(7)

        def spoil(data):
            broken = bytearray(data)
            kind = random.below(6)
            if broken and kind == 0:
                broken[random.below(len(broken))] ^= 1 << random.below(8)
            elif kind == 1:
                broken = broken[: random.below(1 + len(broken))]
            return bytes(broken)

        counter = Counter({"text": "0123456789" * 100})
        for _ in range(20):
            line = Line(counter, spoil)
            exchange = Exchange(self.numbers, "log", tries=100)
            self.assertEqual(line.run(exchange), {"text": "0123456789" * 100})
        self.assertEqual(counter.count, 20)

    def test_the_request_is_wiped_once_it_is_answered(self):
        exchange = Exchange(self.numbers, "put", {"k": "key"}, b"secret")
        request = exchange.send(0)
        exchange.receive(Session(Counter({})).receive(bytes(request)))
        self.assertTrue(exchange.is_done)
        self.assertEqual(bytes(request), bytes(len(request)))

    def test_numbers_stay_within_a_frame_whatever_they_begin_with(self):
        for first in (0, 1, 65534, 65535, 65536, 1 << 31):
            numbers = Numbers(first)
            for _ in range(3):
                self.assertTrue(1 <= numbers.take() <= frame.SEQ_MAX)


if __name__ == "__main__":
    unittest.main()

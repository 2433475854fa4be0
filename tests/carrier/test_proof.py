"""A proof goes through bad networks, and not through those that freeze."""

import unittest

from tests.support.randomness import Random

from carrier import inside, proof

TOKEN = b"tokentok"


class Line:
    """A network that answers echoes: what it drops and how long it takes is the test's."""

    def __init__(self, mtu=1420, delay_ms=40, drops=None, limit=None):
        self.proof = proof.Proof(TOKEN, mtu, 0)
        self.delay_ms = delay_ms
        self.drops = drops or (lambda size: False)
        self.limit = limit  # bytes each way that pass
        self.carried = 0
        self.now_ms = 0
        self.sent = 0
        self.on_their_way = []

    def run(self, until_ms=60000):
        buffer = bytearray(1500)
        while self.proof.state == proof.RUNNING and self.now_ms < until_ms:
            while True:
                length = self.proof.write(buffer, self.now_ms)
                if not length:
                    break
                self.carry(bytes(buffer[:length]))
            wait_ms = self.proof.wait_ms(self.now_ms)
            due = [at for at, _ in self.on_their_way]
            self.now_ms = min([self.now_ms + max(1, wait_ms)] + due)
            for at, message in list(self.on_their_way):
                if at <= self.now_ms:
                    self.on_their_way.remove((at, message))
                    self.proof.heard(inside.read(message), self.now_ms)
        return self.proof

    def carry(self, message):
        size = len(message) + proof.HEADERS_LEN
        self.sent += size
        self.carried += size
        if self.drops(size) or (self.limit is not None and self.carried > self.limit):
            return
        answer = bytearray(message)
        inside.answer_echo(answer)
        self.on_their_way.append((self.now_ms + self.delay_ms, answer))


def losing(percent, seed):
    random = Random(seed)
    return lambda size: random.below(100) < percent


def hole_at(size_max):
    return lambda size: size > size_max


class ProofTest(unittest.TestCase):
    def test_a_good_network_is_proven_by_64_kib_and_little_more(self):
        line = Line()
        found = line.run()
        self.assertEqual((found.state, found.size), (proof.PROVEN, 1420))
        self.assertTrue(65536 <= found.passed <= line.sent < 65536 + 16 * 1420)

    def test_no_answer_is_told_apart_from_a_freeze(self):
        silent = Line(drops=lambda size: True).run()
        self.assertEqual((silent.state, silent.passed), (proof.SILENT, 0))
        for limit in (16384, 20000, 60000):
            frozen = Line(limit=limit).run()
            self.assertEqual(frozen.state, proof.STALLED)
            self.assertTrue(0 < frozen.passed <= limit)

    def test_a_freeze_is_told_within_two_seconds_of_the_last_answer(self):
        line = Line(limit=16384)
        line.run()
        self.assertTrue(line.now_ms <= 2000, line.now_ms)

    def test_what_is_lost_is_sent_again(self):
        for loss in (10, 20, 30):
            for seed in range(10):
                found = Line(drops=losing(loss, seed)).run()
                self.assertEqual(found.state, proof.PROVEN, (loss, seed))

    def test_the_largest_packet_that_passes_a_hole_is_found(self):
        for hole in (576, 700, 1000, 1224, 1281, 1300, 1419):
            found = Line(drops=hole_at(hole)).run()
            self.assertEqual(found.state, proof.PROVEN, hole)
            self.assertTrue(hole - proof.SIZE_STEP < found.size <= hole, (hole, found.size))

    def test_a_slow_and_far_network_is_proven_too(self):
        for delay_ms in (5, 300, 700, 1200):
            found = Line(delay_ms=delay_ms).run()
            self.assertEqual(found.state, proof.PROVEN, delay_ms)

    def test_never_more_than_a_window_is_on_its_way(self):
        found = proof.Proof(TOKEN, 1400, 0)
        buffer = bytearray(1500)
        count = 0
        while found.write(buffer, 0):
            count += 1
        self.assertEqual(count, proof.WINDOW)

    def test_answers_of_others_and_repeated_ones_count_nothing(self):
        found = proof.Proof(TOKEN, 1400, 0)
        buffer = bytearray(1500)
        length = found.write(buffer, 0)
        answer = bytearray(buffer[:length])
        inside.answer_echo(answer)
        other = bytearray(answer)
        other[3] ^= 1
        cut = answer[:-1]
        for message in (buffer[:length], other, cut):
            found.heard(inside.read(message), 1)
            self.assertEqual(found.passed, 0)
        for _ in range(3):
            found.heard(inside.read(answer), 1)
            self.assertEqual(found.passed, 1400)


if __name__ == "__main__":
    unittest.main()

import unittest

from tests.support.randomness import Random

from wg.timers import KINDS, Deadlines


class DeadlinesTest(unittest.TestCase):
    def test_deadlines_come_out_in_order(self):
        random = Random(7)
        deadlines = Deadlines()
        expected = []
        for _ in range(500):
            entry = (random.below(1000), random.below(300), random.below(KINDS))
            expected.append(entry)
            deadlines.push(*entry)
        expected.sort()
        self.assertEqual([deadlines.pop() for _ in range(500)], expected)
        self.assertEqual(len(deadlines), 0)

    def test_pushes_and_pops_can_alternate(self):
        random = Random(8)
        deadlines = Deadlines()
        model = []
        for _ in range(1000):
            if model and random.below(3) == 0:
                model.sort()
                self.assertEqual(deadlines.pop(), model.pop(0))
            else:
                entry = (random.below(100), random.below(4), random.below(KINDS))
                model.append(entry)
                deadlines.push(*entry)

    def test_the_earliest_is_known_without_taking_it(self):
        deadlines = Deadlines()
        self.assertEqual(deadlines.first_ms(), -1)
        deadlines.push(20, 1, 2)
        deadlines.push(10, 3, 4)
        self.assertEqual(deadlines.first_ms(), 10)
        self.assertEqual(len(deadlines), 2)

    def test_times_of_many_years_and_the_highest_peer_number_fit(self):
        deadlines = Deadlines()
        for entry in ((1 << 31, 65534, 4), ((1 << 31) - 1, 0, 0), (100 * 365 * 86_400_000, 7, 3)):
            deadlines.push(*entry)
        self.assertEqual(deadlines.pop(), ((1 << 31) - 1, 0, 0))
        self.assertEqual(deadlines.pop(), (1 << 31, 65534, 4))
        self.assertEqual(deadlines.pop(), (100 * 365 * 86_400_000, 7, 3))


if __name__ == "__main__":
    unittest.main()

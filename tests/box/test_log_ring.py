"""The log in memory: the last lines, however many there were."""

import unittest

from box.log_ring import LINE_LEN_MAX, LogRing


class LogRingTest(unittest.TestCase):
    def test_the_last_lines_are_kept_whole_and_in_order(self):
        log = LogRing(lambda: 12_345, room=200)
        for number in range(100):
            log("info", "line %d %s" % (number, "x" * (number % 7)))
        kept = log.lines()
        self.assertTrue(5 <= len(kept) <= 10, kept)
        first = 100 - len(kept)
        wanted = ["line %d %s" % (i, "x" * (i % 7)) for i in range(first, 100)]
        self.assertEqual(kept, ["12.345 info %s" % line for line in wanted])

    def test_a_line_that_is_too_long_or_no_text_is_cut_and_cleaned(self):
        log = LogRing(lambda: 0, room=200)
        log("error", "a\nb\xe4" + 500 * "y")
        log("error", 500 * "z")
        self.assertEqual(log.lines(), ["0.000 error " + "z" * LINE_LEN_MAX])
        log = LogRing(lambda: 0)
        log("error", "a\nb\xe4")
        self.assertEqual(log.lines(), ["0.000 error a?b?"])

    def test_what_is_for_developers_is_not_kept(self):
        log = LogRing(lambda: 0)
        log("debug", "x")
        self.assertEqual(log.lines(), [])


if __name__ == "__main__":
    unittest.main()

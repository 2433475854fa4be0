"""What `undertow-unix run` does when its own code fails; test_run_fault.py runs this file."""

import unittest

from linux import run
from linux.undo import Undo


class Control:
    def __init__(self, error):
        self.error = error

    def run(self):
        if self.error is not None:
            raise self.error


class Box:
    def __init__(self, error):
        self.control = Control(error)


class FaultTest(unittest.TestCase):
    def setUp(self):
        self.lines = []
        self.undone = []
        self.undo = Undo(self.log)
        self.undo.push(lambda: self.undone.append("routes"))

    def log(self, level, text):
        self.lines.append(text)

    def test_a_fault_of_our_own_leaves_the_routes_that_keep_packets_in(self):
        with self.assertRaises(ValueError):
            run._carry(Box(ValueError()), self.log, self.undo)
        self.undo.run()
        self.assertEqual(self.undone, [])
        self.assertTrue("refuse" in self.lines[0])

    def test_a_wanted_end_takes_everything_down(self):
        run._carry(Box(None), self.log, self.undo)
        self.undo.run()
        self.assertEqual(self.undone, ["routes"])


if __name__ == "__main__":
    unittest.main()

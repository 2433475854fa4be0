"""A test that takes the whole interpreter down, after one that passed."""

import sys
import unittest


class CrashTest(unittest.TestCase):
    def test_a_passes(self):
        pass

    def test_b_ends_the_program(self):
        sys.exit(0)

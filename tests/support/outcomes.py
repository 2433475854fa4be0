"""Tests that end in every way there is; tests/targets/test_runner.py knows which way each must."""

import unittest


class OutcomeTest(unittest.TestCase):
    def setUp(self):
        self.cleaned = []

    def test_passes(self):
        self.assertEqual(1, 1)
        with self.assertRaises(ValueError) as caught:
            int("x")
        self.assertIsInstance(caught.exception, ValueError)

    def test_fails_by_an_assertion(self):
        self.assertEqual(1, 2)

    def test_fails_by_an_error(self):
        {}["missing"]

    def test_fails_in_a_subtest_and_goes_on(self):
        for number in range(3):
            with self.subTest(number=number):
                self.assertNotEqual(number % 2, 0)

    def test_fails_when_nothing_is_raised(self):
        with self.assertRaises(ValueError):
            int("1")

    def test_fails_when_something_else_is_raised(self):
        with self.assertRaises(KeyError):
            int("x")

    def test_fails_in_its_cleanup(self):
        self.addCleanup(int, "x")

    def test_is_skipped(self):
        self.skipTest("no need")


class SetUpTest(unittest.TestCase):
    def setUp(self):
        raise OSError("nothing here")

    def test_fails_by_its_set_up(self):
        pass


@unittest.skip("all of it")
class SkippedTest(unittest.TestCase):
    def test_is_skipped_with_its_class(self):
        self.fail("it ran")

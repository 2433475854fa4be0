import unittest

from pairing import errors
from pairing.errors import PairingError
from pairing.lockout import Lockout


class LockoutTest(unittest.TestCase):
    def test_the_first_two_failures_lock_for_a_minute_and_the_third_for_ten(self):
        lockout = Lockout()
        now_ms = 5000
        self.assertEqual(lockout.locked_s(now_ms), 0)
        for seconds in (60, 60, 600, 600, 600):
            lockout.fail(now_ms)
            self.assertEqual(lockout.locked_s(now_ms), seconds)
            self.assertEqual(lockout.locked_s(now_ms + 1), seconds)  # rounded up
            self.assertEqual(lockout.locked_s(now_ms + 1000), seconds - 1)
            self.assertEqual(lockout.locked_s(now_ms + 1000 * seconds - 1), 1)
            self.assertEqual(lockout.locked_s(now_ms + 1000 * seconds), 0)
            now_ms += 1000 * seconds

    def test_success_forgets_all(self):
        lockout = Lockout()
        for _ in range(3):
            lockout.fail(1000)
        lockout.succeed()
        self.assertEqual(lockout.locked_s(1001), 0)
        lockout.fail(2000)
        self.assertEqual(lockout.locked_s(2000), 60)

    def test_a_restart_begins_a_wait_anew_in_full(self):
        lockout = Lockout()
        lockout.fail(1_000_000)
        kept = lockout.encode(1_059_999)
        again = Lockout.decode(kept, 0)
        self.assertEqual(again.locked_s(0), 60)
        for _ in range(2):
            again.fail(0)
        self.assertEqual(Lockout.decode(again.encode(0), 7).locked_s(7), 600)

    def test_a_restart_after_the_wait_counts_on_without_a_wait(self):
        lockout = Lockout()
        lockout.fail(0)
        lockout.fail(0)
        again = Lockout.decode(lockout.encode(60_000), 5)
        self.assertEqual(again.locked_s(5), 0)
        again.fail(5)
        self.assertEqual(again.locked_s(5), 600)

    def test_more_failures_than_a_byte_counts_stay_long(self):
        lockout = Lockout()
        for _ in range(300):
            lockout.fail(0)
        self.assertEqual(Lockout.decode(lockout.encode(0), 0).locked_s(0), 600)

    def test_what_is_no_lockout_is_refused(self):
        good = Lockout().encode(0)
        self.assertEqual(Lockout.decode(good, 0).failures, 0)
        for kept in (b"", good[:-1], good + b"\0", b"\0\0\0", b"\2\1\1", b"\1\1\2", b"\1\0\1"):
            try:
                Lockout.decode(kept, 0)
            except PairingError as error:
                self.assertEqual(error.code, errors.MALFORMED)
            else:
                self.fail(kept)


if __name__ == "__main__":
    unittest.main()

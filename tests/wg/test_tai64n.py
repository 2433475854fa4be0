import unittest

from wg import tai64n

MINUTE = 60


class Saved:
    """What a store keeps over a restart."""

    def __init__(self):
        self.floor = None
        self.writes = 0
        self.broken = False

    def save(self, floor):
        if self.broken:
            raise OSError(28)
        self.floor = floor
        self.writes += 1


class Clock:
    def __init__(self, seconds):
        self.seconds = seconds
        self.nanoseconds = 0

    def __call__(self):
        return self.seconds, self.nanoseconds


class EncodingTest(unittest.TestCase):
    def test_a_timestamp_is_the_tai64n_label_of_its_time(self):
        # Seconds are counted from 2^62, which is 1970 in TAI, then 10 s ahead of UTC.
        self.assertEqual(tai64n.encode(0).hex(), "400000000000000a00000000")
        self.assertEqual(
            tai64n.encode(946684768 * tai64n.SECOND + 5).hex(), "40000000386d436a00000005"
        )

    def test_decoding_reverses_encoding(self):
        for time in (0, 1, 1_700_000_000_999_999_999, (1 << 40) * tai64n.SECOND):
            with self.subTest(str(time)):
                self.assertEqual(tai64n.decode(tai64n.encode(time)), time)

    def test_bytes_that_are_no_timestamp_are_refused(self):
        for data in (b"", bytes(11), bytes(13), bytes(12), b"\xff" * 12):
            with self.subTest(str(data)):
                with self.assertRaises(ValueError):
                    tai64n.decode(data)


class TimestampsTest(unittest.TestCase):
    def test_timestamps_rise_while_the_clock_stands_still(self):
        timestamps = tai64n.Timestamps(Clock(1_700_000_000), None, Saved().save)
        last = bytes(12)
        for _ in range(200):
            now = timestamps.next()
            self.assertTrue(now > last)
            last = now

    def test_timestamps_rise_when_the_clock_goes_back(self):
        clock = Clock(1_700_000_000)
        timestamps = tai64n.Timestamps(clock, None, Saved().save)
        first = timestamps.next()
        clock.seconds = 0
        self.assertTrue(timestamps.next() > first)

    def test_timestamps_follow_a_clock_that_is_ahead_and_show_little_of_it(self):
        clock = Clock(1_700_000_000)
        timestamps = tai64n.Timestamps(clock, None, Saved().save)
        timestamps.next()
        clock.seconds += 5
        clock.nanoseconds = 123_456_789
        time = tai64n.decode(timestamps.next())
        exact = clock.seconds * tai64n.SECOND + clock.nanoseconds
        self.assertTrue(exact - tai64n.STEP < time <= exact)
        self.assertEqual(time % tai64n.STEP, 0)

    def test_timestamps_rise_over_restarts_without_a_clock(self):
        saved = Saved()
        last = bytes(12)
        for _ in range(5):
            timestamps = tai64n.Timestamps(Clock(0), saved.floor, saved.save)
            for _ in range(3):
                now = timestamps.next()
                self.assertTrue(now > last)
                last = now

    def test_the_floor_is_saved_before_anything_above_it_is_handed_out(self):
        saved = Saved()
        timestamps = tai64n.Timestamps(Clock(1_700_000_000), None, saved.save)
        for _ in range(3):
            self.assertTrue(timestamps.next() <= saved.floor)

    def test_a_time_that_was_told_is_a_floor_that_lasts(self):
        saved = Saved()
        tai64n.Timestamps(Clock(0), None, saved.save).not_before(2_000_000_000)
        again = tai64n.Timestamps(Clock(0), saved.floor, saved.save)
        self.assertTrue(tai64n.decode(again.next()) > 2_000_000_000 * tai64n.SECOND)

    def test_an_older_time_that_was_told_changes_nothing(self):
        saved = Saved()
        floor = tai64n.encode(2_000_000_000 * tai64n.SECOND)
        timestamps = tai64n.Timestamps(Clock(0), floor, saved.save)
        timestamps.not_before(1_000_000_000)
        self.assertEqual(saved.writes, 0)
        self.assertTrue(timestamps.next() > floor)

    def test_nothing_is_handed_out_when_the_floor_cannot_be_saved(self):
        saved = Saved()
        saved.broken = True
        timestamps = tai64n.Timestamps(Clock(1_700_000_000), None, saved.save)
        with self.assertRaises(OSError):
            timestamps.next()
        saved.broken = False
        self.assertTrue(timestamps.next() <= saved.floor)

    def test_saves_are_rare(self):
        saved = Saved()
        clock = Clock(1_700_000_000)
        timestamps = tai64n.Timestamps(clock, None, saved.save)
        for _ in range(60):
            timestamps.next()
            clock.seconds += 2 * MINUTE
        self.assertTrue(saved.writes <= 10)


if __name__ == "__main__":
    unittest.main()

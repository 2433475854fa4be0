import os
import tempfile
import unittest

from box import store
from wg import tai64n

FLOOR = tai64n.encode(1_700_000_000_000_000_005)


class TimestampStoreTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.place = self.folder.name + "/lib/undertow"
        self.said = []

    def store(self):
        return store.TimestampStore("wg0", self.log, self.place)

    def log(self, level, text):
        self.said.append((level, text))

    def write(self, text):
        self.store().save(FLOOR)
        with open(self.place + "/wg0.timestamp", "w") as file:
            file.write(text)

    def test_a_floor_is_read_back(self):
        self.assertEqual(self.store().load(), None)
        self.store().save(FLOOR)
        self.assertEqual(self.store().load(), FLOOR)
        self.assertEqual(self.said, [])

    def test_saving_leaves_one_file(self):
        self.store().save(FLOOR)
        self.store().save(FLOOR)
        self.assertEqual(os.listdir(self.place), ["wg0.timestamp"])

    def test_a_broken_file_is_told_and_ignored(self):
        for text in ("", "hello", "00" * 12, "40" * 11, "zz" * 12, "4" * 23, "\xff" * 30):
            self.said.clear()
            self.write(text)
            self.assertEqual(self.store().load(), None, text)
            self.assertEqual([level for level, _ in self.said], ["warning"])

    def test_a_file_that_cannot_be_written_is_told_once(self):
        with open(self.folder.name + "/lib", "w"):
            pass  # a file where the folder should be
        written = self.store()
        written.save(FLOOR)
        written.save(FLOOR)
        self.assertEqual(len(self.said), 1)


if __name__ == "__main__":
    unittest.main()

import os
import unittest

from box import record, store
from tests.support.flash import Flash, Folder, PowerCutError, has_littlefs, mount, unmount

from wg import tai64n

FLOOR = tai64n.encode(1_700_000_000_000_000_005)


def sealed(floor):
    data = bytearray(record.OVERHEAD) + floor
    record.seal(data, store.KIND, store.VERSION)
    return data


class TimestampStoreTest(unittest.TestCase):
    def setUp(self):
        self.folder = Folder()
        self.addCleanup(self.folder.close)
        self.place = self.folder.path + "/lib/undertow"
        self.said = []

    def store(self):
        return store.TimestampStore("wg0", self.log, self.place)

    def log(self, level, text):
        self.said.append((level, text))

    def write(self, data):
        self.store().save(FLOOR)
        with open(self.place + "/wg0.timestamp", "wb") as file:
            file.write(data)

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
        for data in (
            b"",
            b"hello",
            bytes(60),
            sealed(bytes(12)),
            sealed(FLOOR + b"x"),
            sealed(b""),
        ):
            self.said.clear()
            self.write(data)
            self.assertEqual(self.store().load(), None, data)
            self.assertEqual([level for level, _ in self.said], ["warning"])

    def test_a_single_wrong_bit_is_noticed(self):
        # Else one that is set could put the floor a million years ahead.
        for position in range(len(sealed(FLOOR))):
            data = sealed(FLOOR)
            data[position] ^= 1 << position % 8
            self.write(data)
            self.assertEqual(self.store().load(), None)

    def test_a_file_that_cannot_be_written_is_told_once(self):
        with open(self.folder.path + "/lib", "w"):
            pass  # a file where the folder should be
        written = self.store()
        written.save(FLOOR)
        written.save(FLOOR)
        self.assertEqual(len(self.said), 1)


@unittest.skipUnless(has_littlefs(), "this interpreter has no LittleFS")
class PowerCutTest(unittest.TestCase):
    def test_a_cut_while_the_floor_is_written_leaves_the_old_or_the_new_one(self):
        later = tai64n.encode(1_700_000_900_000_000_005)
        flash = Flash()
        self.store_on(flash).save(FLOOR)
        unmount()
        number = 0
        while True:
            tried = flash.copy()
            tried.cut_after, tried.torn = number, number % 17
            written = self.store_on(tried)
            try:
                written.save(later)
            except PowerCutError:
                unmount()
            else:
                unmount()
                break
            self.assertIn(self.store_on(tried.copy()).load(), (FLOOR, later))
            unmount()
            number += 1
        self.assertGreater(number, 1)

    def store_on(self, flash):
        return store.TimestampStore("tunnel", self.fail, mount(flash))


if __name__ == "__main__":
    unittest.main()

import sys
import unittest

from tests.support.flash import Flash, has_littlefs, unmount

BLOCKS = 16
SECRET = b"a secret that must go"


class Board:
    """The part of _board that matters here. device: None stands for a machine without a disk."""

    device = None

    def Flash(self):  # noqa: N802 -- a class of the module
        if Board.device is None:
            raise OSError(19)
        return Board.device

    def feed(self):
        pass


class FlashTest(unittest.TestCase):
    def setUp(self):
        if not has_littlefs():
            self.skipTest("this Python has no LittleFS")
        sys.modules.setdefault("_board", Board())
        from box import flash

        self.flash = flash
        Board.device = Flash(BLOCKS)
        self.addCleanup(self.away)

    def away(self):
        try:
            unmount()
        except OSError:
            pass

    def keep(self, data=SECRET * 300):
        with open("/flash/file", "wb") as file:
            file.write(data)

    def kept(self):
        with open("/flash/file", "rb") as file:
            return file.read()

    def test_a_new_disk_gets_a_file_system_and_keeps_files(self):
        self.assertEqual(self.flash.mount(), None)
        self.keep()
        unmount()
        self.assertEqual(self.flash.mount(), None)
        self.assertEqual(self.kept(), SECRET * 300)

    def test_a_file_system_that_was_begun_and_not_ended_is_begun_anew(self):
        Board.device.content[0:4096] = b"\x5a" * 4096
        self.assertEqual(self.flash.mount(), None)
        self.keep()

    def test_a_file_system_that_cannot_be_read_is_told_and_not_touched(self):
        self.flash.mount()
        self.keep()
        unmount()
        Board.device.content[0:8192] = b"\x5a" * 8192
        before = bytes(Board.device.content)
        problem = self.flash.mount()
        self.assertEqual(problem[1], "its file system cannot be read")
        self.assertEqual(bytes(Board.device.content), before)

    def test_without_a_disk_the_box_says_so(self):
        Board.device = None
        self.assertTrue("no disk" in self.flash.mount()[1])

    def test_erasing_leaves_nothing_behind_and_a_disk_that_works(self):
        self.flash.mount()
        self.keep()
        self.assertTrue(SECRET in bytes(Board.device.content))
        self.flash.erase()
        self.assertFalse(SECRET in bytes(Board.device.content))
        self.keep(b"new")
        self.assertEqual(self.kept(), b"new")

    def test_what_cannot_be_read_can_be_erased(self):
        Board.device.content[:] = b"\x5a" * len(Board.device.content)
        self.assertTrue(self.flash.mount() is not None)
        self.flash.erase()
        self.keep(b"new")


if __name__ == "__main__":
    unittest.main()

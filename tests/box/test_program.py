import sys
import types
import unittest

from tests.support.board import Machine, World, load

sys.modules.setdefault("vfs", types.ModuleType("vfs"))
load(Machine(World()))  # before what imports its modules

from box import program  # noqa: E402


class Crashed(Machine):
    """A machine that has crashed so often in a row."""

    def __init__(self, crashes):
        super().__init__(World())
        self.count = crashes

    def crashes(self):
        return self.count

    def last_words(self):
        return "undertow: a processor fault"

    def console_read(self, buffer):
        return 0

    def console_write(self, data):
        return len(data)


class ProgramTest(unittest.TestCase):
    def setUp(self):
        self.done = []
        for owner, name, word in (
            (program.flash, "mount", "flash"),
            (program.Program, "serve", "all"),
            (program.Program, "serve_console_only", "console"),
        ):
            self.addCleanup(setattr, owner, name, getattr(owner, name))
            setattr(owner, name, lambda *_, word=word: self.done.append(word))

    def start(self, crashes):
        self.done.clear()
        load(Crashed(crashes))
        program.run()
        return self.done

    def test_the_more_it_crashes_the_less_it_tries(self):
        self.assertEqual(self.start(0), ["flash", "all"])
        self.assertEqual(self.start(2), ["flash", "all"])
        self.assertEqual(self.start(3), ["flash", "console"])
        self.assertEqual(self.start(5), ["flash", "console"])
        self.assertEqual(self.start(6), ["console"])


if __name__ == "__main__":
    unittest.main()

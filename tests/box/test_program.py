import sys
import types
import unittest

from tests.support.board import Machine, World, load

sys.modules.setdefault("vfs", types.ModuleType("vfs"))
load(Machine(World()))  # before what imports its modules

from box import board, program  # noqa: E402
from box.log_ring import LogRing  # noqa: E402


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


class Heap:
    """MicroPython's gc, of which CPython has another."""

    def collect(self):
        pass

    def threshold(self, _):
        pass


class ServeTest(unittest.TestCase):
    def test_the_first_question_is_answered_by_the_settings(self):
        self.addCleanup(setattr, program, "gc", program.gc)
        program.gc = Heap()
        self.addCleanup(setattr, board.Board, "run", board.Board.run)
        told = []
        board.Board.run = lambda _: told.append(served._status()["problem"])
        served = program.Program(LogRing(lambda: 1), ("the flash", "it is broken", "Wipe it."))
        served.serve()
        self.assertEqual([problem["why"] for problem in told], ["it is broken"])


if __name__ == "__main__":
    unittest.main()

import sys
import types
import unittest

from box.port import CLOSED, CONNECTING, SIGNING_IN, TROUBLE, UNVERIFIED, UP, Port
from tests.support.board import Machine, World, load

sys.modules.setdefault("vfs", types.ModuleType("vfs"))
load(Machine(World()))  # before what imports its modules

from box import program  # noqa: E402
from box.log_ring import LogRing  # noqa: E402


class Whole:
    """A box, as far as its light asks."""

    def __init__(self, is_open):
        self.sign_in = self
        self.is_open = lambda: is_open


class _Port(Port):
    """One that says what it was asked for."""

    def __init__(self, log):
        super().__init__(log)
        self.done = []
        self.is_asked_for = lambda: True

    def erase(self):
        self.done.append("port")


class PortTest(unittest.TestCase):
    def setUp(self):
        machine = Machine(World())
        machine.console_read = lambda buffer: 0
        machine.console_write = len
        load(machine)
        self.port = _Port(lambda level, text: None)
        self.served = program.Program(LogRing(lambda: 1), None, self.port)

    def restore(self, owner, name, value):
        self.addCleanup(setattr, owner, name, getattr(owner, name))
        setattr(owner, name, value)

    def test_erasing_reaches_what_the_port_keeps(self):
        self.restore(program.flash, "erase", lambda: self.port.done.append("flash"))
        self.served._verbs._erase()
        self.assertEqual(self.port.done, ["flash", "port"])

    def test_who_pairs_is_asked_to_press_the_ports_button(self):
        self.assertTrue(self.served._verbs.is_asked_for())

    def test_the_state_lies_where_the_port_says(self):
        class Slots:
            def read(self, name, longest):
                raise OSError("from the port's slots")

        self.port.slots = Slots()
        served = program.Program(LogRing(lambda: 1), None, self.port)
        self.assertTrue(served._store.load().is_blank)
        self.assertIn("from the port's slots", served._store.problem[1])

    def test_its_light_tells_how_the_box_does(self):
        for tunnel, trouble, is_verified, condition in (
            ("closed", None, False, CLOSED),
            ("closed", ("the box", "is broken", "Mend it."), False, TROUBLE),
            ("waiting", None, True, CONNECTING),
            ("connecting", ("the uplink", "there is no link", "Plug it in."), True, TROUBLE),
            ("connecting", None, True, CONNECTING),
            ("up", None, True, UP),
            ("idle", None, True, UP),
            ("up", None, False, UNVERIFIED),
        ):
            self.served._board = Whole(is_open=False)
            self.served._is_verified = is_verified
            self.restore(program, "tunnel_state", lambda board, tunnel=tunnel: tunnel)
            self.restore(program, "problem", lambda board, trouble=trouble: trouble)
            self.assertEqual(self.served._condition(), condition)
        self.served._board = Whole(is_open=True)
        self.assertEqual(self.served._condition(), SIGNING_IN)
        self.served._board = None
        self.assertEqual(self.served._condition(), TROUBLE)


if __name__ == "__main__":
    unittest.main()

"""Looking up names inside undertow-unix, with name servers that stay silent or answer.

test_resolver.py runs this file; CPython has no such modules.
"""

import socket
import unittest

import _datapath
from _wg import Gate, Tunnel
from linux import resolver
from linux.control import HostControl
from linux.resolver import SEARCHES_MAX, Resolver

NAMES = 100
ADDRESS = bytes((192, 0, 2, 7))


class Marks:
    fwmark = 0


class NoDevice:
    """Whatever else the loop looks after."""

    def poll(self, now_ms):
        return None


class Server:
    """A name server on loopback that answers when it is told to."""

    def __init__(self):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        port = 20000
        while True:
            try:
                self.socket.bind(socket.getaddrinfo("127.0.0.1", port)[0][-1])
                break
            except OSError:
                port += 1
        resolver.PORT = port
        self.socket.setblocking(False)

    def answer(self):
        """One address for each question that came; how many there were."""
        count = 0
        while True:
            try:
                question, source = self.socket.recvfrom(512)
            except OSError:
                return count
            head = question[:2] + b"\x81\x80\x00\x01\x00\x01\x00\x00\x00\x00"
            record = b"\xc0\x0c\x00\x01\x00\x01\x00\x00\x00\x3c\x00\x04" + ADDRESS
            self.socket.sendto(head + question[12:] + record, source)
            count += 1


class ResolverTest(unittest.TestCase):
    def setUp(self):
        self.path = _datapath.Path(Tunnel(1, 1, 1, 1500, 1420), Gate())
        self.lines = []
        self.control = HostControl(NoDevice(), self.path, self.log)
        self.resolver = Resolver(self.control, Marks())
        self.found = []

    def tearDown(self):
        self.path.close()

    def log(self, level, text):
        self.lines.append(text)

    def ask(self):
        for i in range(NAMES):
            self.resolver.ask(f"n{i}.example", self.found.append)

    def test_more_names_than_the_loop_can_watch_are_asked_for_in_turn(self):
        server = Server()
        self.resolver.servers = ["127.0.0.1"]
        self.ask()
        while self.resolver.running:
            count = server.answer()
            self.assertTrue(0 < count <= SEARCHES_MAX)
            self.control.step()
        self.assertEqual(self.found, [ADDRESS] * NAMES)
        server.socket.close()

    def test_without_a_network_every_name_is_tried_once_and_told(self):
        self.resolver.servers = ["255.255.255.255"]  # nobody may send there
        self.ask()
        told = [line for line in self.lines if line.startswith("cannot find")]
        self.assertEqual(len(told), NAMES)
        self.assertEqual(self.found, [None] * NAMES)
        self.assertEqual(self.resolver.running, 0)

    def test_a_descriptor_that_cannot_be_watched_can_still_be_unwatched(self):
        sockets = []
        with self.assertRaises(OSError):
            for _ in range(NAMES):
                sockets.append(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
                self.control.watch(sockets[-1].fileno(), None)
        for each in sockets:
            self.control.unwatch(each.fileno())
            each.close()


if __name__ == "__main__":
    unittest.main()

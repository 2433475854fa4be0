"""Messages of the service inside, in undertow-unix: each is one, however many are waiting.

test_inside.py runs this file; CPython has no such modules.
"""

import socket
import unittest

from linux.inside import Inside

LOOPBACK = bytes((127, 0, 0, 1))


class Files:
    """Whatever watches descriptors."""

    def watch(self, descriptor, action):
        pass

    def unwatch(self, descriptor):
        pass


class InsideTest(unittest.TestCase):
    def setUp(self):
        self.service = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.port = 21000
        while True:
            try:
                self.service.bind(socket.getaddrinfo("127.0.0.1", self.port)[0][-1])
                break
            except OSError:
                self.port += 1
        self.inside = Inside("lo", Files(), 1)
        self.inside.set(self.port + 1000, LOOPBACK, self.port)

    def tearDown(self):
        self.inside.close()
        self.service.close()

    def answer(self, *messages):
        """Let the service say these to who spoke last."""
        self.assertEqual(self.inside.send(b"hello"), 0)
        _, source = self.service.recvfrom(100)
        for message in messages:
            self.service.sendto(message, source)

    def test_messages_that_wait_together_are_read_one_by_one(self):
        sent = [bytes([number]) * (1400 - 100 * number) for number in range(8)]
        self.answer(*sent)
        buffer = bytearray(1472)
        for message in sent:
            self.assertEqual(self.inside.receive(buffer), len(message))
            self.assertEqual(buffer[: len(message)], message)
        self.assertIsNone(self.inside.receive(buffer))
        self.assertEqual(len(buffer), 1472)

    def test_who_is_spoken_with_no_more_is_not_heard(self):
        self.answer(b"late")
        self.inside.set(0, None, 0)
        self.assertIsNone(self.inside.receive(bytearray(100)))
        self.assertEqual(self.inside.send(b"hello"), 107)


if __name__ == "__main__":
    unittest.main()

"""Streams that are handed over, inside undertow-unix: what is taken, refused, ended and told.

test_adopter.py runs this file; CPython has no such modules.
"""

import unittest

from linux import adopter, opening
from linux.adopter import (
    END_HERE,
    END_PROTOCOL,
    END_TIMEOUT,
    LOOK_EVERY_MS,
    PATIENCE_MS,
    SILENT_MS,
    SILENT_TCP_MS,
    Adopter,
)
from tests.support.network import Pair

from wg import probe

ENDPOINT = bytes([4, 0, 80, 0, 0, 0, 0, 192, 0, 2, 9])


class System:
    """What the other process sends and hears."""

    def __init__(self):
        self.messages = []  # (bytes, descriptor); None: the other end is gone
        self.closed = []
        self.heard = []
        self.has_room = True

    def raise_file_limit(self):
        return 1000

    def receive(self, descriptor, buffer):
        if not self.messages:
            return None
        message = self.messages.pop(0)
        if message is None:
            return 0, -1
        buffer[: len(message[0])] = message[0]
        return len(message[0]), message[1]

    def send(self, descriptor, message):
        if self.has_room:
            self.heard.append(bytes(message))
        return self.has_room

    def close(self, descriptor):
        self.closed.append(descriptor)


class Box:
    """Box, control, streams and path in one: as much of them as is asked for here."""

    WAKE_STREAM = 32

    def __init__(self):
        self.control = self.streams = self.path = self
        self.files = {}
        self.due = []
        self.taken = []
        self.changed = []
        self.ended = {}
        self.proven = set()
        self.is_full = False
        self.stopped = ""
        self.ms = 0
        self.heard_ms = {}

    device = None

    def log(self, level, text):
        pass

    def watch(self, descriptor, action):
        self.files[descriptor] = action

    def unwatch(self, descriptor):
        self.files.pop(descriptor)

    def on_wake(self, bits, action):
        self.look = action

    def after(self, wait_ms, action):
        self.due.append((wait_ms, action))

    def now_ms(self):
        return self.ms

    def outer(self, number):
        return self.taken[number - 1][3:]

    def stream_heard_ms(self, number):
        return self.heard_ms.get(number, 0)

    def pass_time(self, ms):
        """Have everything done that is due until then."""
        end_ms = self.ms + ms
        while self.due and self.ms + self.due[0][0] <= end_ms:
            wait_ms, action = self.due.pop(0)
            self.ms += wait_ms
            action()
        self.ms = end_ms

    def stop(self, reason):
        self.stopped = reason

    def adopt(self, descriptor, framing, rest, kind, outer):
        if self.is_full:
            raise OSError(28)
        self.taken.append((descriptor, framing, rest, kind, outer))
        return len(self.taken)

    def close(self, number):
        self.ended.pop(number, None)

    def has_ended(self, number):
        return number in self.ended

    def stream_end(self, number):
        return self.ended[number]

    def stream_is_proven(self, number):
        return number in self.proven

    def next_stream(self):
        return self.changed.pop(0) if self.changed else 0

    def end(self, number, why):
        self.ended[number] = why
        self.changed.append(number)
        self.look()


class TestAdopter(unittest.TestCase):
    def setUp(self):
        self.real = adopter._system
        self.system = adopter._system = System()
        self.box = Box()
        self.adopter = Adopter(self.box)

    def tearDown(self):
        adopter._system = self.real

    def give(self, message, descriptor=7):
        self.system.messages.append((message, descriptor))
        self.box.files[0]()

    def head(self, token, framing=3, kind=3, endpoint=ENDPOINT):
        return bytes([framing, kind]) + token + bytes([len(endpoint)]) + endpoint

    def test_a_stream_is_taken_with_what_was_read_and_its_descriptor_closed(self):
        self.give(self.head(b"abcd") + b"rest")
        self.assertEqual(self.box.taken, [(7, 3, b"rest", 3, ENDPOINT)])
        self.give(self.head(b"abce", 1, 1, b""), 8)
        self.assertEqual(self.box.taken[1], (8, 1, b"", 1, b""))
        self.assertEqual(self.system.closed, [7, 8])
        self.assertEqual(self.system.heard, [])

    def test_a_message_that_is_none_is_refused_by_its_token(self):
        token = b"wxyz"
        whole = self.head(token)
        for message in (
            self.head(token, framing=2),
            self.head(token, kind=0),
            self.head(token, kind=4),
            whole[:-1],
            whole[:6] + b"\x05" + bytes(5),
        ):
            self.give(message)
            self.assertEqual(self.system.heard.pop(), token + bytes([END_PROTOCOL]))
        self.give(whole, -1)
        self.assertEqual(self.system.heard.pop(), token + bytes([END_PROTOCOL]))
        self.give(whole[:6])
        self.assertEqual(self.box.taken, [])
        self.assertEqual(self.system.closed, [7] * 6)
        # A question that the system had no descriptor left for.
        self.give(self.head(token, framing=0), -1)
        self.assertEqual(self.system.heard.pop(), token + bytes([END_PROTOCOL]))

    def test_a_question_is_answered_where_it_wants_and_nothing_is_taken(self):
        asked = []
        real = adopter.opening.is_new
        adopter.opening.is_new = lambda device, message: not asked.append(bytes(message))
        try:
            self.give(self.head(b"\0\0\0\0", 0, 0, b"") + b"initiation", 9)
        finally:
            adopter.opening.is_new = real
        self.assertEqual((asked, self.system.heard), ([b"initiation"], [b"\x01"]))
        self.assertEqual((self.box.taken, self.system.closed), ([], [9]))

    def test_one_too_many_is_told(self):
        self.box.is_full = True
        self.give(self.head(b"full"))
        self.assertEqual(self.system.heard, [b"full" + bytes([END_HERE])])

    def test_the_end_of_a_stream_is_told_once_and_when_there_is_room(self):
        self.give(self.head(b"aaaa"))
        self.give(self.head(b"bbbb"))
        self.system.has_room = False
        self.box.end(1, 5)
        self.box.end(2, 6)
        self.box.changed.append(1)
        self.box.look()
        self.assertEqual(self.system.heard, [])
        self.system.has_room = True
        self.box.due.pop()[1]()
        self.assertEqual(self.system.heard, [b"aaaa\x05", b"bbbb\x06"])

    def test_who_does_not_show_to_be_a_peer_is_shown_out(self):
        self.give(self.head(b"peer"))
        self.give(self.head(b"none"))
        self.box.proven.add(1)
        self.box.pass_time(PATIENCE_MS - LOOK_EVERY_MS)
        self.assertEqual(self.system.heard, [])
        self.box.pass_time(2 * LOOK_EVERY_MS)
        self.assertEqual(self.system.heard, [b"none" + bytes([END_TIMEOUT])])

    def test_thousands_of_streams_wait_for_one_call(self):
        for number in range(2000):
            self.give(self.head(number.to_bytes(4, "big")))
        self.assertEqual(len(self.box.due), 1)
        self.box.pass_time(PATIENCE_MS + LOOK_EVERY_MS)
        self.assertEqual(len(self.system.heard), 2000)
        self.assertEqual(self.box.due, [])
        self.give(self.head(b"next"))
        self.assertEqual(len(self.box.due), 1)

    def test_a_stream_whose_box_has_gone_another_way_ends_by_its_silence(self):
        """A proxy keeps it open. Bare frames, which have no pings, may be silent for longer."""
        self.give(self.head(b"talk"))
        self.give(self.head(b"gone"))
        self.give(self.head(b"bare", 1, 1))
        self.box.proven.update((1, 2, 3))
        for _ in range(11):
            self.box.pass_time(20_000)
            self.box.heard_ms[1] = self.box.ms
        self.assertEqual(self.system.heard, [b"gone" + bytes([END_TIMEOUT])])
        while self.box.ms < SILENT_TCP_MS - SILENT_MS:
            self.box.pass_time(20_000)
            self.box.heard_ms[1] = self.box.ms
        self.assertEqual(len(self.system.heard), 1)
        self.box.pass_time(SILENT_MS + 2 * LOOK_EVERY_MS)
        self.assertTrue(b"bare" + bytes([END_TIMEOUT]) in self.system.heard)

    def test_without_the_other_process_it_ends(self):
        self.system.messages.append(None)
        self.box.files[0]()
        self.assertTrue("nobody hands streams over" in self.box.stopped)
        self.assertEqual(self.box.files, {})


class TestOpening(unittest.TestCase):
    """What box and gateway have said in Pair's network, and what the gateway makes of it."""

    def setUp(self):
        self.pair = Pair()
        for node in (self.pair.box, self.pair.gateway):
            node.device.probe_key = probe.key_of(bytes(32))
        self.held = []
        self.pair.network.filter = lambda source, target, data: self.held.append(data)

    def is_new(self, message):
        return opening.is_new(self.pair.gateway.device, memoryview(bytearray(message)))

    def pass_on(self, message):
        self.pair.network.filter = None
        self.pair.network.inject(self.pair.box.address, self.pair.gateway.address, message)
        self.pair.run(100)

    def test_an_initiation_is_new_until_it_has_come(self):
        self.pair.to_gateway.initiate(self.pair.clock.ms)
        message = self.held[0]
        self.assertEqual([self.is_new(message) for _ in range(2)], [True, True])
        self.pass_on(message)
        self.assertFalse(self.is_new(message))

    def test_a_question_is_new_until_it_has_come(self):
        self.pair.box.device.ask(
            self.pair.to_gateway, self.pair.gateway.address, print, self.pair.clock.ms
        )
        message = self.held[0]
        self.assertTrue(self.is_new(message))
        self.pass_on(message)
        self.assertFalse(self.is_new(message))

    def test_what_is_of_no_peer_or_not_whole_is_not_new(self):
        self.pair.to_gateway.initiate(self.pair.clock.ms)
        message = self.held[0]
        for other in (b"", message[:-1], message + b"x", bytes(len(message))):
            self.assertFalse(self.is_new(other))
        for at in (8, 40, 88):  # the key in the clear, the key that is sealed, the timestamp
            self.assertFalse(self.is_new(message[:at] + b"\xff\0\xff" + message[at + 3 :]))
        self.pair.gateway.device.remove_peer(self.pair.to_box.public_key)
        self.assertFalse(self.is_new(message))
        self.pair.gateway.device.set_private_key(None)
        self.assertFalse(self.is_new(message))

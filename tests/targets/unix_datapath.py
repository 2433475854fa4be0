"""_datapath inside undertow-unix: arguments, sockets on loopback, and a handshake through them.

test_datapath.py runs this file; CPython has no such module.
"""

import unittest

import _datapath
from _wg import ERR_NO_KEY, NEXT, Gate, PrivateKey, Tunnel

from wg import endpoint
from wg.const import INITIATION_INTERVAL_MS
from wg.device import Device
from wg.tai64n import Timestamps

HANDSHAKE_LEN = 148


def random_bytes(length):
    buffer = bytearray(length)
    _datapath.fill_random(buffer)
    return bytes(buffer)


class End:
    """A device on sockets of its own, without an interface."""

    def __init__(self):
        self.tunnel = Tunnel(4, 8, 16, 1500, 1420)
        self.gate = Gate()
        self.path = _datapath.Path(self.tunnel, self.gate)
        self.port = self.path.bind(0)
        self.device = Device(
            self.tunnel,
            self.gate,
            self.path,
            _datapath.fill_random,
            Timestamps(_datapath.wall_clock, None, lambda floor: None),
            _datapath.wall_clock,
        )
        self.device.set_private_key(PrivateKey(random_bytes(32)))
        self.device.poll(_datapath.now_ms())
        self.peer = None

    def address(self):
        return endpoint.parse(f"127.0.0.1:{self.port}")

    def meet(self, other):
        self.peer = self.device.add_peer(other.device.public_key)
        self.peer.set_endpoint(other.address())

    def turn(self, timeout_ms=200):
        """Poll once and take one handshake; why it woke."""
        woken = self.path.poll(timeout_ms)
        message = bytearray(HANDSHAKE_LEN)
        taken = self.path.next_handshake(message)
        if taken is not None:
            length, source = taken
            self.device.receive_handshake(memoryview(message)[:length], source, _datapath.now_ms())
        self.device.poll(_datapath.now_ms())
        return woken

    def close(self):
        self.path.close()


class TestSystem(unittest.TestCase):
    def test_the_clock_rises_and_is_never_zero(self):
        before = _datapath.now_ms()
        self.assertTrue(0 < before <= _datapath.now_ms())

    def test_the_wall_clock_is_seconds_and_nanoseconds(self):
        seconds, nanoseconds = _datapath.wall_clock()
        self.assertTrue(seconds > 1700000000)
        self.assertTrue(0 <= nanoseconds < 1000000000)

    def test_random_bytes_fill_the_buffer_and_differ(self):
        self.assertNotEqual(random_bytes(32), random_bytes(32))
        _datapath.fill_random(bytearray(0))
        with self.assertRaises(TypeError):
            _datapath.fill_random(bytes(4))

    def test_the_mask_for_new_files_is_set_and_given_back(self):
        before = _datapath.set_umask(0o077)
        self.assertEqual(_datapath.set_umask(before), 0o077)
        with self.assertRaises(ValueError):
            _datapath.set_umask(-1)


class TestArguments(unittest.TestCase):
    def setUp(self):
        self.end = End()
        self.path = self.end.path

    def tearDown(self):
        self.end.close()

    def test_only_a_tunnel_and_a_gate_make_a_path(self):
        with self.assertRaises(TypeError):
            _datapath.Path(self.end.gate, self.end.tunnel)
        with self.assertRaises(TypeError):
            _datapath.Path(self.end.tunnel)

    def test_numbers_out_of_range_are_refused(self):
        for port in (-1, 65536):
            with self.assertRaises(ValueError):
                self.path.bind(port)
        for mark in (-1, 1 << 32):
            with self.assertRaises(ValueError):
                self.path.set_mark(mark)
        with self.assertRaises(ValueError):
            self.path.poll(-2)
        for number in (-1, 0, 4, 65535):
            for call in (self.path.keepalive, self.path.flush):
                with self.assertRaises(ValueError):
                    call(number)
            with self.assertRaises(ValueError):
                self.path.send_to_peer(number, b"x")

    def test_a_buffer_for_handshakes_has_their_length(self):
        for length in (0, 147, 149):
            with self.assertRaises(ValueError):
                self.path.next_handshake(bytearray(length))
        with self.assertRaises(TypeError):
            self.path.next_handshake(bytes(HANDSHAKE_LEN))

    def test_an_endpoint_must_be_one(self):
        for broken in (b"", b"\x04\0\1\0\0\0\0\x7f\0\0", b"\x05\0\1\0\0\0\0\x7f\0\0\1"):
            with self.assertRaises(ValueError):
                self.path.send(b"x", broken)

    def test_a_name_for_an_interface_must_fit(self):
        for name in ("", "sixteen-letters-"):
            with self.assertRaises(OSError):
                self.path.open_tun(name)

    def test_a_closed_path_says_so_and_can_be_closed_again(self):
        self.path.close()
        self.path.close()
        with self.assertRaises(OSError):
            self.path.poll(0)

    def test_a_path_whose_tunnel_was_wiped_moves_nothing(self):
        self.end.tunnel.wipe()
        with self.assertRaises(ValueError):
            self.path.poll(0)

    def test_an_interface_that_was_not_made_is_gone(self):
        self.assertEqual(self.path.interface_state(), (False, 0))


class TestSockets(unittest.TestCase):
    def setUp(self):
        self.ends = [End(), End()]
        self.ends[0].meet(self.ends[1])
        self.ends[1].meet(self.ends[0])

    def tearDown(self):
        for end in self.ends:
            end.close()

    def shake_hands(self):
        initiator, responder = self.ends
        initiator.peer.initiate(_datapath.now_ms())
        self.assertTrue(responder.turn() & _datapath.WAKE_HANDSHAKE)
        self.assertTrue(initiator.turn() & _datapath.WAKE_HANDSHAKE)
        responder.turn()

    def test_two_devices_shake_hands(self):
        self.shake_hands()
        for end in self.ends:
            self.assertTrue(end.peer.last_handshake[0] > 0)

    def test_all_that_a_responder_sends_leaves_from_the_address_that_is_spoken_to(self):
        initiator, responder = self.ends
        second = endpoint.parse(f"127.0.0.2:{responder.port}")
        initiator.peer.set_endpoint(second)
        self.shake_hands()
        self.assertEqual(initiator.peer.endpoint(), second)
        # The next handshake as far as the response, so that the responder sends with the old keys.
        initiator.path.poll(INITIATION_INTERVAL_MS + 5)
        initiator.peer.send_initiation(_datapath.now_ms())
        responder.turn()
        self.assertTrue(responder.tunnel.has_keypair(responder.peer.number, NEXT))
        before = initiator.tunnel.bytes(initiator.peer.number)[0]
        self.assertEqual(responder.path.keepalive(responder.peer.number), 0)
        for _ in range(50):
            if initiator.tunnel.bytes(initiator.peer.number)[0] == before + 32:
                break
            initiator.path.poll(20)
        self.assertEqual(initiator.tunnel.bytes(initiator.peer.number)[0], before + 32)
        self.assertEqual(initiator.peer.endpoint(), second)

    def test_a_keepalive_is_counted_at_the_other_end(self):
        number = self.ends[0].peer.number
        self.assertEqual(self.ends[0].path.keepalive(number), ERR_NO_KEY)
        self.shake_hands()
        there = self.ends[1].peer.number
        before = self.ends[1].tunnel.bytes(there)[0]
        self.assertEqual(self.ends[0].path.keepalive(number), 0)
        self.ends[1].path.poll(100)
        self.assertEqual(self.ends[1].tunnel.bytes(there)[0], before + 32)

    def test_the_counters_say_what_passed(self):
        self.shake_hands()
        initiator, responder = (end.path.counters() for end in self.ends)
        self.assertEqual(initiator["udp_tx"], responder["udp_rx"])
        self.assertEqual(responder["udp_tx"], initiator["udp_rx"])
        self.assertTrue(initiator["udp_tx"] >= 2)
        self.assertEqual(initiator["ring_full"], 0)

    def test_garbage_wakes_nobody(self):
        for datagram in (
            b"",
            b"\x01",
            bytes(148),
            b"\x01\0\0\0" + bytes(144),
            b"\x04\0\0\0" + bytes(60),
        ):
            self.assertEqual(self.ends[0].path.send(datagram, self.ends[1].address()), 0)
        self.assertEqual(self.ends[1].path.poll(50), 0)
        self.assertEqual(sum(self.ends[1].tunnel.drops()), 4)

    def test_what_the_network_refuses_is_a_number(self):
        self.assertNotEqual(self.ends[0].path.send(bytes(70000), self.ends[1].address()), 0)
        self.ends[0].path.unbind()
        self.assertNotEqual(self.ends[0].path.send(b"x", self.ends[1].address()), 0)

    def test_a_port_of_another_is_refused_and_ours_stays(self):
        with self.assertRaises(OSError):
            self.ends[0].path.bind(self.ends[1].port)
        self.shake_hands()

    def test_the_timeout_ends_a_poll(self):
        before = _datapath.now_ms()
        self.assertEqual(self.ends[0].path.poll(30), 0)
        self.assertTrue(_datapath.now_ms() - before >= 29)
        self.assertEqual(self.ends[0].path.signal(), 0)
        self.assertEqual(self.ends[0].path.ready(), [])

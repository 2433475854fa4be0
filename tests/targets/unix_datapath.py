"""_datapath inside undertow-unix: arguments, sockets on loopback, and a handshake through them.

test_datapath.py runs this file; CPython has no such module.
"""

import socket
import unittest

import _carrier
import _datapath
from _wg import ERR_NO_KEY, NEXT, Gate, PrivateKey, Shape, Tunnel

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

    def test_decoys_leave_as_they_are_and_mean_nothing(self):
        there = self.ends[1].address()
        self.assertEqual(self.ends[0].path.send_decoy(bytes(1280), there), 0)
        self.assertEqual(self.ends[1].path.poll(50), 0)
        self.assertEqual(self.ends[1].path.counters()["udp_rx"], 1)
        for datagram, to in ((bytes(1281), there), (b"x", endpoint.stream(1))):
            with self.assertRaises(ValueError):
                self.ends[0].path.send_decoy(datagram, to)

    def test_further_ports_answer_and_those_that_cannot_be_had_are_told(self):
        initiator, responder = self.ends
        probe = responder.path.bind(0)  # one that is free, as the first of another turn
        second = responder.port
        responder.port = probe
        refused = responder.path.also_bind((second, initiator.port))
        self.assertEqual(refused, ((initiator.port, 98),))
        asked = endpoint.parse(f"127.0.0.1:{second}")
        initiator.peer.set_endpoint(asked)
        self.shake_hands()
        self.assertEqual(initiator.peer.endpoint(), asked)
        for ports in ((0,), (65536,), (7000, 7000), tuple(range(7000, 7016))):
            with self.assertRaises(ValueError):
                responder.path.also_bind(ports)

    def test_two_devices_shake_hands_in_a_shape(self):
        types = (1, 1, 2, 2, 3, 3, 4, 4)
        for end in self.ends:
            key, seed = bytearray(b"k" * 32), bytearray(random_bytes(32))
            end.path.set_shape(Shape((16, 16, 16, 16), types, key, seed))
            end.device.types = types
        there = endpoint.with_shape(self.ends[1].address(), 1)
        self.ends[0].peer.set_endpoint(there)
        self.shake_hands()
        self.assertEqual(self.ends[0].peer.endpoint(), there)
        self.assertEqual(endpoint.shape(self.ends[1].peer.endpoint()), 1)
        with self.assertRaises(TypeError):
            self.ends[0].path.set_shape(self.ends[0].gate)
        self.ends[0].path.set_shape(None)


class TestStreams(unittest.TestCase):
    def setUp(self):
        self.ends = [End(), End()]
        self.listener = socket.socket()
        self.listener.setsockopt(1, 2, 1)
        self.listener.bind(socket.getaddrinfo("127.0.0.1", 0)[0][-1])
        self.listener.listen(4)
        self.port = self._port()

    def _port(self):
        # MicroPython's sockets do not say which one they have.
        for port in range(29000, 29500):
            other = socket.socket()
            try:
                other.bind(socket.getaddrinfo("127.0.0.1", port)[0][-1])
                other.listen(4)
            except OSError:
                other.close()
                continue
            self.listener.close()
            self.listener = other
            return port
        raise OSError

    def tearDown(self):
        self.listener.close()
        for end in self.ends:
            end.close()

    def opened(self):
        """A stream of the first end that is connected, and the socket at its other end."""
        path = self.ends[0].path
        number = path.stream_open(bytes([127, 0, 0, 1]), self.port)
        there, _ = self.listener.accept()
        self.assertTrue(path.poll(1000) & _datapath.WAKE_STREAM)
        self.assertEqual(path.next_stream(), number)
        self.assertEqual(path.stream_state(number), _carrier.STREAM_OPEN)
        return number, there

    def test_bytes_flow_and_then_frames_and_the_tunnel_in_them(self):
        path, other = self.ends[0].path, self.ends[1].path
        number, there = self.opened()
        self.assertEqual(path.stream_write(number, b"hello"), 5)
        self.assertEqual(there.recv(10), b"hello")
        there.send(b"there")
        self.assertTrue(path.poll(1000) & _datapath.WAKE_STREAM)
        buffer = bytearray(10)
        self.assertEqual(path.stream_read(number, buffer), 5)
        self.assertEqual(path.stream_read(number, buffer), 0)
        path.stream_carry(number, _carrier.FRAMING_WEBSOCKET_CLIENT)
        adopted = other.adopt(there.fileno(), _carrier.FRAMING_WEBSOCKET_SERVER)
        there.close()
        self.assertEqual(other.stream_state(adopted), _carrier.STREAM_CARRYING)
        for end, to in ((self.ends[0], number), (self.ends[1], adopted)):
            end.peer = end.device.add_peer(self.ends[end is self.ends[0]].device.public_key)
            end.peer.set_endpoint(endpoint.stream(to))
        self.ends[0].peer.initiate(_datapath.now_ms())
        for end in (self.ends[1], self.ends[0]):
            self.assertTrue(end.turn(1000) & _datapath.WAKE_HANDSHAKE)
        self.ends[1].turn()
        self.assertTrue(self.ends[0].peer.last_handshake[0] > 0)
        self.assertTrue(other.stream_is_proven(adopted))
        self.assertTrue(other.stream_heard_ms(adopted) <= _datapath.now_ms())
        path.stream_ping(number)
        other.poll(50)
        path.poll(50)  # the pong: who closes with something unread cuts the connection off
        self.assertEqual(path.stream_end(number), 0)
        path.stream_close(number)
        self.assertTrue(other.poll(1000) & _datapath.WAKE_STREAM)
        self.assertEqual(other.next_stream(), adopted)
        self.assertEqual(other.stream_end(adopted), _carrier.END_CLOSED)

    def test_what_a_server_that_speaks_no_tls_says_ends_the_handshake(self):
        path = self.ends[0].path
        number, there = self.opened()
        path.stream_secure(number, "home.example.org", bytes(32))
        self.assertEqual(path.stream_state(number), _carrier.STREAM_SECURING)
        self.assertEqual(there.recv(1), b"\x16")
        there.send(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        self.assertTrue(path.poll(1000) & _datapath.WAKE_STREAM)
        self.assertEqual(path.stream_end(number), _carrier.END_TLS)
        there.close()

    def test_nobody_listening_is_told(self):
        path = self.ends[0].path
        self.listener.close()
        number = path.stream_open(bytes([127, 0, 0, 1]), self.port)
        path.poll(1000)
        self.assertEqual(path.stream_end(number), _carrier.END_REFUSED)

    def test_arguments_that_cannot_be_are_refused(self):
        path = self.ends[0].path
        number, there = self.opened()
        for call in (path.stream_state, path.stream_end, path.stream_close, path.stream_ping):
            for wrong in (-1, 0, number + 1, 65536):
                with self.assertRaises(ValueError):
                    call(wrong)
        for address in (b"", bytes(5)):
            with self.assertRaises(ValueError):
                path.stream_open(address, 80)
        for framing in (0, 4):
            with self.assertRaises(ValueError):
                path.stream_carry(number, framing)
        for name, pin in (("a" * 254, bytes(32)), ("a", b""), ("a", bytes(31))):
            with self.assertRaises(ValueError):
                path.stream_secure(number, name, pin)
        with self.assertRaises(OSError):
            path.adopt(-1, _carrier.FRAMING_LENGTH)
        there.close()

import unittest

from _wg import Gate, PrivateKey, Tunnel

from wg import endpoint, uapi, uapi_carriers, uapi_request
from wg.allowedips import parse_prefix
from wg.device import Device
from wg.memory import MemoryPath
from wg.tai64n import Timestamps

PRIVATE = "e84b5a6d2717c1003a13b431570353dbaca9146cf150c5f8575680feba52027a"
PSK = "188515093e952f5f22e865cef3012e72f8b5f0b598ac0309d5dacce3b70fcf52"
PEER_A = "b85996fecc9c7f1fc6d2572a76eda11d59bcd20be8e543b15ce4bd85a8e75a33"
PEER_B = "58402e695ba1772b1cc9309755f043251ea77fdcf10fbe63989ceb7e19321376"
PEER_C = "662e14fd594556f522604703340351258903b64f35553763f19426ab2a515c58"
ZERO = "0" * 64

# The example of wireguard.com/xplatform, with our words for what it does not say.
EXAMPLE = (
    "set=1\n"
    "private_key=" + PRIVATE + "\n"
    "fwmark=0\n"
    "listen_port=12912\n"
    "replace_peers=true\n"
    "public_key=" + PEER_A + "\n"
    "preshared_key=" + PSK + "\n"
    "replace_allowed_ips=true\n"
    "allowed_ip=192.168.4.4/32\n"
    "endpoint=[abcd:23::33%2]:51820\n"
    "public_key=" + PEER_B + "\n"
    "replace_allowed_ips=true\n"
    "allowed_ip=192.168.4.6/32\n"
    "persistent_keepalive_interval=111\n"
    "endpoint=182.122.22.19:3233\n"
    "public_key=" + PEER_C + "\n"
    "endpoint=5.152.198.39:51820\n"
    "replace_allowed_ips=true\n"
    "allowed_ip=192.168.4.10/32\n"
    "allowed_ip=192.168.4.11/32\n"
    "protocol_version=1\n"
    "\n"
)


class Sockets:
    """Ports and marks of a host on which some ports are taken."""

    def __init__(self):
        self.listen_port = 0
        self.fwmark = 0
        self.taken = 443
        self.may_mark = True

    def set_listen_port(self, port):
        if port == self.taken:
            raise OSError(98, "in use")
        self.listen_port = port

    def set_fwmark(self, mark):
        if not self.may_mark:
            raise OSError(1, "not permitted")
        self.fwmark = mark


class Box:
    """A device that nothing is connected to, and a client of it."""

    def __init__(self, peers=4, prefixes=8):
        self.sent = []
        tunnel = Tunnel(peers, prefixes, 4, 1500, 1420)
        gate = Gate()
        path = MemoryPath(
            tunnel, gate, lambda datagram, to: self.sent.append(to), lambda p, n: None, self.now_ms
        )
        self.device = Device(
            tunnel,
            gate,
            path,
            self.fill_random,
            Timestamps(self.wall_clock, None, lambda floor: None),
            self.wall_clock,
        )
        path.attach(self.device)
        self.sockets = Sockets()
        self.configurator = uapi.Configurator(
            self.device, self.sockets, self.now_ms, peers, prefixes
        )
        self.random = 0

    def now_ms(self):
        return 1000

    def wall_clock(self):
        return (1700000000, 5)

    def fill_random(self, buffer):
        for i in range(len(buffer)):
            self.random = (self.random * 5 + 3) & 0xFFFF
            buffer[i] = self.random >> 8

    def ask(self, text):
        """The answer's text, from a session of its own."""
        session = uapi.Session(self.configurator.handle)
        return "".join([bytes(piece).decode() for piece in say(session, text)])

    def set(self, lines):
        return self.ask("set=1\n" + lines + "\n")

    def get(self):
        """The state as (interface settings, {public key: [(key, value)]})."""
        interface, peers, current = {}, {}, None
        for line in self.ask("get=1\n\n").split("\n"):
            key, _, value = line.partition("=")
            if key == "public_key":
                current = peers[value] = []
            elif key == "errno" or not key:
                continue
            elif current is None:
                interface[key] = value
            else:
                current.append((key, value))
        return interface, peers


def say(session, text):
    """The pieces of the answers."""
    data = text.encode()
    pieces = []
    while data:
        room = session.room()
        if not len(room):
            break
        count = min(len(room), len(data))
        room[:count] = data[:count]
        data = data[count:]
        session.received(count)
        while True:
            piece = session.piece()
            if piece is None:
                break
            pieces.append(piece)
    return pieces


class SetTest(unittest.TestCase):
    def test_the_published_example_is_carried_out(self):
        box = Box()
        self.assertEqual(box.ask(EXAMPLE), "errno=0\n\n")
        self.assertEqual(box.sockets.listen_port, 12912)
        self.assertEqual(len(box.device.peers), 3)
        peer = box.device.peers[from_hex(PEER_A)]
        self.assertEqual(endpoint.format(peer.endpoint()), "[abcd:23::33%2]:51820")
        self.assertTrue(peer.preshared_key is not None)
        self.assertEqual(peer.allowed(), [parse_prefix("192.168.4.4/32")])
        self.assertEqual(box.device.peers[from_hex(PEER_B)].keepalive_s, 111)

    def test_settings_that_are_not_named_stay(self):
        box = Box()
        box.ask(EXAMPLE)
        before = box.get()
        self.assertEqual(box.set("public_key=%s\n" % PEER_A), "errno=0\n\n")
        self.assertEqual(box.set(""), "errno=0\n\n")
        self.assertEqual(box.get(), before)

    def test_replace_peers_removes_all_others(self):
        box = Box()
        box.ask(EXAMPLE)
        box.set("replace_peers=true\npublic_key=%s\n" % PEER_C)
        self.assertEqual(list(box.device.peers), [from_hex(PEER_C)])
        self.assertEqual(box.device.peers[from_hex(PEER_C)].allowed(), [])

    def test_remove_removes_one_peer_and_an_unknown_one_is_no_error(self):
        box = Box()
        box.ask(EXAMPLE)
        for _ in range(2):
            self.assertEqual(box.set("public_key=%s\nremove=true\n" % PEER_A), "errno=0\n\n")
            self.assertEqual(len(box.device.peers), 2)

    def test_update_only_adds_no_peer(self):
        box = Box()
        lines = "public_key=%s\nupdate_only=true\npersistent_keepalive_interval=5\n" % PEER_A
        self.assertEqual(box.set(lines), "errno=0\n\n")
        self.assertEqual(len(box.device.peers), 0)
        box.set("public_key=%s\n" % PEER_A)
        box.set(lines)
        self.assertEqual(box.device.peers[from_hex(PEER_A)].keepalive_s, 5)

    def test_allowed_ips_are_added_replaced_and_taken_away(self):
        box = Box()
        head = "public_key=%s\n" % PEER_A
        box.set(head + "allowed_ip=10.0.0.0/8\nallowed_ip=fd00::/8\n")
        box.set(head + "allowed_ip=10.1.0.0/16\n")
        self.assertEqual(len(box.device.peers[from_hex(PEER_A)].allowed()), 3)
        box.set(head + "allowed_ip=-10.0.0.0/8\n")
        self.assertEqual(len(box.device.peers[from_hex(PEER_A)].allowed()), 2)
        box.set(head + "replace_allowed_ips=true\nallowed_ip=0.0.0.0/0\n")
        self.assertEqual(box.device.peers[from_hex(PEER_A)].allowed(), [(bytes(4), 0)])

    def test_an_allowed_ip_moves_to_the_peer_that_names_it_last(self):
        box = Box()
        box.set(
            "public_key=%s\nallowed_ip=10.0.0.0/8\npublic_key=%s\nallowed_ip=10.0.0.0/8\n"
            % (PEER_A, PEER_B)
        )
        self.assertEqual(box.device.peers[from_hex(PEER_A)].allowed(), [])
        self.assertEqual(len(box.device.peers[from_hex(PEER_B)].allowed()), 1)

    def test_zeros_remove_keys(self):
        box = Box()
        box.ask(EXAMPLE)
        box.set("private_key=%s\npublic_key=%s\npreshared_key=%s\n" % (ZERO, PEER_A, ZERO))
        self.assertEqual(box.device.private_key, None)
        self.assertEqual(box.device.peers[from_hex(PEER_A)].preshared_key, None)

    def test_the_own_key_never_becomes_a_peer(self):
        own = PrivateKey(PRIVATE.encode()).public()
        own_hex = to_hex(own)
        box = Box()
        box.set("private_key=%s\n" % PRIVATE)
        self.assertEqual(box.set("public_key=%s\n" % own_hex), "errno=0\n\n")
        self.assertEqual(len(box.device.peers), 0)
        box = Box()
        box.set("public_key=%s\n" % own_hex)
        self.assertEqual(len(box.device.peers), 1)
        box.set("private_key=%s\n" % PRIVATE)
        self.assertEqual(len(box.device.peers), 0)


class RefusalTest(unittest.TestCase):
    def assert_refused(self, box, request, errno):
        before = box.get()
        self.assertEqual(box.ask(request), "errno=-%d\n\n" % errno, request)
        self.assertEqual(box.get(), before, request)

    def test_one_broken_line_refuses_the_whole_request(self):
        box = Box()
        box.ask(EXAMPLE)
        good = "listen_port=1\nreplace_peers=true\npublic_key=%s\nremove=true\n" % PEER_A
        for line in (
            "colour=red",
            "listen_port=1",
            "persistent_keepalive_interval=65536",
            "persistent_keepalive_interval=off",
            "persistent_keepalive_interval=-1",
            "persistent_keepalive_interval=",
            "endpoint=example.com:1",
            "endpoint=10.0.0.1",
            "endpoint=10.0.0.1:0",
            "endpoint=fe80::1:1",
            "allowed_ip=10.0.0.0/33",
            "allowed_ip=--10.0.0.0/8",
            "allowed_ip=",
            "preshared_key=" + PSK[:-1],
            "preshared_key=" + PSK[:-1] + "g",
            "preshared_key=",
            "public_key=" + PEER_A + "00",
            "remove=yes",
            "update_only=1",
            "replace_allowed_ips=TRUE",
            "protocol_version=2",
        ):
            self.assert_refused(box, "set=1\n" + good + line + "\n\n", 22)
        for line in ("nonsense", "=", "=1", "Remove=true", " remove=true", "x" * 200):
            errno = 22 if line in ("=", "=1") else 71
            self.assert_refused(box, "set=1\n" + good + line + "\n\n", errno)
        for line in (
            "listen_port=65536",
            "listen_port=0x10",
            "fwmark=4294967296",
            "private_key=short",
            "replace_peers=false",
            "allowed_ip=10.0.0.0/8",
        ):
            self.assert_refused(box, "set=1\n" + line + "\n" + good + "\n", 22)

    def test_unknown_operations_are_refused(self):
        box = Box()
        for request in ("get=2\n\n", "set=2\n\n", "hello\n\n", "get=1\nset=1\n\n", "get=10\n\n"):
            self.assert_refused(box, request, 22)

    def test_a_taken_port_changes_nothing(self):
        box = Box()
        box.ask(EXAMPLE)
        self.assert_refused(box, "set=1\nlisten_port=443\nreplace_peers=true\n\n", 98)

    def test_a_mark_that_may_not_be_set_takes_the_port_back(self):
        box = Box()
        box.ask(EXAMPLE)
        box.sockets.may_mark = False
        self.assert_refused(box, "set=1\nlisten_port=1\nfwmark=7\nreplace_peers=true\n\n", 1)

    def test_more_than_there_is_room_for_changes_nothing(self):
        box = Box(peers=3, prefixes=4)
        box.ask(EXAMPLE)
        other = "11" * 32
        self.assert_refused(
            box,
            "set=1\nlisten_port=9\npublic_key=%s\nremove=true\n" % PEER_A
            + "public_key=%s\npublic_key=%s\n\n" % (PEER_A, other),
            12,
        )
        self.assert_refused(box, "set=1\npublic_key=%s\nallowed_ip=1.1.1.1/32\n\n" % PEER_A, 12)
        swap = "public_key=%s\nremove=true\npublic_key=%s\nallowed_ip=1.1.1.1/32\n" % (
            PEER_A,
            other,
        )
        self.assertEqual(box.set(swap), "errno=0\n\n")
        moved = "public_key=%s\nallowed_ip=192.168.4.6/32\n" % PEER_C
        self.assertEqual(box.set(moved), "errno=0\n\n")


class GetTest(unittest.TestCase):
    def test_a_peer_that_goes_while_the_answer_is_given_is_left_out(self):
        box = Box(peers=40, prefixes=8)
        box.set("".join(["public_key=%s\n" % ("%02x" % i * 32) for i in range(1, 41)]))
        pieces = box.configurator.state()
        next(pieces)
        box.set("replace_peers=true\n")
        rest = b"".join([bytes(piece) for piece in pieces])
        self.assertEqual(rest, b"errno=0\n\n")

    def test_a_fresh_interface_has_nothing_to_say(self):
        self.assertEqual(Box().ask("get=1\n\n"), "errno=0\n\n")

    def test_peers_are_told_in_full(self):
        box = Box()
        box.ask(EXAMPLE)
        _, peers = box.get()
        self.assertEqual(len(peers), 3)
        lines = peers[PEER_B]
        self.assertEqual(
            [key for key, _ in lines],
            [
                "preshared_key",
                "protocol_version",
                "endpoint",
                "last_handshake_time_sec",
                "last_handshake_time_nsec",
                "tx_bytes",
                "rx_bytes",
                "persistent_keepalive_interval",
                "allowed_ip",
            ],
        )
        told = dict(lines)
        self.assertEqual(told["preshared_key"], ZERO)
        self.assertEqual(told["endpoint"], "182.122.22.19:3233")
        self.assertEqual(told["persistent_keepalive_interval"], "111")
        self.assertEqual(told["allowed_ip"], "192.168.4.6/32")
        self.assertEqual(told["last_handshake_time_sec"], "0")

    @unittest.skipUnless(hasattr(PrivateKey, "export"), "this build of _wg exports no keys")
    def test_keys_are_told_as_they_were_set(self):
        box = Box()
        box.ask(EXAMPLE)
        interface, peers = box.get()
        self.assertEqual(interface["private_key"], PRIVATE)
        self.assertEqual(dict(peers[PEER_A])["preshared_key"], PSK)

    def test_port_and_mark_are_told_when_they_are_set(self):
        box = Box()
        box.set("listen_port=7\nfwmark=51820\n")
        self.assertEqual(box.get()[0], {"listen_port": "7", "fwmark": "51820"})


class SessionTest(unittest.TestCase):
    def setUp(self):
        self.requests = []
        self.session = uapi.Session(self.handle)

    def handle(self, request):
        self.requests.append(bytes(request))
        return [bytearray(b"ok")]

    def test_requests_come_in_any_pieces(self):
        text = "get=1\n\nset=1\na=b\n\n\n\nget=1\n\n"
        for size in (1, 2, 3, 7, 100):
            self.setUp()
            answers = 0
            for start in range(0, len(text), size):
                answers += len(say(self.session, text[start : start + size]))
            self.assertEqual(self.requests, [b"get=1", b"set=1\na=b", b"get=1"])
            self.assertEqual(answers, 3)

    def test_a_request_waits_until_the_answer_before_it_is_taken(self):
        room = self.session.room()
        room[:14] = b"get=1\n\nget=1\n\n"
        self.session.received(14)
        self.assertEqual(self.requests, [])
        self.session.piece()
        self.assertEqual(len(self.requests), 1)
        self.session.piece()
        self.assertEqual(len(self.requests), 2)
        self.assertEqual(self.session.piece(), None)

    def test_an_unfinished_request_is_not_handled(self):
        say(self.session, "set=1\nreplace_peers=true\n")
        self.assertEqual(self.requests, [])

    def test_what_was_handled_is_wiped(self):
        say(self.session, "set=1\nprivate_key=%s\n\nget" % PRIVATE)
        self.assertEqual(bytes(self.session.buffer), b"get" + bytes(len(self.session.buffer) - 3))
        self.session.close()
        self.assertEqual(bytes(self.session.buffer), bytes(len(self.session.buffer)))

    def test_a_long_request_is_taken_whole(self):
        lines = "allowed_ip=10.0.0.0/8\n" * 1000
        say(self.session, "set=1\n" + lines + "\n")
        self.assertEqual(len(self.requests[0]), len("set=1\n" + lines) - 1)

    def test_a_request_without_end_is_cut_off(self):
        before = uapi.REQUEST_LEN_MAX
        uapi.REQUEST_LEN_MAX = 1 << 14
        try:
            pieces = say(self.session, "x" * (1 << 15))
        finally:
            uapi.REQUEST_LEN_MAX = before
        self.assertEqual(bytes(pieces[0]), b"errno=-7\n\n")
        self.assertTrue(self.session.finished)
        self.assertEqual(len(self.session.room()), 0)


def from_hex(text):
    return bytes(int(text[i : i + 2], 16) for i in range(0, len(text), 2))


def to_hex(data):
    return "".join(["%02x" % byte for byte in data])


class WideSockets(Sockets):
    """A host that has a shape and more ports."""

    def __init__(self):
        super().__init__()
        self.wide = self
        self.shape = None
        self.key = None
        self.ports = []

    def set_shape(self, shape):
        if shape.sizes[0] == 99:
            raise ValueError("no")
        self.shape = shape
        self.key = None if shape.key is None else bytes(shape.key)

    def set_also_listen_ports(self, ports):
        self.ports = ports

    def lines(self):
        refused = {53: 98} if 53 in self.ports else {}
        return uapi_carriers.lines(self.shape, [p for p in self.ports if p != 53], refused)

    def peer_lines(self, number, outer):
        told = "endpoint=%s\n" % endpoint.format(endpoint.with_shape(outer, 0))
        return told + "local_port=%d\n" % (4000 + number)


class TestShapeAndPorts(unittest.TestCase):
    def setUp(self):
        self.box = Box()
        self.box.sockets = WideSockets()
        self.box.configurator = uapi.Configurator(
            self.box.device, self.box.sockets, self.box.now_ms, 4, 8
        )

    def test_a_shape_and_ports_are_taken_and_told_without_the_key(self):
        key = "ab" * 32
        lines = "listen_port=7\ns1=16\ns4=20\nh1=5-9\nh4=70000\n"
        request = bytearray("set=1\n%sheader_protection_key=%s\n" % (lines, key), "ascii")
        self.assertEqual(answered(self.box.configurator.handle(memoryview(request))), 0)
        self.assertFalse(key.encode() in request)  # it is wiped where it stood
        sockets = self.box.sockets
        self.assertEqual(sockets.shape.sizes, [16, 0, 0, 20])
        self.assertEqual(sockets.shape.types, [(5, 9), (2, 2), (3, 3), (70000, 70000)])
        self.assertEqual(sockets.key, b"\xab" * 32)
        self.assertEqual(set_on(self.box, "also_listen_ports=443,53,123\n"), 0)
        self.assertEqual(sockets.ports, [443, 53, 123])
        told = b"".join([bytes(piece) for piece in self.box.configurator.state()]).decode()
        for line in (
            "also_listen_ports=443,123",
            "also_listen_refused=53:98",
            "s1=16",
            "h1=5-9",
            "has_header_protection=true",
        ):
            self.assertTrue(line + "\n" in told, line)
        self.assertFalse(key in told)
        self.assertEqual(set_on(self.box, "also_listen_ports=\n"), 0)
        self.assertEqual(sockets.ports, [])

    def test_a_key_that_is_given_twice_leaves_nothing_of_the_first(self):
        wishes = uapi_request.Change()
        uapi_carriers.take_key(wishes, memoryview(bytearray(b"ab" * 32)))
        first = wishes.shape.key
        uapi_carriers.take_key(wishes, memoryview(bytearray(b"cd" * 32)))
        self.assertEqual((first, wishes.shape.key), (bytearray(32), bytearray(b"\xcd" * 32)))

    def test_a_host_tells_of_each_peer_by_its_number(self):
        device = self.box.device
        for last in (7, 8):
            peer = device.add_peer(bytes(31) + bytes([last]))
            peer.set_endpoint(endpoint.parse("192.0.2.%d:9" % last))
            told = b"".join([bytes(piece) for piece in self.box.configurator.state()]).decode()
            line = "endpoint=192.0.2.%d:9\nlocal_port=%d\n" % (last, 4000 + peer.number)
            self.assertTrue(line in told, told)

    def test_what_cannot_be_is_refused_whole(self):
        for lines in (
            "s1=1133",
            "s4=65",
            "s5=1",
            "h1=5-4",
            "h1=4294967296",
            "h1=",
            "header_protection_key=00",
            "also_listen_ports=0",
            "also_listen_ports=1,1",
            "also_listen_ports=65536",
            "also_listen_ports=" + ",".join([str(7000 + i) for i in range(16)]),
            "s1=99",
        ):
            self.assertTrue(set_on(self.box, "listen_port=9\n" + lines + "\n") != 0, lines)
            self.assertEqual(self.box.sockets.listen_port, 0, lines)
            self.assertEqual(self.box.sockets.shape, None, lines)

    def test_a_host_without_them_refuses_them(self):
        box = Box()
        for lines in ("s1=16\n", "also_listen_ports=443\n"):
            self.assertEqual(set_on(box, lines), -22)


def answered(pieces):
    """The errno of an answer."""
    text = b"".join([bytes(piece) for piece in pieces]).decode()
    return int(text.split("errno=")[1].split("\n")[0])


def set_on(box, lines):
    return answered(box.configurator.handle(memoryview(bytearray("set=1\n" + lines, "ascii"))))


if __name__ == "__main__":
    unittest.main()

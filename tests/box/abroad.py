"""A box abroad: its path with streams, its gateway with many ports, and a censor between the two.

All in memory, with a clock that is turned by hand. What the C of a real path does is done here in
Python, by the same names; frames in streams have a length of 16 bits in front, whatever they are
called, because how they look is not what is tested here.
"""

import errno

from _wg import Gate, Tunnel
from tests.support import board
from tests.support.network import ipv4_packet
from tests.support.randomness import Random

from wg import endpoint
from wg.device import Device
from wg.memory import MemoryPath
from wg.tai64n import Timestamps

HOME = "203.0.113.5"
HOME_ADDRESS = b"\xcb\x00\x71\x05"
OTHER_ADDRESS = b"\xcb\x00\x71\x63"  # where nothing is
BOX_INSIDE = b"\x0a\x33\x52\x07"
HOME_INSIDE = b"\x0a\x33\x52\x01"
INSIDE_PORT = 51821
SITE = b"\x5d\xb8\xd8\x22"  # somewhere in the internet
UDP_PORTS = (443, 53, 123, 500, 4500, 51820, 40123)
PROXY_ADDRESS = b"\xc0\xa8\x01\x03"
PROXY_PORT = 3128
SOCKS_PORT = 1080
RTT_MS = 40
SEGMENT = 1400
PIN = bytes(range(32))

# _carrier's constants.
CONNECTING, OPEN, SECURING, CARRYING, ENDED = 1, 2, 3, 4, 5
REFUSED, RESET, PIN_IS_WRONG, CLOSED = 2, 5, 12, 1


class Censor:
    """What passes the border. Everything can be changed at any time; it begins open."""

    def __init__(self, clock, random):
        self.clock = clock
        self.random = random
        self.udp_ports = None  # None: all; else those that pass
        self.tcp_ports = None
        self.only_proxy = False
        self.without_types = False  # drops WireGuard's types, and its lengths
        self.without_sizes = False
        self.without_entropy = False
        self.freeze_at = 0  # bytes of a flow
        self.spares_tls = False  # is no police of TLS's volume
        self.blocked = set()  # addresses
        self.is_dark = False
        self.is_portal = False
        self.loss = 0  # percent
        self.mtu = 1500
        self.rate = 0  # bytes per second
        self.resets = False  # ends streams that carry no TLS once they say something
        self.flows = {}
        self._credit = (0, 0)
        self.dropped = 0
        self.seen = []  # (protocol, port, bytes) of what left the box

    def datagram(self, source, target, data):
        """Whether a UDP datagram is swallowed."""
        port = endpoint.port(target)
        gone = self._swallows(source, target, port, data)
        self.dropped += gone
        return gone

    def _swallows(self, source, target, port, data):
        if port in UDP_PORTS:
            self.seen.append(("udp", port, bytes(data)))
        ports = (endpoint.port(source), port)
        hosts = (endpoint.host(source), endpoint.host(target))
        if self._is_shut(hosts) or self.only_proxy:
            return True
        if self.udp_ports is not None and not any(one in self.udp_ports for one in ports):
            return True
        if self.without_types and data[1:4] == b"\0\0\0" and 1 <= data[0] <= 4:
            return True
        if self.without_sizes and len(data) in (148, 92, 64):
            return True
        if len(data) + 28 > self.mtu or self._loses(len(data)):
            return True
        return self._is_frozen(("udp", ports, sorted(hosts)[0]), len(data))

    def connects(self, target, port):
        """Whether the first packet of a stream passes."""
        self.seen.append(("tcp", port, b""))
        if self._is_shut((target,)):
            return False
        if target == PROXY_ADDRESS:
            return True
        return not self.only_proxy and (self.tcp_ports is None or port in self.tcp_ports)

    def passes(self, stream, data):
        """Whether a segment of a stream does. It can end the stream."""
        if self._is_shut((stream.target,)):
            return False
        is_first = not stream.is_judged
        stream.is_judged = True
        if self.without_entropy and is_first and not stream.is_secured and _is_random(data):
            stream.is_marked = True
        if self.resets and not stream.is_secured and stream.target != PROXY_ADDRESS:
            stream.end(RESET)
        if stream.is_marked:
            return False
        if self.spares_tls and stream.is_secured:
            return True
        return not self._is_frozen(("tcp", stream.number_ever), len(data))

    def _is_shut(self, hosts):
        return self.is_dark or self.is_portal or any(host in self.blocked for host in hosts)

    def _loses(self, length):
        if self.loss and self.random.below(100) < self.loss:
            return True
        if not self.rate:
            return False
        at_ms, credit = self._credit
        credit = min(credit + (self.clock.ms - at_ms) * self.rate // 1000, self.rate // 4)
        self._credit = (self.clock.ms, max(credit - length, 0))
        return credit < length

    def _is_frozen(self, flow, length):
        if not self.freeze_at:
            return False
        flow = str(flow)
        self.flows[flow] = self.flows.get(flow, 0) + length
        return self.flows[flow] > self.freeze_at


def _is_random(data):
    """The published rule for first packets: neither text nor known, and half of its bits set."""
    head = bytes(data[:6])
    if all(0x20 <= byte <= 0x7E for byte in head) or head[:1] == b"\x16":
        return False
    ones = sum([bin(byte).count("1") for byte in data])
    return 3.4 <= ones / max(len(data), 1) <= 4.6


class Stream:
    """Both ends of a TCP connection. server: who serves it, once it is there."""

    ever = 0

    def __init__(self, world, target, port, on_state):
        Stream.ever += 1
        self.number_ever = Stream.ever
        self.world = world
        self.target = target
        self.port = port
        self.state = CONNECTING
        self.why = 0
        self.on_state = on_state
        self.inbox = b""
        self.on_datagram = None
        self.server = None
        self.is_judged = self.is_marked = self.is_secured = False
        self.heard_ms = world.clock.ms
        world.at(RTT_MS, self._connect)

    def _connect(self):
        if self.state == ENDED or not self.world.censor.connects(self.target, self.port):
            return
        self.server = self.world.listen(self.target, self.port, self)
        if self.server is None:
            self.end(REFUSED)
        else:
            self.set_state(OPEN)

    def set_state(self, state):
        self.state = state
        self.on_state()

    def end(self, why):
        if self.state != ENDED:
            self.why = why
            if self.server is not None:
                self.server.ended()
            self.set_state(ENDED)

    def secure(self, name, pin):
        self.set_state(SECURING)
        self.is_secured = True
        self.to_server(b"\x16\x03\x01" + 500 * b"h", lambda: self._secured(name, pin))

    def _secured(self, name, pin):
        if self.state == ENDED:
            return
        if not self.server.secure(name) or pin != self.world.pin:
            self.end(PIN_IS_WRONG)
        else:
            self.set_state(OPEN)

    def to_server(self, data, then=None):
        passes = self.state != ENDED and self.world.censor.passes(self, data)
        if passes:
            self.world.at(RTT_MS // 2, then or (lambda: self._arrive(data)))

    def _arrive(self, data):
        if self.state != ENDED:
            self.server.receive(data)

    def to_client(self, data, is_datagram=False):
        if self.state != ENDED and self.world.censor.passes(self, data):
            self.world.at(RTT_MS // 2, lambda: self._give(data, is_datagram))

    def _give(self, data, is_datagram):
        if self.state == ENDED:
            return
        self.heard_ms = self.world.clock.ms
        if is_datagram and self.on_datagram is not None:
            self.on_datagram(data)
        else:
            self.inbox += data
            self.on_state()


class Path(board.Router):
    """The contract of _router.Router with streams, decoys, shapes and the inside service."""

    WAKE_STREAM = 4096
    WAKE_INSIDE = 8192
    STREAMS = 1

    def __init__(self, world, tunnel, gate):
        super().__init__(world, tunnel, gate)
        self.path._deliver = self._take_inner
        self.streams = {}
        self.inside = None
        self.inside_inbox = []
        self.received = []  # what clients get
        self.on_packet = None
        self.mac = b"\x02\0\0\0\0\x01"
        self.portal = None
        self.nat_port = 0
        self.told_s = None  # the time by which certificates are judged
        self.told_name = None  # the name that everybody on the way reads

    def _transmit(self, datagram, target):
        if endpoint.is_stream(target):
            stream = self.streams.get(endpoint.port(target))
            if stream is not None and stream.state == CARRYING:
                stream.to_server(datagram)
        elif self._is_out() and self.world.works:
            source = self.address
            if self.nat_port:
                source = endpoint.pack(endpoint.host(source), self.nat_port)
            self.world.network.inject(source, target, datagram)

    def send(self, datagram, target):
        if not self._is_out():
            return errno.EHOSTUNREACH
        return self.path.send(datagram, target)

    def send_decoy(self, datagram, target):
        return self.path.send_decoy(datagram, target)

    def set_shape(self, shape):
        self.path.set_shape(shape)

    def uplink_router(self):
        return self.mac if self._state[0] and self._state[1] else None

    def uplink_portal(self):
        return self.portal

    # --- streams ---

    def stream_open(self, address, port):
        for number in range(1, self.STREAMS + 1):
            if number not in self.streams:
                break
        else:
            raise OSError(errno.ENOBUFS)
        if not self._is_out():
            raise OSError(errno.EHOSTUNREACH)
        stream = Stream(self.world, bytes(address), port, self._wake_stream)
        self.streams[number] = stream
        stream.on_datagram = lambda data: self.path.receive(data, endpoint.stream(number))
        return number

    def _wake_stream(self):
        self._reasons |= self.WAKE_STREAM

    def stream_state(self, number):
        return self.streams[number].state

    def stream_end(self, number):
        return self.streams[number].why

    def stream_secure(self, number, name, pin, now_s):
        self.told_s, self.told_name = now_s, name
        self.streams[number].secure(name, bytes(pin))

    def stream_write(self, number, data):
        self.streams[number].to_server(bytes(data))
        return len(data)

    def stream_read(self, number, buffer):
        stream = self.streams[number]
        taken = stream.inbox[: len(buffer)]
        buffer[: len(taken)] = taken
        stream.inbox = stream.inbox[len(taken) :]
        return len(taken)

    def stream_carry(self, number, framing, rest=b""):
        stream = self.streams[number]
        stream.inbox = b""
        stream.set_state(CARRYING)

    def stream_ping(self, number):
        stream = self.streams[number]
        stream.to_server(b"", lambda: stream.to_client(b"", True))

    def stream_heard_ms(self, number):
        return self.streams[number].heard_ms

    def stream_close(self, number):
        stream = self.streams.pop(number, None)
        if stream is not None:
            stream.on_state = lambda: None
            stream.end(CLOSED)

    # --- inside the tunnel ---

    def set_inside(self, port, address, to_port):
        self.inside = None if address is None else (port, address, to_port)

    def send_inside(self, payload):
        return self.path.send_packet(inner(BOX_INSIDE, HOME_INSIDE, payload))

    def next_inside(self, buffer):
        if not self.inside_inbox:
            return None
        payload = self.inside_inbox.pop(0)
        buffer[: len(payload)] = payload
        return len(payload)

    def _take_inner(self, packet, peer):
        if self.inside is not None and packet[12:16] == HOME_INSIDE:
            self.inside_inbox.append(packet[20:])
            self._reasons |= self.WAKE_INSIDE
        else:
            self.received.append(packet[20:])
            if self.on_packet is not None:
                self.on_packet(packet[20:])

    def client_sends(self, payload):
        """For the world: a client of the LAN sends to somewhere in the internet."""
        return self.path.send_packet(inner(BOX_INSIDE, SITE, payload))


def inner(source, target, payload):
    return ipv4_packet(source, target, payload)


class Port:
    """One UDP port of the gateway, a node of the network."""

    wake_ms = None

    def __init__(self, gateway, address, port):
        self.gateway = gateway
        self.address = endpoint.pack(address, port)

    def poll(self):
        pass

    def receive(self, data, source):
        self.gateway.arrived_at[source] = self.address
        self.gateway.path.receive(data, source)


class Nat:
    """The address that a box seems to have, once its NAT has given it another port."""

    wake_ms = None

    def __init__(self, path, port):
        self.path = path
        self.address = endpoint.pack(endpoint.host(path.address), port)
        path.nat_port = port

    def poll(self):
        pass

    def receive(self, data, source):
        self.path.receive(data, source)


class Gateway:
    """A gateway with all carriers: its device, its ports, its services inside."""

    def __init__(self, world, inside_server, address=HOME_ADDRESS):
        self.world = world
        self.inside_server = inside_server  # called with a message: the answers
        self.tunnel, self.gate = Tunnel(4, 16, 8, 2048, 1420), Gate()
        clock, random = world.clock, world.network.random
        self.path = MemoryPath(self.tunnel, self.gate, self._transmit, self._deliver, clock.now_ms)
        self.device = Device(
            self.tunnel,
            self.gate,
            self.path,
            random.fill,
            Timestamps(clock.wall_clock, None, lambda floor: None),
            clock.wall_clock,
        )
        self.path.attach(self.device)
        self.device.set_private_key(self.device.new_key())
        self.arrived_at = {}
        self.streams = {}
        self.wake_ms = None
        self.address = b""
        world.network.nodes.append(self)
        for port in UDP_PORTS:
            world.network.nodes.append(Port(self, address, port))

    def poll(self):
        wait_ms = self.device.poll(self.world.clock.ms)
        self.wake_ms = None if wait_ms is None else self.world.clock.ms + wait_ms

    def _transmit(self, datagram, target):
        if endpoint.is_stream(target):
            stream = self.streams.get(endpoint.port(target))
            if stream is not None:
                stream.to_client(datagram, True)
        elif target in self.arrived_at:
            self.world.network.inject(self.arrived_at[target], target, datagram)

    def _deliver(self, packet, peer):
        source, target = packet[12:16], packet[16:20]
        if target == HOME_INSIDE:
            answers = self.inside_server(packet[20:])
        else:
            # The internet repeats what it is told.
            answers = [packet[20:]] if self.world.site_answers else []
        for answer in answers:
            self.path.send_packet(inner(target, source, answer))


class WebServer:
    """TCP 443 and 80 of the gateway: WebSocket on the secret path, frames, or a web page."""

    def __init__(self, gateway, stream, has_tls, upgrade):
        self.gateway = gateway
        self.stream = stream
        self.has_tls = has_tls
        # Called with a request, and whether with TLS: the answer; None: not a whole one yet.
        self.upgrade = upgrade
        self.head = b""
        self.is_carrying = False

    def secure(self, name):
        return self.has_tls

    def receive(self, data):
        if self.is_carrying:
            number = self.stream.number_ever
            self.gateway.streams[number] = self.stream
            self.gateway.path.receive(data, endpoint.stream(number))
            return
        self.head += data
        if not b"GET ".startswith(self.head[:4]):
            # Frames: what came is the first datagram (the path of this test cuts them for us).
            self.is_carrying = True
            self.receive(self.head)
            return
        answer = self.upgrade(self.head, self.has_tls)
        if answer is not None:
            self.is_carrying = answer.startswith(b"HTTP/1.1 101")
            self.stream.to_client(answer)

    def ended(self):
        self.gateway.streams.pop(self.stream.number_ever, None)


class Proxy:
    """An HTTP proxy or a SOCKS5 server of the network; talk() is its protocol."""

    def __init__(self, world, stream, talk):
        self.world = world
        self.stream = stream
        self.talk = talk  # called with what came: (answer, target and port or None)
        self.head = b""
        self.beyond = None

    def secure(self, name):
        return self.beyond is not None and self.beyond.secure(name)

    def receive(self, data):
        if self.beyond is not None:
            self.beyond.receive(data)
            return
        self.head += data
        answer, target = self.talk(self, self.head)
        if answer is not None:
            self.head = b""
            self.stream.to_client(answer)
        if target is not None:
            self.beyond = self.world.listen(target[0], target[1], self.stream)
            if self.beyond is None:
                self.stream.end(CLOSED)

    def ended(self):
        if self.beyond is not None:
            self.beyond.ended()


class World(board.World):
    """The network around a box: a censor at its border, a gateway beyond, a proxy within."""

    def __init__(self, seed=1):
        super().__init__(seed)
        self.network.channel.delay_ms = RTT_MS // 2
        self.censor = Censor(self.clock, Random(seed + 7))
        self.network.filter = self.censor.datagram
        self.pin = PIN
        self.site_answers = True
        self.servers = {}  # (address, port): called with a stream, gives who serves it

    def listen(self, address, port, stream):
        make = self.servers.get((bytes(address), port))
        return None if make is None else make(stream)

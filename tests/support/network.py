"""WireGuard nodes and strangers in one network in memory, with a clock that is turned by hand."""

from _wg import Gate, PrivateKey, Shape, Tunnel
from tests.support.channel import Channel
from tests.support.clock import ManualClock
from tests.support.randomness import Random

from wg import endpoint
from wg.const import MESSAGE_TRANSPORT
from wg.device import Device
from wg.memory import MemoryPath
from wg.tai64n import Timestamps


def ipv4_packet(source, destination, payload=b""):
    """An IPv4 packet, UDP by its protocol number; addresses as 4 bytes."""
    length = 20 + len(payload)
    head = b"\x45\x00" + length.to_bytes(2, "big") + bytes(4) + b"\x40\x11\x00\x00"
    return head + source + destination + payload


class Network:
    """Carries datagrams between endpoints. capture: what was sent: (source, target, data)."""

    def __init__(self, seed=1, **channel):
        self.clock = ManualClock()
        self.random = Random(seed)
        self.channel = Channel(self.random, **channel)
        self.nodes = []
        self.capture = []
        # Returns True to swallow a datagram: filter(source, target, data).
        self.filter = None

    def node(self, name, address, **settings):
        node = Node(self, name, endpoint.parse(address), **settings)
        self.nodes.append(node)
        return node

    def inject(self, source, target, data):
        """Send a datagram from any source address, as an attacker can."""
        self.capture.append((source, target, bytes(data)))
        if self.filter is not None and self.filter(source, target, data):
            return
        self.channel.send(self.clock.ms, (source, target, bytes(data)))

    def sent(self, source, kind):
        """The datagrams of one type that this endpoint has sent."""
        return [data for from_, _, data in self.capture if from_ == source and data[0] == kind]

    def run(self, ms):
        """Let time pass, with all that happens meanwhile."""
        end_ms = self.clock.ms + ms
        self._poll_all()
        while True:
            next_ms = self._next_ms()
            if next_ms is None or next_ms > end_ms:
                break
            self.clock.advance(max(next_ms - self.clock.ms, 0))
            self._deliver()
            self._poll_all()
        self.clock.advance(end_ms - self.clock.ms)
        self._poll_all()

    def _next_ms(self):
        times = [node.wake_ms for node in self.nodes if node.wake_ms is not None]
        if self.channel.next_ms() is not None:
            times.append(self.channel.next_ms())
        return min(times) if times else None

    def _poll_all(self):
        for node in self.nodes:
            node.poll()

    def _deliver(self):
        while True:
            next_ms = self.channel.next_ms()
            if next_ms is None or next_ms > self.clock.ms:
                return
            source, target, data = self.channel.take()
            for node in self.nodes:
                if node.address == target:
                    node.receive(data, source)


class Node:
    """A device with a memory path and an address. received: (packet, peer number)."""

    def __init__(self, network, name, address, peers=4, waiting=64, floor=None):
        self.network = network
        self.name = name
        self.address = address
        self.received = []
        self.lines = []
        self.floor = floor
        self.wake_ms = None
        clock = network.clock
        self.wall_clock = clock.wall_clock
        self.tunnel = Tunnel(peers, 4 * peers, waiting, 256, 1420)
        self.gate = Gate()
        self.path = MemoryPath(
            self.tunnel, self.gate, self.transmit, self._deliver, clock.now_ms, 256
        )
        self.device = Device(
            self.tunnel,
            self.gate,
            self.path,
            network.random.fill,
            Timestamps(lambda: self.wall_clock(), floor, self._save),
            clock.wall_clock,
            lambda level, text: self.lines.append((level, text)),
        )
        self.path.attach(self.device)
        self.device.set_private_key(self.device.new_key())

    @property
    def public_key(self):
        return self.device.public_key

    def set_key(self, raw):
        self.device.set_private_key(PrivateKey(bytes(raw)))

    def set_shape(self, sizes, types, key=None):
        """Have a shape, of the path and of the device's messages; see _wg.Shape."""
        seed = bytearray(32)
        self.network.random.fill(seed)
        self.path.set_shape(Shape(sizes, types, key, seed))
        self.device.types = types

    def poll(self):
        now_ms = self.network.clock.ms
        wait_ms = self.device.poll(now_ms)
        self.wake_ms = None if wait_ms is None else now_ms + wait_ms

    def receive(self, data, source):
        self.path.receive(data, source)

    def send(self, packet):
        return self.path.send_packet(packet)

    def transmit(self, datagram, target):
        self.network.inject(self.address, target, datagram)

    def transport_sent(self):
        """The transport messages that went out."""
        return self.network.sent(self.address, MESSAGE_TRANSPORT)

    def drops(self, status):
        return self.tunnel.drops()[status]

    def _deliver(self, packet, peer):
        self.received.append((packet, peer))

    def _save(self, floor):
        self.floor = floor


BOX = b"\x0a\x00\x00\x01"
GATEWAY = b"\x0a\x00\x00\x02"


class Pair:
    """A box and a gateway that know each other; only the box knows where the other one is."""

    def __init__(self, seed=1, **channel):
        self.network = Network(seed, **channel)
        self.clock = self.network.clock
        self.box = self.network.node("box", "192.0.2.1:1000")
        self.gateway = self.network.node("gateway", "192.0.2.2:2000")
        self.to_gateway = self.box.device.add_peer(self.gateway.public_key)
        self.to_box = self.gateway.device.add_peer(self.box.public_key)
        self.to_gateway.set_endpoint(self.gateway.address)
        self.to_gateway.allow(GATEWAY, 32)
        self.to_box.allow(BOX, 32)

    def run(self, ms):
        self.network.run(ms)

    def send(self, payload=b"up"):
        """Send a packet from the box to the gateway."""
        return self.box.send(ipv4_packet(BOX, GATEWAY, payload))

    def send_back(self, payload=b"down"):
        return self.gateway.send(ipv4_packet(GATEWAY, BOX, payload))

    def shape(self, sizes, types, key=None):
        """Give both ends a shape; the box still has to be told where to use it."""
        for node in (self.box, self.gateway):
            node.set_shape(sizes, types, key)

    def connect(self):
        """Shake hands by sending a packet, let it arrive, and forget that it did."""
        self.send(b"first")
        self.run(100)
        self.box.received.clear()
        self.gateway.received.clear()

    def payloads(self, node):
        return [packet[20:] for packet, _ in node.received]

# Runs on a board: two ends of a tunnel, with a clock that is turned by hand, carry packets and
# renew their keys. Prints what is free of the heap before and after, how many sessions there were
# and how many packets arrived.
import gc

from _wg import Gate, PrivateKey, Tunnel

from wg import endpoint
from wg.device import Device
from wg.memory import MemoryPath
from wg.tai64n import Timestamps

REKEYS = 100
PACKETS = 20  # with each key
REKEY_MS = 121000
PACKET = bytearray(b"\x45\x00\x00\x40" + bytes(8) + b"\x0a\x00\x00\x01\x0a\x00\x00\x02" + bytes(44))

now_ms = 1000
state = 7
wire = []
arrived = 0
sessions = 0
before = 0


def fill(buffer):
    global state
    for i in range(len(buffer)):
        state = (state * 1103515245 + 12345) & 0x3FFFFFFF
        buffer[i] = state >> 16 & 255


def wall_clock():
    return now_ms // 1000, now_ms % 1000 * 1000000


def deliver(packet, peer):
    global arrived
    arrived += 1


class End:
    def __init__(self, number):
        self.address = endpoint.pack(bytes((192, 0, 2, number)), 51820)
        tunnel, gate = Tunnel(1, 4, 2, 256, 1420), Gate()
        self.path = MemoryPath(tunnel, gate, self.transmit, deliver, lambda: now_ms, 128)
        timestamps = Timestamps(wall_clock, None, lambda floor: None)
        self.device = Device(
            tunnel, gate, self.path, fill, timestamps, wall_clock, lambda level, text: None
        )
        self.path.attach(self.device)
        self.device.set_private_key(PrivateKey(bytes([number] * 32)))

    def transmit(self, datagram, to):
        global sessions
        sessions += datagram[0] == 2  # a handshake response
        wire.append((self, datagram))


def settle():
    left.device.poll(now_ms)
    while wire:
        sender, datagram = wire.pop(0)
        (right if sender is left else left).path.receive(datagram, sender.address)
        left.device.poll(now_ms)
        right.device.poll(now_ms)


def live(rekeys, packets):
    global now_ms
    for _ in range(rekeys):
        now_ms += REKEY_MS
        for _ in range(packets):
            left.path.send_packet(PACKET)
            settle()


left, right = End(1), End(2)
for one, other in ((left, right), (right, left)):
    peer = one.device.add_peer(other.device.public_key)
    peer.allow(bytes(4), 0)
    peer.set_endpoint(other.address)
live(5, 2)  # what is made once
sessions = arrived = 0
gc.collect()
before = gc.mem_free()
live(REKEYS, PACKETS)
gc.collect()
print("free", before, gc.mem_free(), "sessions", sessions, "packets", arrived)

"""Inside undertow-unix --micropython: a box without an interface sends decoys, shakes hands, pings.

Arguments: a file with the private key, the other end's public key (hexadecimal), its endpoint, a
dead rival's. The shape is the one that any WireGuard server understands: nothing before messages,
types 1 to 4. test_decoys.py runs this file.
"""

import sys

import _datapath
from _wg import Gate, PrivateKey, Shape, Tunnel

from wg import endpoint
from wg.device import Device
from wg.tai64n import Timestamps

HANDSHAKE_LEN = 148
TYPES = (1, 1, 2, 2, 3, 3, 4, 4)
# An answer to a name, one long datagram, and types that are no message of that length.
DECOYS = (
    b"\x85\x80\0\1\0\1\0\0\0\0" + bytes(range(70)),
    b"\xc3\0\0\0\1\x08" + bytes(1194),
    b"\1\0\0\0" + bytes(96),
    b"\4\0\0\0" + bytes(40),
)


def random_bytes(length):
    buffer = bytearray(length)
    _datapath.fill_random(buffer)
    return buffer


def ones_sum(data):
    total = 0
    for i in range(0, len(data), 2):
        total += data[i] << 8 | data[i + 1]
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return (total ^ 0xFFFF).to_bytes(2, "big")


def ping():
    """10.7.0.1 asks 10.7.0.2 for an echo."""
    echo = b"\x08\0\0\0\0\1\0\1" + bytes(32)
    echo = echo[:2] + ones_sum(echo) + echo[4:]
    head = (
        b"\x45\0" + (20 + len(echo)).to_bytes(2, "big") + b"\0\0\0\0\x40\1\0\0\x0a\7\0\1\x0a\7\0\2"
    )
    return head[:10] + ones_sum(head) + head[12:] + echo


def main(key_file, public, address, rival):
    tunnel, gate = Tunnel(1, 4, 4, 1500, 1420), Gate()
    path = _datapath.Path(tunnel, gate)
    path.bind(0)
    path.set_shape(Shape((0, 0, 0, 0), TYPES, None, random_bytes(32)))
    stamps = Timestamps(_datapath.wall_clock, None, lambda floor: None)
    device = Device(tunnel, gate, path, _datapath.fill_random, stamps, _datapath.wall_clock)
    device.types = TYPES
    with open(key_file, "rb") as file:
        device.set_private_key(PrivateKey(bytearray(file.read())))
    peer = device.add_peer(public)
    peer.allow(b"\x0a\7\0\2", 32)
    peer.set_endpoint(endpoint.with_shape(endpoint.parse(address), 1))
    peer.rivals = [endpoint.with_shape(endpoint.parse(rival), 1)]

    def send_decoys(_peer, to):
        for decoy in DECOYS:
            path.send_decoy(decoy, to)

    device.on_initiation = send_decoys
    tunnel.queue(peer.number, ping())
    peer.initiate(_datapath.now_ms())
    message = bytearray(HANDSHAKE_LEN)
    until_ms = _datapath.now_ms() + 20_000
    # The answer to the handshake, and then the echo: an IPv4 packet, padded and sealed.
    while _datapath.now_ms() < until_ms and tunnel.bytes(peer.number)[0] < 92 + 32 + 60:
        path.poll(200)
        taken = path.next_handshake(message)
        if taken is not None:
            length, source = taken
            device.receive_handshake(memoryview(message)[:length], source, _datapath.now_ms())
        device.poll(_datapath.now_ms())
    print("received", tunnel.bytes(peer.number)[0], "at", endpoint.format(peer.endpoint()))
    print("rivals", len(peer.rivals))
    path.close()


main(sys.argv[1], bytes.fromhex(sys.argv[2]), sys.argv[3], sys.argv[4])

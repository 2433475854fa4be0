"""UDP over IPv4 (RFC 768)."""

import struct
from typing import NamedTuple

from undertow.lab.packets import ipv4
from undertow.lab.packets.checksum import checksum, pseudo_header

HEADER_LEN = 8


class Datagram(NamedTuple):
    """Ports and payload; the addresses are the packet's."""

    source_port: int
    destination_port: int
    payload: bytes


def parse(packet: ipv4.Packet) -> Datagram | None:
    """Read the datagram in a whole packet."""
    body = packet.body
    if packet.protocol != ipv4.UDP or packet.is_fragment or len(body) < HEADER_LEN:
        return None
    source_port, destination_port, length, carried = struct.unpack_from("!HHHH", body)
    if not HEADER_LEN <= length <= len(body):
        return None
    body = body[:length]
    if carried and checksum(_pseudo(packet, length) + body):
        return None
    return Datagram(source_port, destination_port, body[HEADER_LEN:])


def build(source: str, destination: str, datagram: Datagram) -> ipv4.Packet:
    """Write a datagram into a packet."""
    length = HEADER_LEN + len(datagram.payload)
    packet = ipv4.Packet(source, destination, ipv4.UDP, b"")
    ports = datagram.source_port, datagram.destination_port
    blank = struct.pack("!HHHH", *ports, length, 0) + datagram.payload
    # A sum of 0 is sent as 0xFFFF, because 0 says that there is none.
    made = checksum(_pseudo(packet, length) + blank) or 0xFFFF
    return packet._replace(body=struct.pack("!HHHH", *ports, length, made) + datagram.payload)


def _pseudo(packet: ipv4.Packet, length: int) -> bytes:
    return pseudo_header(packet.source, packet.destination, ipv4.UDP, length)

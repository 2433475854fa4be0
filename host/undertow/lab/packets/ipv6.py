"""IPv6 as far as a stranger on a cable needs it: packets, and router advertisements."""

import ipaddress
import struct
from typing import NamedTuple

from undertow.lab.packets.checksum import checksum

TCP = 6
UDP = 17
ICMPV6 = 58

HEADER_LEN = 40
ALL_NODES = "ff02::1"
ALL_NODES_MAC = bytes.fromhex("333300000001")
ROUTER_ADVERTISEMENT = 134
_PREFIX_FLAGS = 0xC0  # on link, and for addresses that hosts make themselves


class Packet(NamedTuple):
    """Extension headers are passed over: protocol is the next header, whatever it is."""

    source: str
    destination: str
    protocol: int
    body: bytes
    hop_limit: int = 64


def parse(data: bytes) -> Packet | None:
    """Read a packet; what is behind its length is padding."""
    if len(data) < HEADER_LEN or data[0] >> 4 != 6:
        return None
    length, protocol, hop_limit = struct.unpack_from("!HBB", data, 4)
    if HEADER_LEN + length > len(data):
        return None
    source, destination = (str(ipaddress.ip_address(data[at : at + 16])) for at in (8, 24))
    return Packet(source, destination, protocol, data[40 : 40 + length], hop_limit)


def build(packet: Packet) -> bytes:
    """Write a packet; the body has its checksum already."""
    head = struct.pack("!IHBB", 6 << 28, len(packet.body), packet.protocol, packet.hop_limit)
    return head + _packed(packet.source) + _packed(packet.destination) + packet.body


def router_advertisement(source: str, mac: bytes, prefix: str, lifetime_s: int = 1800) -> Packet:
    """One that offers a default route and a /64 prefix to everybody (RFC 4861, 4.2)."""
    options = struct.pack("!BB", 1, 1) + mac
    options += struct.pack("!BBBBIII", 3, 4, 64, _PREFIX_FLAGS, lifetime_s, lifetime_s, 0)
    options += _packed(prefix)
    body = struct.pack("!BBHBBHII", ROUTER_ADVERTISEMENT, 0, 0, 64, 0, lifetime_s, 0, 0) + options
    pseudo = _packed(source) + _packed(ALL_NODES) + struct.pack("!II", len(body), ICMPV6)
    body = body[:2] + struct.pack("!H", checksum(pseudo + body)) + body[4:]
    return Packet(source, ALL_NODES, ICMPV6, body, hop_limit=255)


def _packed(address: str) -> bytes:
    return ipaddress.IPv6Address(address).packed

"""IPv4 (RFC 791)."""

import socket
import struct
from typing import NamedTuple

from undertow.lab.packets.checksum import checksum

ICMP = 1
TCP = 6
UDP = 17

HEADER_LEN = 20
DONT_FRAGMENT = 0x4000
MORE_FRAGMENTS = 0x2000
OFFSET_MASK = 0x1FFF
BROADCAST = "255.255.255.255"
ANY = "0.0.0.0"  # noqa: S104 -- written into packets; nothing is bound to it


class Packet(NamedTuple):
    """fragment: flags and offset, the whole word of the header. Options are passed over."""

    source: str
    destination: str
    protocol: int
    body: bytes
    ttl: int = 64
    identification: int = 0
    fragment: int = 0

    @property
    def is_fragment(self) -> bool:
        """Whether it is only a part of a packet."""
        return bool(self.fragment & (MORE_FRAGMENTS | OFFSET_MASK))


def parse(data: bytes) -> Packet | None:
    """Read a packet; what is behind its length is padding."""
    if len(data) < HEADER_LEN or data[0] >> 4 != 4:
        return None
    header_len = (data[0] & 15) * 4
    total, identification, fragment = struct.unpack_from("!HHH", data, 2)
    if not HEADER_LEN <= header_len <= total <= len(data) or checksum(data[:header_len]):
        return None
    source, destination = socket.inet_ntoa(data[12:16]), socket.inet_ntoa(data[16:20])
    body = data[header_len:total]
    return Packet(source, destination, data[9], body, data[8], identification, fragment)


def build(packet: Packet) -> bytes:
    """Write a packet with its checksum."""
    start = struct.pack(
        "!BBHHHBB",
        *(0x45, 0, HEADER_LEN + len(packet.body)),
        *(packet.identification, packet.fragment, packet.ttl, packet.protocol),
    )
    hosts = socket.inet_aton(packet.source) + socket.inet_aton(packet.destination)
    return start + struct.pack("!H", checksum(start + hosts)) + hosts + packet.body


def fragments(packet: Packet, mtu: int) -> list[Packet]:
    """Cut a packet into pieces of at most mtu bytes, header included."""
    step = (mtu - HEADER_LEN) & ~7
    pieces = []
    for offset in range(0, len(packet.body), step):
        more = MORE_FRAGMENTS if offset + step < len(packet.body) else 0
        body = packet.body[offset : offset + step]
        pieces.append(packet._replace(body=body, fragment=more | offset >> 3))
    return pieces

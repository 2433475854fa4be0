"""TCP segments over IPv4 (RFC 9293)."""

import struct
from typing import NamedTuple

from undertow.lab.packets import ipv4
from undertow.lab.packets.checksum import checksum, pseudo_header

FIN = 0x01
SYN = 0x02
RST = 0x04
PSH = 0x08
ACK = 0x10

HEADER_LEN = 20
_FLAGS = "FSRPA"
_MSS = 2


class Segment(NamedTuple):
    """options: as they stand in the header, padded to whole words."""

    source_port: int
    destination_port: int
    sequence: int
    acknowledgement: int
    flags: int
    window: int
    payload: bytes = b""
    options: bytes = b""

    def flag_text(self) -> str:
        """Its flags by their first letters: "SA"."""
        return "".join(letter for bit, letter in enumerate(_FLAGS) if self.flags >> bit & 1)

    def mss(self) -> int | None:
        """The maximum segment size that it offers, if it does."""
        at = 0
        while at < len(self.options) and self.options[at]:
            if self.options[at] == 1:
                at += 1
            elif at + 1 >= len(self.options) or self.options[at + 1] < 2:
                break
            elif self.options[at] == _MSS and self.options[at + 1] == 4:
                return int.from_bytes(self.options[at + 2 : at + 4], "big")
            else:
                at += self.options[at + 1]
        return None


def mss_option(size: int) -> bytes:
    """The option that offers a maximum segment size."""
    return struct.pack("!BBH", _MSS, 4, size)


def parse(packet: ipv4.Packet) -> Segment | None:
    """Read the segment in a whole packet."""
    body = packet.body
    if packet.protocol != ipv4.TCP or packet.is_fragment or len(body) < HEADER_LEN:
        return None
    header_len = (body[12] >> 4) * 4
    if not HEADER_LEN <= header_len <= len(body) or checksum(_pseudo(packet) + body):
        return None
    source_port, destination_port, sequence, acknowledgement, _, flags, window = struct.unpack_from(
        "!HHIIBBH", body
    )
    options, payload = body[HEADER_LEN:header_len], body[header_len:]
    return Segment(
        *(source_port, destination_port, sequence, acknowledgement),
        *(flags & 0x3F, window, payload, options),
    )


def build(source: str, destination: str, segment: Segment) -> ipv4.Packet:
    """Write a segment into a packet."""
    words = (HEADER_LEN + len(segment.options)) // 4
    head = struct.pack(
        "!HHIIBBH",
        *segment[:4],
        *(words << 4, segment.flags, segment.window),
    )
    tail = segment.options + segment.payload
    packet = ipv4.Packet(source, destination, ipv4.TCP, head + bytes(4) + tail)
    made = checksum(_pseudo(packet) + packet.body)
    return packet._replace(body=head + struct.pack("!HH", made, 0) + tail)


def _pseudo(packet: ipv4.Packet) -> bytes:
    return pseudo_header(packet.source, packet.destination, ipv4.TCP, len(packet.body))

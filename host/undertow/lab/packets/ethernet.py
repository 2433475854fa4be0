"""Ethernet frames."""

import struct
from typing import NamedTuple

IPV4 = 0x0800
ARP = 0x0806
IPV6 = 0x86DD

HEADER_LEN = 14
# Without the check sequence at the end, which no emulated cable carries.
MIN_LEN = 60
BROADCAST = b"\xff" * 6


class Frame(NamedTuple):
    """kind: the EtherType. body: with the padding that short frames have."""

    destination: bytes
    source: bytes
    kind: int
    body: bytes


def parse(data: bytes) -> Frame | None:
    """Read a frame; None if it is too short to be one."""
    if len(data) < HEADER_LEN:
        return None
    return Frame(data[:6], data[6:12], struct.unpack_from("!H", data, 12)[0], data[HEADER_LEN:])


def build(frame: Frame) -> bytes:
    """Write a frame, padded to the shortest length that a cable takes."""
    head = frame.destination + frame.source + struct.pack("!H", frame.kind)
    return (head + frame.body).ljust(MIN_LEN, b"\0")


def mac(text: str) -> bytes:
    """ "02:00:00:00:00:01" as six bytes."""
    return bytes.fromhex(text.replace(":", ""))


def mac_text(address: bytes) -> str:
    """Six bytes as "02:00:00:00:00:01"."""
    return address.hex(":")

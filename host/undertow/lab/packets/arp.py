"""ARP for IPv4 on Ethernet (RFC 826)."""

import socket
import struct
from typing import NamedTuple

REQUEST = 1
REPLY = 2
_FORMAT = struct.Struct("!HHBBH6s4s6s4s")
_ANY = bytes(6)


class Arp(NamedTuple):
    """operation: REQUEST or REPLY. target_mac: zeros in a request."""

    operation: int
    sender_mac: bytes
    sender: str
    target_mac: bytes
    target: str

    @property
    def is_announcement(self) -> bool:
        """Whether it tells, or asks for, the sender's own address (RFC 5227)."""
        return self.sender == self.target


def request(sender_mac: bytes, sender: str, target: str) -> Arp:
    """Who has target?"""
    return Arp(REQUEST, sender_mac, sender, _ANY, target)


def parse(body: bytes) -> Arp | None:
    """Read the body of a frame."""
    if len(body) < _FORMAT.size:
        return None
    hardware, protocol, mac_len, ip_len, operation, *rest = _FORMAT.unpack_from(body)
    if (hardware, protocol, mac_len, ip_len) != (1, 0x0800, 6, 4):
        return None
    sender_mac, sender, target_mac, target = rest
    return Arp(
        operation, sender_mac, socket.inet_ntoa(sender), target_mac, socket.inet_ntoa(target)
    )


def build(message: Arp) -> bytes:
    """Write the body of a frame."""
    sender, target = socket.inet_aton(message.sender), socket.inet_aton(message.target)
    return _FORMAT.pack(
        *(1, 0x0800, 6, 4, message.operation),
        *(message.sender_mac, sender, message.target_mac, target),
    )

"""The Internet checksum."""

import socket
import struct


def checksum(data: bytes) -> int:
    """The Internet checksum (RFC 1071)."""
    if len(data) % 2:
        data += b"\0"
    total: int = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def pseudo_header(source: str, destination: str, protocol: int, length: int) -> bytes:
    """What UDP and TCP over IPv4 add to their checksums (RFC 768, RFC 9293)."""
    hosts = socket.inet_aton(source) + socket.inet_aton(destination)
    return hosts + struct.pack("!BBH", 0, protocol, length)

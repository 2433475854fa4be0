"""IPv4 packets by hand, for peers that have no interface of their own."""

import socket
import struct

ICMP = 1
ECHO_REQUEST = 8
ECHO_REPLY = 0


def checksum(data: bytes) -> int:
    """The Internet checksum (RFC 1071)."""
    if len(data) % 2:
        data += b"\0"
    total: int = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def ping(source: str, destination: str, number: int, body: bytes = b"") -> bytes:
    """An ICMP echo request in an IPv4 packet. number: its sequence number."""
    blank = struct.pack("!BBHHH", ECHO_REQUEST, 0, 0, 1, number)
    message = struct.pack("!BBHHH", ECHO_REQUEST, 0, checksum(blank + body), 1, number) + body
    hosts = socket.inet_aton(source) + socket.inet_aton(destination)
    start = struct.pack("!BBHHHBB", 0x45, 0, 20 + len(message), number, 0, 64, ICMP)
    return start + struct.pack("!H", checksum(start + b"\0\0" + hosts)) + hosts + message


def is_pong(packet: bytes, source: str, number: int) -> bool:
    """Whether packet is source's answer to that ping; padding behind it is ignored."""
    return (
        len(packet) >= 28
        and packet[9] == ICMP
        and packet[12:16] == socket.inet_aton(source)
        and packet[20] == ECHO_REPLY
        and struct.unpack_from("!H", packet, 26)[0] == number
    )

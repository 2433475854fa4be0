"""ICMP over IPv4 (RFC 792)."""

import socket
import struct
from typing import NamedTuple

from undertow.lab.packets import ipv4
from undertow.lab.packets.checksum import checksum

ECHO_REPLY = 0
UNREACHABLE = 3
REDIRECT = 5
ECHO_REQUEST = 8
TIME_EXCEEDED = 11

PORT_UNREACHABLE = 3
FRAGMENTATION_NEEDED = 4
REDIRECT_HOST = 1

_QUOTED = 8


class Message(NamedTuple):
    """rest: the four bytes behind the checksum, whose meaning the kind gives."""

    kind: int
    code: int
    rest: bytes
    body: bytes


def parse(packet: ipv4.Packet) -> Message | None:
    """Read the message in a whole packet."""
    body = packet.body
    if packet.protocol != ipv4.ICMP or packet.is_fragment or len(body) < 8 or checksum(body):
        return None
    return Message(body[0], body[1], body[4:8], body[8:])


def build(source: str, destination: str, message: Message) -> ipv4.Packet:
    """Write a message into a packet."""
    head = struct.pack("!BB", message.kind, message.code)
    made = checksum(head + b"\0\0" + message.rest + message.body)
    body = head + struct.pack("!H", made) + message.rest + message.body
    return ipv4.Packet(source, destination, ipv4.ICMP, body)


def echo(identifier: int, number: int, body: bytes, kind: int = ECHO_REQUEST) -> Message:
    """An echo request or reply."""
    return Message(kind, 0, struct.pack("!HH", identifier, number), body)


def about(offender: ipv4.Packet, kind: int, code: int, rest: bytes = bytes(4)) -> Message:
    """An error or a redirect about a packet, whose beginning it quotes."""
    return Message(kind, code, rest, ipv4.build(offender)[: ipv4.HEADER_LEN + _QUOTED])


def redirect(offender: ipv4.Packet, gateway: str) -> Message:
    """ "Send what goes to that host through another gateway." """
    return about(offender, REDIRECT, REDIRECT_HOST, socket.inet_aton(gateway))


def ping(source: str, destination: str, number: int, body: bytes = b"") -> bytes:
    """An ICMP echo request in an IPv4 packet. number: its sequence number."""
    packet = build(source, destination, echo(1, number, body))
    return ipv4.build(packet._replace(identification=number))


def is_pong(packet: bytes, source: str, number: int) -> bool:
    """Whether packet is source's answer to that ping; padding behind it is ignored."""
    return (
        len(packet) >= 28
        and packet[9] == ipv4.ICMP
        and packet[12:16] == socket.inet_aton(source)
        and packet[20] == ECHO_REPLY
        and struct.unpack_from("!H", packet, 26)[0] == number
    )

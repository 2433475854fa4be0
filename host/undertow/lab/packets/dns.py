"""DNS messages with one question and A records (RFC 1035)."""

import socket
import struct
from typing import NamedTuple

PORT = 53
A = 1
AAAA = 28
NXDOMAIN = 3
_IN = 1
_RESPONSE = 0x8000
_RECURSION = 0x0180  # desired and available
_HEADER = struct.Struct("!HHHHHH")


class Message(NamedTuple):
    """A query, or a response with addresses. code: the response's, 0 without an error."""

    identifier: int
    name: str
    kind: int
    is_response: bool = False
    addresses: tuple[str, ...] = ()
    code: int = 0
    ttl_s: int = 60


def build(message: Message) -> bytes:
    """Write a message; the answers refer to the name in the question."""
    flags = _RECURSION | (_RESPONSE if message.is_response else 0) | message.code
    head = _HEADER.pack(message.identifier, flags, 1, len(message.addresses), 0, 0)
    labels = (label.encode() for label in message.name.split(".") if label)
    name = b"".join(bytes([len(label)]) + label for label in labels) + b"\0"
    question = name + struct.pack("!HH", message.kind, _IN)
    start = struct.pack("!HHHIH", 0xC000 | _HEADER.size, A, _IN, message.ttl_s, 4)
    return head + question + b"".join(start + socket.inet_aton(a) for a in message.addresses)


def parse(data: bytes) -> Message | None:
    """Read a message with exactly one question; records other than A are passed over."""
    try:
        identifier, flags, questions, answers, _, _ = _HEADER.unpack_from(data)
        if questions != 1:
            return None
        name, at = _name(data, _HEADER.size)
        (kind,) = struct.unpack_from("!H", data, at)
        addresses, ttl_s = _addresses(data, at + 4, answers)
    except (struct.error, IndexError, OSError, UnicodeDecodeError):
        return None
    return Message(identifier, name, kind, bool(flags & _RESPONSE), addresses, flags & 15, ttl_s)


def _name(data: bytes, at: int) -> tuple[str, int]:
    """A name and where it ends; a pointer, which only answers have, ends it."""
    labels: list[str] = []
    while length := data[at]:
        if length & 0xC0:
            return ".".join(labels), at + 2
        labels.append(data[at + 1 : at + 1 + length].decode("ascii"))
        at += 1 + length
    return ".".join(labels), at + 1


def _addresses(data: bytes, at: int, count: int) -> tuple[tuple[str, ...], int]:
    found, ttl_s = [], 0
    for _ in range(count):
        _, at = _name(data, at)
        kind, _, ttl_s, length = struct.unpack_from("!HHIH", data, at)
        at += 10
        if kind == A and length == 4:
            found.append(socket.inet_ntoa(data[at : at + 4]))
        at += length
    return tuple(found), ttl_s

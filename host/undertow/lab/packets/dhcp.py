"""DHCP messages (RFC 2131, RFC 2132)."""

import socket
import struct
from typing import NamedTuple

from undertow.lab.packets.ipv4 import ANY

SERVER_PORT = 67
CLIENT_PORT = 68

DISCOVER = 1
OFFER = 2
REQUEST = 3
DECLINE = 4
ACK = 5
NAK = 6
RELEASE = 7
NAMES = {
    DISCOVER: "DISCOVER",
    OFFER: "OFFER",
    REQUEST: "REQUEST",
    DECLINE: "DECLINE",
    ACK: "ACK",
    NAK: "NAK",
    RELEASE: "RELEASE",
}

SUBNET_MASK = 1
ROUTER = 3
NAME_SERVERS = 6
HOST_NAME = 12
MTU = 26
STATIC_ROUTES = 33
REQUESTED_ADDRESS = 50
LEASE_TIME = 51
MESSAGE_TYPE = 53
SERVER_IDENTIFIER = 54
WANTED_OPTIONS = 55
CLASSLESS_ROUTES = 121
MICROSOFT_ROUTES = 249  # the same as 121, from before it had that number

_PAD, _END = 0, 255
_HEADER = struct.Struct("!BBBBIHH4s4s4s4s16s64s128s")
_COOKIE = b"\x63\x82\x53\x63"
_BROADCAST = 0x8000
_MIN_LEN = 300  # of BOOTP, which some relays insist on


class Message(NamedTuple):
    """operation: 1 from the client, 2 from the server. your: the address given to the client."""

    operation: int
    transaction: int
    mac: bytes
    options: dict[int, bytes]
    client: str = ANY
    your: str = ANY
    server: str = ANY
    wants_broadcast: bool = False

    @property
    def kind(self) -> int:
        """DISCOVER and so on; 0 if it is not a DHCP message."""
        return (self.options.get(MESSAGE_TYPE) or b"\0")[0]

    def address(self, option: int) -> str | None:
        """The first address in an option."""
        data = self.options.get(option, b"")
        return socket.inet_ntoa(data[:4]) if len(data) >= 4 else None

    def seconds(self, option: int) -> int | None:
        """The duration in an option."""
        data = self.options.get(option, b"")
        return int.from_bytes(data, "big") if len(data) == 4 else None


def build(message: Message) -> bytes:
    """Write a message, as the payload of a datagram."""
    head = _HEADER.pack(
        *(message.operation, 1, 6, 0, message.transaction, 0),
        _BROADCAST if message.wants_broadcast else 0,
        *(socket.inet_aton(a) for a in (message.client, message.your, message.server)),
        *(bytes(4), message.mac, b"", b""),
    )
    options = b""
    for number, value in message.options.items():
        # A long value is split over several options with the same number (RFC 3396).
        for at in range(0, max(len(value), 1), 255):
            part = value[at : at + 255]
            options += bytes([number, len(part)]) + part
    return (head + _COOKIE + options + bytes([_END])).ljust(_MIN_LEN, b"\0")


def parse(data: bytes) -> Message | None:
    """Read the payload of a datagram."""
    start = _HEADER.size + len(_COOKIE)
    if len(data) < start or data[_HEADER.size : start] != _COOKIE:
        return None
    operation, _, _, _, transaction, _, flags, client, your, server, _, mac, _, _ = (
        _HEADER.unpack_from(data)
    )
    options = _options(data, start)
    if options is None:
        return None
    fields = socket.inet_ntoa(client), socket.inet_ntoa(your), socket.inet_ntoa(server)
    broadcast = bool(flags & _BROADCAST)
    return Message(operation, transaction, mac[:6], options, *fields, broadcast)


def _options(data: bytes, at: int) -> dict[int, bytes] | None:
    found: dict[int, bytes] = {}
    while at < len(data) and data[at] != _END:
        if data[at] == _PAD:
            at += 1
            continue
        if at + 1 >= len(data) or at + 2 + data[at + 1] > len(data):
            return None
        value = data[at + 2 : at + 2 + data[at + 1]]
        found[data[at]] = found.get(data[at], b"") + value
        at += 2 + data[at + 1]
    return found


def addresses(*hosts: str) -> bytes:
    """Addresses as an option's value."""
    return b"".join(socket.inet_aton(host) for host in hosts)


def classless_routes(*routes: tuple[str, str]) -> bytes:
    """Option 121 or 249 (RFC 3442): ("10.0.0.0/8", "192.0.2.1") sends that through there."""
    value = b""
    for network, gateway in routes:
        host, _, length = network.partition("/")
        needed = (int(length) + 7) // 8
        value += bytes([int(length)]) + socket.inet_aton(host)[:needed] + socket.inet_aton(gateway)
    return value

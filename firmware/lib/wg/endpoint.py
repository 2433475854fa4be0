"""Outer addresses, as bytes and as text.

The bytes are: family (4 or 6) | shape << 4, port and scope (big endian, 2 and 4 bytes), 4 or 16 of
address. Shape 0: datagrams there are plain WireGuard's, 1: they have the path's shape (_wg.Shape).
Family 1 is a byte stream of the path that carries datagrams; port is its number, it has no address.
"""

from wg.allowedips import format_address, parse_address, parse_number
from wg.errors import ConfigError

_MEND = "Write ADDRESS:PORT, such as 192.0.2.1:51820 or [2001:db8::1]:51820."
_ADDRESS_START = 7
_STREAM = 1
_SHAPE_SHIFT = 4
_FAMILY_MASK = 0x0F


def pack(
    host: "bytes | bytearray | memoryview", port: int, scope: int = 0, shape: int = 0
) -> bytes:
    """The endpoint bytes of an address of 4 or 16 bytes; an IPv4 address inside IPv6 becomes IPv4.

    scope: interface index of an IPv6 link-local address. shape: 0 or 1.
    ValueError: a length or number is out of range.
    """
    address = bytes(host)
    if len(address) == 16 and address[:12] == bytes(10) + b"\xff\xff":
        address = address[12:]
    if len(address) not in (4, 16):
        raise ValueError("an address has 4 or 16 bytes, not %d" % len(address))
    if not 0 <= port <= 0xFFFF:
        raise ValueError("a port is 0 to 65535, not %d" % port)
    if not 0 <= scope <= 0xFFFFFFFF:
        raise ValueError("a scope has 32 bits: %d" % scope)
    if len(address) == 4:
        scope = 0
    family = 4 if len(address) == 4 else 6
    return _first(family, shape) + port.to_bytes(2, "big") + scope.to_bytes(4, "big") + address


def stream(number: int, shape: int = 0) -> bytes:
    """The endpoint bytes of a stream of the path. ValueError: a number is out of range."""
    if not 0 <= number <= 0xFFFF:
        raise ValueError("a stream's number is 0 to 65535, not %d" % number)
    return _first(_STREAM, shape) + number.to_bytes(2, "big") + bytes(4)


def _first(family: int, shape: int) -> bytes:
    if shape not in (0, 1):
        raise ValueError("a shape is 0 or 1, not %d" % shape)
    return bytes([family | shape << _SHAPE_SHIFT])


def is_stream(endpoint: bytes) -> bool:
    """Whether it is a stream of the path and no address."""
    return bool(endpoint) and endpoint[0] & _FAMILY_MASK == _STREAM


def shape(endpoint: bytes) -> int:
    """0: datagrams there are plain, as they are without an endpoint; 1: they have the shape."""
    return endpoint[0] >> _SHAPE_SHIFT if endpoint else 0


def with_shape(endpoint: bytes, shape: int) -> bytes:
    """The same endpoint in this shape. ValueError: it is neither 0 nor 1."""
    return _first(endpoint[0] & _FAMILY_MASK, shape) + endpoint[1:]


def host(endpoint: bytes) -> bytes:
    """The 4 or 16 bytes of the address; none of a stream."""
    return bytes(endpoint[_ADDRESS_START:])


def port(endpoint: bytes) -> int:
    """The UDP port, or the stream's number."""
    return endpoint[1] << 8 | endpoint[2]


def scope(endpoint: bytes) -> int:
    """The interface index of an IPv6 link-local address, else 0."""
    return int.from_bytes(endpoint[3:_ADDRESS_START], "big")


def split(text: str) -> "tuple[str, int]":
    """(host, port) of 'HOST:PORT' or '[HOST]:PORT'; the host may be a name.

    ConfigError: text is no such pair.
    """
    what = "endpoint '%s'" % text
    if text.startswith("["):
        name, bracket, number = text[1:].partition("]:")
        if not bracket:
            raise ConfigError(what, "the bracket is not closed and followed by a port", _MEND)
    else:
        name, colon, number = text.partition(":")
        if not colon:
            raise ConfigError(what, "the port is missing", _MEND)
        if ":" in number:
            raise ConfigError(what, "an IPv6 address needs brackets", _MEND)
    if not name:
        raise ConfigError(what, "the address is missing", _MEND)
    value = parse_number(number, 0xFFFF)
    if value < 1:
        raise ConfigError(what, "the port is no number from 1 to 65535", _MEND)
    return name, value


def parse(text: str) -> bytes:
    """The endpoint bytes of '192.0.2.1:51820' or '[fe80::1%3]:51820' (scope as a number).

    ConfigError: text is no address with a port; a host name is none, see split().
    """
    name, port_number = split(text)
    what = "endpoint '%s'" % text
    name, percent, zone = name.partition("%")
    try:
        address = parse_address(name)
    except ConfigError:
        raise ConfigError(what, "'%s' is no IP address" % name, _MEND)
    if (len(address) == 16) != text.startswith("["):
        raise ConfigError(what, "brackets are for IPv6 addresses, and those need them", _MEND)
    index = 0
    if percent:
        index = parse_number(zone, 0xFFFFFFFF)
        if index < 0 or len(address) == 4:
            raise ConfigError(what, "the scope is no interface number", _MEND)
    return pack(address, port_number, index)


def describe(endpoint: "bytes | bytearray | memoryview") -> str:
    """As format() has it, and whether datagrams there have a shape: for the log."""
    return format(endpoint) + (", shaped" if shape(bytes(endpoint)) else "")


def format(endpoint: "bytes | bytearray | memoryview") -> str:
    """The text that parse() takes, whatever the shape; '(none)' for no endpoint.

    Of a stream 'stream N', which parse() does not take.
    """
    if not endpoint:
        return "(none)"
    data = bytes(endpoint)
    if is_stream(data):
        return "stream %d" % port(data)
    text = format_address(data[_ADDRESS_START:])
    if len(data) == _ADDRESS_START + 4:
        return "%s:%d" % (text, port(data))
    if scope(data):
        text = "%s%%%d" % (text, scope(data))
    return "[%s]:%d" % (text, port(data))

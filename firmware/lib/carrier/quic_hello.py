"""The ClientHello of a browser that begins HTTP/3 (RFC 8446, 4.1.2; RFC 9001, 4 and 8)."""

from wg.compat import TYPE_CHECKING

if TYPE_CHECKING:
    from carrier.chance import Chance

_CLIENT_HELLO = 1
_X25519 = b"\x00\x1d"
# Extensions (RFC 8446, 4.2 and the registry).
_SERVER_NAME = 0
_GROUPS = 10
_SIGNATURES = 13
_ALPN = 16
_COMPRESSION = 27
_VERSIONS = 43
_PSK_MODES = 45
_KEY_SHARE = 51
_TRANSPORT = 57


def client_hello(chance: "Chance", name: str) -> bytes:
    """The handshake message, with its type and length. name: what is asked for (SNI).

    Extensions come in another order each time, as Chrome has it; what it greases is greased.
    """
    host = name.encode()
    first, last, group = _greases(chance)
    extensions = [
        _extension(_SERVER_NAME, _vector16(b"\x00" + _vector16(host))),
        _extension(_GROUPS, _vector16(group + _X25519 + b"\x00\x17\x00\x18")),
        _extension(
            _SIGNATURES,
            _vector16(b"\x04\x03\x08\x04\x04\x01\x05\x03\x08\x05\x05\x01\x08\x06\x06\x01\x02\x01"),
        ),
        _extension(_ALPN, _vector16(b"\x02h3")),
        _extension(_COMPRESSION, b"\x02\x00\x02"),
        _extension(_VERSIONS, b"\x02\x03\x04"),
        _extension(_PSK_MODES, b"\x01\x01"),
        _extension(
            _KEY_SHARE,
            _vector16(group + b"\x00\x01\x00" + _X25519 + _vector16(_public_key(chance))),
        ),
        _extension(_TRANSPORT, _transport_parameters(chance)),
    ]
    body = b"\x03\x03" + chance.bytes(32) + b"\x00"  # without a session of TLS 1.2
    body += _vector16(b"\x13\x01\x13\x02\x13\x03") + b"\x01\x00"
    middle = b"".join(chance.shuffled(extensions))
    body += _vector16(first + b"\x00\x00" + middle + last + b"\x00\x01\x00")
    return bytes((_CLIENT_HELLO, 0)) + _vector16(body)


def _public_key(chance: "Chance") -> bytes:
    """32 bytes that can be an X25519 public key: its highest bit is never set."""
    key = bytearray(chance.bytes(32))
    key[31] &= 0x7F
    return bytes(key)


def _greases(chance: "Chance") -> "tuple[bytes, bytes, bytes]":
    """Three pairs of bytes that mean nothing and have to be passed over (RFC 8701).

    No extension may be there twice, so the first two differ.
    """
    first = chance.below(16)
    numbers = (first, (first + 1 + chance.below(15)) % 16, chance.below(16))
    pairs = [bytes((number << 4 | 0x0A,)) * 2 for number in numbers]
    return pairs[0], pairs[1], pairs[2]


def _extension(kind: int, data: bytes) -> bytes:
    return bytes((kind >> 8, kind & 0xFF)) + _vector16(data)


def _vector16(data: bytes) -> bytes:
    return bytes((len(data) >> 8, len(data) & 0xFF)) + data


def _transport_parameters(chance: "Chance") -> bytes:
    """RFC 9000, 18.2: the values that browsers have, in any order, and one that means nothing."""
    parameters = [
        _parameter(0x01, _integer(30000)),  # idle timeout, ms
        _parameter(0x03, _integer(1472)),  # UDP payload
        _parameter(0x04, _integer(15_728_640)),  # data, then of streams of three kinds
        _parameter(0x05, _integer(6_291_456)),
        _parameter(0x06, _integer(6_291_456)),
        _parameter(0x07, _integer(6_291_456)),
        _parameter(0x08, _integer(100)),  # streams of two kinds
        _parameter(0x09, _integer(103)),
        _parameter(0x0F, b""),  # our connection id, which is empty
        _parameter(31 * chance.between(1, 500) + 27, chance.bytes(chance.below(12))),
    ]
    return b"".join(chance.shuffled(parameters))


def _parameter(number: int, value: bytes) -> bytes:
    return _integer(number) + _integer(len(value)) + value


def _integer(value: int) -> bytes:
    """RFC 9000, 16, in its shortest form."""
    if value < 0x40:
        return bytes((value,))
    if value < 0x4000:
        return bytes((0x40 | value >> 8, value & 0xFF))
    return bytes((0x80 | value >> 24, value >> 16 & 0xFF, value >> 8 & 0xFF, value & 0xFF))

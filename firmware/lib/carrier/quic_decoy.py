"""A decoy that is a true QUIC Initial (RFC 9000, 17.2.2; RFC 9001, 5): whoever opens it finds the
first message of a browser to a name that is allowed.

The keys follow from the connection id, which stands in the packet: nothing of it is secret.
"""

from carrier.primitives import GCM_TAG_LEN, aes128_block, aes128_gcm_seal, hmac_sha256
from carrier.quic_hello import client_hello
from wg.compat import TYPE_CHECKING

if TYPE_CHECKING:
    from carrier.chance import Chance

DATAGRAM_LEN = 1200  # the least that an Initial has (RFC 9000, 14.1)
# Names that are asked for everywhere, by HTTP/3, too; each box has one of its own.
NAMES = (
    "www.bing.com",
    "www.microsoft.com",
    "www.apple.com",
    "www.icloud.com",
    "www.office.com",
    "www.amazon.com",
    "www.samsung.com",
    "www.adobe.com",
    "www.booking.com",
    "www.ubuntu.com",
    "www.python.org",
    "7-zip.org",
)

_SALT = b"\x38\x76\x2c\xf7\xf5\x59\x34\xb3\x4d\x17\x9a\xe6\xa4\xc8\x0c\xad\xcc\xbb\x7f\x0a"
_VERSION_1 = b"\x00\x00\x00\x01"
_ID_LEN = 8
_CRYPTO = 6
_SAMPLE_LEN = 16


def datagram(chance: "Chance", name: str) -> bytes:
    """DATAGRAM_LEN bytes. name: of at most 200 characters, what is asked for."""
    hello = client_hello(chance, name)
    frame = bytes((_CRYPTO, 0, 0x40 | len(hello) >> 8, len(hello) & 0xFF)) + hello
    number = chance.bytes(chance.between(1, 4))
    return seal(chance.bytes(_ID_LEN), number, frame)


def seal(connection: bytes, number: bytes, frames: bytes) -> bytes:
    """The datagram of DATAGRAM_LEN bytes. connection: the destination's id of 8 to 20 bytes.

    number: the packet's, 1 to 4 bytes. frames: what is in it; padded.
    """
    key, iv, header_key = keys(connection)
    head = bytearray((0xC0 | len(number) - 1,)) + _VERSION_1
    head += bytes((len(connection),)) + connection + b"\x00\x00"  # our id and the token are empty
    length = DATAGRAM_LEN - len(head) - 2
    head += bytes((0x40 | length >> 8, length & 0xFF)) + number
    nonce = bytearray(iv)
    for i in range(len(number)):
        nonce[len(nonce) - len(number) + i] ^= number[i]
    payload = bytearray(DATAGRAM_LEN - len(head) - GCM_TAG_LEN)
    payload[: len(frames)] = frames
    if len(payload) != DATAGRAM_LEN - len(head) - GCM_TAG_LEN:
        raise ValueError("too much for an Initial: %d bytes" % len(frames))
    sealed = aes128_gcm_seal(key, bytes(nonce), bytes(head), payload)
    # The sample begins four bytes after the number does, however long that is (RFC 9001, 5.4.2).
    sample = sealed[4 - len(number) : 4 - len(number) + _SAMPLE_LEN]
    mask = aes128_block(header_key, sample)
    head[0] ^= mask[0] & 0x0F
    start = len(head) - len(number)
    for i in range(len(number)):
        head[start + i] ^= mask[1 + i]
    return bytes(head) + sealed


def keys(connection: bytes) -> "tuple[bytes, bytes, bytes]":
    """(key, IV, header protection key) of a client's Initials (RFC 9001, 5.2)."""
    secret = _expand(hmac_sha256(_SALT, connection), b"client in", 32)
    return (
        _expand(secret, b"quic key", 16),
        _expand(secret, b"quic iv", 12),
        _expand(secret, b"quic hp", 16),
    )


def _expand(secret: bytes, label: bytes, length: int) -> bytes:
    """HKDF-Expand-Label with an empty context, up to 32 bytes (RFC 8446, 7.1)."""
    info = bytes((0, length, 6 + len(label))) + b"tls13 " + label + b"\x00\x01"
    return hmac_sha256(secret, info)[:length]

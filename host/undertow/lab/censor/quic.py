"""A QUIC Initial opened as a censor on the way opens it: the keys follow from its own header.

RFC 9000 17.2.2 (the packet), 19.6 (CRYPTO frames); RFC 9001 5.2 (keys), 5.4 (header protection).
"""

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from undertow.lab.censor.client_hello import name_in_hello

SALT = bytes.fromhex("38762cf7f55934b34d179ae6a4c80cadccbb7f0a")
VERSION_1 = 1
DATAGRAM_LEN_MIN = 1200  # of a client's Initial, or servers do not answer
_LONG_INITIAL = 0xC0
_KIND_MASK = 0xF0
_SAMPLE_LEN = 16
_PADDING, _PING, _CRYPTO = 0, 1, 6


def server_name(datagram: bytes) -> str:
    """The name that a client's first datagram asks for; empty: no true Initial, or no name."""
    try:
        frames = open_initial(datagram)
        return name_in_hello(_crypto(frames)) if frames else ""
    except (IndexError, ValueError):
        return ""


def keys(connection: bytes) -> tuple[bytes, bytes, bytes]:
    """Key, nonce and header key of a client's Initials to this connection ID."""
    secret = expand(_extract(connection), "client in", 32)
    return (
        expand(secret, "quic key", 16),
        expand(secret, "quic iv", 12),
        expand(secret, "quic hp", 16),
    )


def expand(secret: bytes, label: str, length: int) -> bytes:
    """HKDF-Expand-Label of TLS 1.3 (RFC 8446 7.1) without a context."""
    name = b"tls13 " + label.encode()
    info = length.to_bytes(2, "big") + bytes([len(name)]) + name + b"\0"
    return HKDFExpand(hashes.SHA256(), length, info).derive(secret)


def mask(header_key: bytes, sample: bytes) -> bytes:
    """Five bytes that hide the header: a block of AES over a piece of the payload."""
    block = Cipher(algorithms.AES(header_key), modes.ECB()).encryptor().update(sample)  # noqa: S305
    return block[:5]


def open_initial(datagram: bytes) -> bytes:
    """The frames in a client's Initial; empty: it is none, or cannot be opened."""
    data = bytearray(datagram)
    if len(data) < DATAGRAM_LEN_MIN or data[0] & _KIND_MASK != _LONG_INITIAL:
        return b""
    if int.from_bytes(data[1:5], "big") != VERSION_1:
        return b""
    at = 6 + data[5]
    connection = bytes(data[6:at])
    at += 1 + data[at]  # the source's ID
    token_len, at = _number(data, at)
    length, at = _number(data, at + token_len)
    end = at + length
    if end > len(data):
        return b""
    key, nonce, header_key = keys(connection)
    hidden = mask(header_key, bytes(data[at + 4 : at + 4 + _SAMPLE_LEN]))
    data[0] ^= hidden[0] & 0x0F
    number_len = (data[0] & 3) + 1
    for index in range(number_len):
        data[at + index] ^= hidden[1 + index]
    number = bytes(data[at : at + number_len]).rjust(12, b"\0")
    nonce = bytes(one ^ other for one, other in zip(nonce, number, strict=True))
    body = at + number_len
    try:
        return AESGCM(key).decrypt(nonce, bytes(data[body:end]), bytes(data[:body]))
    except InvalidTag:
        return b""


def _crypto(frames: bytes) -> bytes:
    """What the CRYPTO frames bring, put in order."""
    pieces: dict[int, bytes] = {}
    at = 0
    while at < len(frames):
        kind = frames[at]
        at += 1
        if kind in (_PADDING, _PING):
            continue
        if kind != _CRYPTO:
            break
        offset, at = _number(frames, at)
        length, at = _number(frames, at)
        pieces[offset] = frames[at : at + length]
        at += length
    whole = bytearray()
    for offset in sorted(pieces):
        whole[offset : offset + len(pieces[offset])] = pieces[offset]
    return bytes(whole)


def _extract(connection: bytes) -> bytes:
    state = HMAC(SALT, hashes.SHA256())
    state.update(connection)
    return state.finalize()


def _number(data: bytes | bytearray, at: int) -> tuple[int, int]:
    """A number of variable length (RFC 9000 16), and where it ends."""
    length = 1 << (data[at] >> 6)
    value = int.from_bytes(data[at : at + length], "big") & ((1 << (8 * length - 2)) - 1)
    return value, at + length

"""Opens a QUIC Initial as a network's box does that looks into them: not by our code.

RFC 9000, 17.2.2; RFC 9001, 5; RFC 8446, 4.1.2. Only CPython has what it needs.
"""

import hashlib
import hmac

SALT = bytes.fromhex("38762cf7f55934b34d179ae6a4c80cadccbb7f0a")


class NotInitialError(Exception):
    """The datagram is not a client's Initial that can be opened."""


def integer(data, at):
    """(value, where the next thing is) of a QUIC integer (RFC 9000, 16)."""
    length = 1 << (data[at] >> 6)
    value = int.from_bytes(data[at : at + length], "big") & ((1 << (8 * length - 2)) - 1)
    return value, at + length


def expand(secret, label, length):
    info = length.to_bytes(2, "big") + bytes([6 + len(label)]) + b"tls13 " + label + b"\x00"
    return hmac.new(secret, info + b"\x01", hashlib.sha256).digest()[:length]


def plaintext(datagram):
    """The frames in it."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    if datagram[0] & 0xF0 != 0xC0 or datagram[1:5] != b"\x00\x00\x00\x01":
        raise NotInitialError("no Initial of version 1")
    at = 6 + datagram[5]
    connection = datagram[6:at]
    at += 1 + datagram[at]
    token_len, at = integer(datagram, at)
    length, at = integer(datagram, at + token_len)
    if at + length != len(datagram):
        raise NotInitialError("its length is wrong")
    initial = hmac.new(SALT, connection, hashlib.sha256).digest()
    secret = expand(initial, b"client in", 32)
    sample = datagram[at + 4 : at + 20]
    cipher = Cipher(algorithms.AES(expand(secret, b"quic hp", 16)), modes.ECB())
    mask = cipher.encryptor().update(sample)
    first = datagram[0] ^ mask[0] & 0x0F
    if first & 0x0C:
        raise NotInitialError("reserved bits are set")
    number_len = (first & 3) + 1
    number = bytes(a ^ b for a, b in zip(datagram[at : at + number_len], mask[1:], strict=False))
    head = bytes([first]) + datagram[1:at] + number
    iv = expand(secret, b"quic iv", 12)
    padded = bytes(12 - number_len) + number
    nonce = bytes(a ^ b for a, b in zip(iv, padded, strict=True))
    try:
        body = datagram[at + number_len :]
        return AESGCM(expand(secret, b"quic key", 16)).decrypt(nonce, body, head)
    except InvalidTag:
        raise NotInitialError("it is not authentic") from None


def client_hello(frames):
    """The handshake message in the frames; they may be padding and one CRYPTO frame only."""
    at = 0
    found = None
    while at < len(frames):
        if frames[at] == 0:
            at += 1
            continue
        if frames[at] != 6 or found is not None:
            raise NotInitialError(f"frame {frames[at]}")
        offset, at = integer(frames, at + 1)
        length, at = integer(frames, at)
        if offset:
            raise NotInitialError("it begins in the middle")
        found = frames[at : at + length]
        at += length
    if found is None:
        raise NotInitialError("there is no CRYPTO frame")
    return found


def extensions(hello):
    """{number: data} of a ClientHello."""
    if hello[0] != 1 or int.from_bytes(hello[1:4], "big") != len(hello) - 4:
        raise NotInitialError("no ClientHello")
    at = 4 + 2 + 32
    at += 1 + hello[at]
    at += 2 + int.from_bytes(hello[at : at + 2], "big")
    at += 1 + hello[at]
    end = at + 2 + int.from_bytes(hello[at : at + 2], "big")
    if end != len(hello):
        raise NotInitialError("its extensions have another length")
    at += 2
    found = {}
    while at < end:
        number = int.from_bytes(hello[at : at + 2], "big")
        length = int.from_bytes(hello[at + 2 : at + 4], "big")
        if number in found:
            raise NotInitialError(f"extension {number} is there twice")
        found[number] = hello[at + 4 : at + 4 + length]
        at += 4 + length
    if at != end:
        raise NotInitialError("its last extension is cut off")
    return found


def server_name(datagram):
    """What is asked for (SNI), as a network that filters by it reads it."""
    data = extensions(client_hello(plaintext(datagram)))[0]
    return data[5:].decode()

"""The primitives: RFC 7693, RFC 2104, RFC 5869, RFC 8439, RFC 7748, draft-irtf-cfrg-xchacha-03."""

import hashlib
import hmac as python_hmac
import struct
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.poly1305 import Poly1305
from tests.contract.reference.arguments import apart, in_place, number, readable, writable

# --- on bytes ---


def hash_of(*parts: bytes) -> bytes:
    return hashlib.blake2s(b"".join(parts)).digest()


def mac_of(key: bytes, data: bytes, length: int = 16) -> bytes:
    """Keyed BLAKE2s, WireGuard's MAC (paper 5.4)."""
    return hashlib.blake2s(data, key=key, digest_size=length).digest()


def hmac_of(key: bytes, data: bytes) -> bytes:
    return python_hmac.new(key, data, hashlib.blake2s).digest()


def kdf_of(count: int, chaining_key: bytes, data: bytes) -> list[bytes]:
    secret = hmac_of(chaining_key, data)
    outs = [b""]
    for position in range(count):
        outs.append(hmac_of(secret, outs[-1] + bytes([position + 1])))
    return outs[1:]


def hchacha20(key: bytes, nonce: bytes) -> bytes:
    """Section 2.2 of the draft: the rounds of ChaCha20 without the addition at the end."""
    words = [*struct.unpack("<4I", b"expand 32-byte k"), *struct.unpack("<12I", key + nonce)]

    def quarter(a: int, b: int, c: int, d: int) -> None:
        for x, y, z, shift in ((a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)):
            words[x] = (words[x] + words[y]) & 0xFFFFFFFF
            mixed = words[z] ^ words[x]
            words[z] = (mixed << shift | mixed >> (32 - shift)) & 0xFFFFFFFF

    for _ in range(10):
        for column in range(4):
            quarter(column, 4 + column, 8 + column, 12 + column)
        for column in range(4):
            quarter(column, 4 + (column + 1) % 4, 8 + (column + 2) % 4, 12 + (column + 3) % 4)
    return struct.pack("<8I", *words[:4], *words[12:])


def aead_of(key: bytes, nonce: bytes) -> tuple[ChaCha20Poly1305, bytes]:
    """The cipher for a nonce of 12 or 24 bytes, and the nonce that it takes."""
    if len(nonce) == 24:
        return ChaCha20Poly1305(hchacha20(key, nonce[:16])), bytes(4) + nonce[16:]
    return ChaCha20Poly1305(key), nonce


def seal(key: bytes, nonce: bytes, data: bytes, ad: bytes) -> bytes:
    cipher, short_nonce = aead_of(key, nonce)
    return cipher.encrypt(short_nonce, data, ad)


def open_sealed(key: bytes, nonce: bytes, data: bytes, ad: bytes) -> bytes | None:
    """None: forged."""
    cipher, short_nonce = aead_of(key, nonce)
    try:
        return cipher.decrypt(short_nonce, data, ad)
    except InvalidTag:
        return None


def counter_nonce(counter: int) -> bytes:
    """WireGuard's and Noise's nonce of 64 bits."""
    return bytes(4) + counter.to_bytes(8, "little")


def dh(scalar: bytes, point: bytes) -> bytes:
    """All zero for a point of low order."""
    try:
        return X25519PrivateKey.from_private_bytes(scalar).exchange(
            X25519PublicKey.from_public_bytes(point)
        )
    except ValueError:
        return bytes(32)


# --- as the module has them ---


def blake2s(out: Any, data: Any, key: Any = None) -> None:
    target, message = writable(out), readable(data)
    secret = readable(b"" if key is None else key)
    if not 1 <= len(target) <= 32 or len(secret) > 32:
        raise ValueError("length")
    apart(target, message, secret)
    target[:] = mac_of(bytes(secret), bytes(message), len(target))


def hmac(out: Any, key: Any, data: Any) -> None:
    target, secret, message = writable(out, 32), readable(key), readable(data)
    apart(target, secret, message)
    target[:] = hmac_of(bytes(secret), bytes(message))


def kdf(outputs: Any, chaining_key: Any, data: Any) -> None:
    if not isinstance(outputs, tuple | list) or len(outputs) > 3:
        raise TypeError("no tuple of one to three")
    if not outputs:
        raise ValueError("empty")
    targets = [writable(out, 32) for out in outputs]
    key, message = readable(chaining_key, 32), readable(data)
    for position, target in enumerate(targets):
        in_place(target, key)
        apart(target, message, *targets[:position])
    for target, value in zip(
        targets, kdf_of(len(targets), bytes(key), bytes(message)), strict=True
    ):
        target[:] = value


def chacha20_xor(out: Any, data: Any, key: Any, nonce: Any, counter: Any) -> None:
    message = readable(data)
    target = writable(out, len(message))
    secret, once = readable(key, 32), readable(nonce, 12)
    number(counter, 2**32 - 1)
    in_place(target, message)
    apart(target, secret, once)
    if counter + (len(message) + 63) // 64 > 2**32:
        raise ValueError("over the end of the key stream")
    start = counter.to_bytes(4, "little") + bytes(once)
    cipher = Cipher(algorithms.ChaCha20(bytes(secret), start), mode=None)
    target[:] = cipher.encryptor().update(bytes(message))


def poly1305(out: Any, data: Any, key: Any) -> None:
    target, message, secret = writable(out, 16), readable(data), readable(key, 32)
    apart(target, message, secret)
    target[:] = Poly1305.generate_tag(bytes(secret), bytes(message))


def _aead_arguments(
    out: Any, data: Any, ad: Any, nonce: Any, key: Any
) -> tuple[memoryview, bytes, bytes, bytes, bytes]:
    target, message, extra = writable(out), readable(data), readable(ad)
    once, secret = readable(nonce), readable(key, 32)
    in_place(target, message)
    apart(target, extra, once, secret)
    if len(once) not in (12, 24):
        raise ValueError("length")
    return target, bytes(message), bytes(extra), bytes(once), bytes(secret)


def aead_seal(out: Any, data: Any, ad: Any, nonce: Any, key: Any) -> None:
    target, message, extra, once, secret = _aead_arguments(out, data, ad, nonce, key)
    if len(target) != len(message) + 16:
        raise ValueError("length")
    target[:] = seal(secret, once, message, extra)


def aead_open(out: Any, data: Any, ad: Any, nonce: Any, key: Any) -> bool:
    target, message, extra, once, secret = _aead_arguments(out, data, ad, nonce, key)
    if len(message) < 16 or len(target) != len(message) - 16:
        raise ValueError("length")
    opened = open_sealed(secret, once, message, extra)
    if opened is not None:
        target[:] = opened
    return opened is not None


def x25519(out: Any, scalar: Any, point: Any) -> bool:
    target, factor, other = writable(out, 32), readable(scalar, 32), readable(point, 32)
    apart(target, factor, other)
    shared = dh(bytes(factor), bytes(other))
    target[:] = shared
    return shared != bytes(32)

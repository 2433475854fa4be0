"""A WireGuard peer for one conversation, written from the paper on top of `cryptography` and
`hashlib`.

It shares no code with the product, so it can judge it; and it keeps every step in the caller's
hands, so that a test or a bench can shake hands three hundred times, or wrongly. Roles: initiator.
"""

import hashlib
import os
import struct
import time
from dataclasses import dataclass

from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.ciphers.algorithms import ChaCha20

CONSTRUCTION = b"Noise_IKpsk2_25519_ChaChaPoly_BLAKE2s"
IDENTIFIER = b"WireGuard v1 zx2c4 Jason@zx2c4.com"
LABEL_MAC1 = b"mac1----"
LABEL_COOKIE = b"cookie--"
TAI64_EPOCH = 0x4000_0000_0000_000A
INITIATION_LEN = 148
RESPONSE_LEN = 92
COOKIE_REPLY_LEN = 64


def _hash(data: bytes) -> bytes:
    return hashlib.blake2s(data).digest()


def _mac(key: bytes, data: bytes) -> bytes:
    return hashlib.blake2s(data, key=key, digest_size=16).digest()


def _hmac(key: bytes, data: bytes) -> bytes:
    state = hmac.HMAC(key, hashes.BLAKE2s(32))
    state.update(data)
    return state.finalize()


def _kdf(count: int, key: bytes, data: bytes) -> list[bytes]:
    secret = _hmac(key, data)
    found: list[bytes] = []
    for number in range(1, count + 1):
        found.append(_hmac(secret, (found[-1] if found else b"") + bytes([number])))
    return found


def _aead(key: bytes, counter: int) -> tuple[ChaCha20Poly1305, bytes]:
    return ChaCha20Poly1305(key), bytes(4) + struct.pack("<Q", counter)


def _hchacha20(key: bytes, nonce: bytes) -> bytes:
    """HChaCha20 (draft-irtf-cfrg-xchacha): a ChaCha20 block without its last addition."""
    block = Cipher(ChaCha20(key, nonce), None).encryptor().update(bytes(64))
    words = struct.unpack("<16I", block)
    start = struct.unpack("<16I", b"expand 32-byte k" + key + nonce)
    kept = [(words[i] - start[i]) & 0xFFFF_FFFF for i in (0, 1, 2, 3, 12, 13, 14, 15)]
    return struct.pack("<8I", *kept)


def _xopen(key: bytes, nonce: bytes, sealed: bytes, extra: bytes) -> bytes:
    cipher = ChaCha20Poly1305(_hchacha20(key, nonce[:16]))
    return cipher.decrypt(bytes(4) + nonce[16:], sealed, extra)


def tai64n() -> bytes:
    """The time now as the paper's timestamp, 12 bytes."""
    seconds, nanoseconds = divmod(time.time_ns(), 1_000_000_000)
    return struct.pack(">QI", TAI64_EPOCH + seconds, nanoseconds)


def mac1_key(responder_public: bytes) -> bytes:
    """The key of mac1 in all messages to a responder: its public key is enough to make it."""
    return _hash(LABEL_MAC1 + responder_public)


@dataclass
class Session:
    """The keys that a handshake made, as the initiator has them."""

    remote_index: int
    sending_key: bytes
    receiving_key: bytes
    counter: int = 0

    def seal(self, packet: bytes) -> bytes:
        """One transport data message (5.4.6) with packet padded to 16 bytes."""
        cipher, nonce = _aead(self.sending_key, self.counter)
        header = struct.pack("<IIQ", 4, self.remote_index, self.counter)
        self.counter += 1
        return header + cipher.encrypt(nonce, packet + bytes(-len(packet) % 16), None)

    def open(self, message: bytes) -> bytes:
        """The padded packet in a transport data message to us; InvalidTag if it is forged."""
        _, _, counter = struct.unpack_from("<IIQ", message)
        cipher, nonce = _aead(self.receiving_key, counter)
        return cipher.decrypt(nonce, message[16:], None)


class Initiator:
    """One handshake as initiator (5.4.2, 5.4.3)."""

    def __init__(
        self, private: bytes, responder_public: bytes, preshared_key: bytes = bytes(32)
    ) -> None:
        self._static = X25519PrivateKey.from_private_bytes(private)
        self._ephemeral = X25519PrivateKey.generate()
        self._responder = responder_public
        self._preshared_key = preshared_key
        self._chaining_key = _hash(CONSTRUCTION)
        self._transcript = _hash(_hash(self._chaining_key + IDENTIFIER) + responder_public)
        self.index = int.from_bytes(os.urandom(4), "little")

    @property
    def public(self) -> bytes:
        """The static public key."""
        return self._static.public_key().public_bytes_raw()

    def _mix_hash(self, data: bytes) -> None:
        self._transcript = _hash(self._transcript + data)

    def _mix_key(self, data: bytes) -> bytes:
        self._chaining_key, key = _kdf(2, self._chaining_key, data)
        return key

    def _seal(self, key: bytes, text: bytes) -> bytes:
        cipher, nonce = _aead(key, 0)
        sealed = cipher.encrypt(nonce, text, self._transcript)
        self._mix_hash(sealed)
        return sealed

    def initiation(self, timestamp: bytes | None = None) -> bytes:
        """The handshake initiation, 148 bytes with mac1 and an empty mac2."""
        responder = X25519PublicKey.from_public_bytes(self._responder)
        # e
        ephemeral = self._ephemeral.public_key().public_bytes_raw()
        (self._chaining_key,) = _kdf(1, self._chaining_key, ephemeral)
        self._mix_hash(ephemeral)
        # es, s
        key = self._mix_key(self._ephemeral.exchange(responder))
        static = self._seal(key, self.public)
        # ss, {t}
        key = self._mix_key(self._static.exchange(responder))
        stamp = self._seal(key, timestamp or tai64n())
        message = struct.pack("<II", 1, self.index) + ephemeral + static + stamp
        return message + _mac(mac1_key(self._responder), message) + bytes(16)

    def with_cookie(self, initiation: bytes, reply: bytes) -> bytes:
        """The same initiation with the mac2 (5.4.4) that a cookie reply to it (5.4.7) asks for."""
        _, own_index = struct.unpack_from("<II", reply)
        if len(reply) != COOKIE_REPLY_LEN or own_index != self.index:
            raise ValueError("not a cookie reply to this initiation")
        key = _hash(LABEL_COOKIE + self._responder)
        cookie = _xopen(key, reply[8:32], reply[32:], initiation[-32:-16])
        return initiation[:-16] + _mac(cookie, initiation[:-16])

    def finish(self, response: bytes) -> Session:
        """The session that a handshake response opens; InvalidTag if it is not for us."""
        _, remote_index, own_index = struct.unpack_from("<III", response)
        if len(response) != RESPONSE_LEN or own_index != self.index:
            raise ValueError("not a response to this initiation")
        # e
        ephemeral = response[12:44]
        (self._chaining_key,) = _kdf(1, self._chaining_key, ephemeral)
        self._mix_hash(ephemeral)
        # ee, se
        remote = X25519PublicKey.from_public_bytes(ephemeral)
        self._mix_key(self._ephemeral.exchange(remote))
        self._mix_key(self._static.exchange(remote))
        # psk, {}
        self._chaining_key, tau, key = _kdf(3, self._chaining_key, self._preshared_key)
        self._mix_hash(tau)
        cipher, nonce = _aead(key, 0)
        cipher.decrypt(nonce, response[44:60], self._transcript)
        sending, receiving = _kdf(2, self._chaining_key, b"")
        return Session(remote_index, sending, receiving)

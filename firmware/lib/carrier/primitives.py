"""Cryptography that web and QUIC want and WireGuard has not: C on MicroPython, Python's elsewhere.

None of it holds a secret that lasts: what a QUIC Initial is sealed with, everybody can derive.
"""

from wg.compat import TYPE_CHECKING

if TYPE_CHECKING:
    Buffer = bytes | bytearray | memoryview

try:
    import _carrier
except ImportError:
    _carrier = None  # type: ignore[assignment]

SHA256_LEN = 32
GCM_TAG_LEN = 16

if TYPE_CHECKING or _carrier is None:

    def sha1(data: "Buffer") -> bytes:
        """20 bytes."""
        import hashlib

        return hashlib.sha1(data).digest()  # noqa: S324 - RFC 6455 wants it, as a checksum

    def hmac_sha256(key: "Buffer", data: "Buffer") -> bytes:
        """SHA256_LEN bytes."""
        import hmac

        return hmac.new(bytes(key), data, "sha256").digest()

    def aes128_block(key: "Buffer", block: "Buffer") -> bytes:
        """A block of 16 bytes, encrypted."""
        from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

        # One block, for the mask of QUIC's header (RFC 9001, 5.4.3): no mode is at work.
        encryptor = Cipher(algorithms.AES(bytes(key)), modes.ECB()).encryptor()  # noqa: S305
        return encryptor.update(bytes(block))

    def aes128_gcm_seal(key: "Buffer", nonce: "Buffer", aad: "Buffer", data: "Buffer") -> bytes:
        """The ciphertext, and its tag of GCM_TAG_LEN bytes."""
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        return AESGCM(bytes(key)).encrypt(bytes(nonce), bytes(data), bytes(aad))

else:
    sha1 = _carrier.sha1
    hmac_sha256 = _carrier.hmac_sha256
    aes128_block = _carrier.aes128_block

    def aes128_gcm_seal(key: "Buffer", nonce: "Buffer", aad: "Buffer", data: "Buffer") -> bytes:
        buffer = bytearray(len(data) + GCM_TAG_LEN)
        memoryview(buffer)[: len(data)] = data
        _carrier.aes128_gcm_seal(key, nonce, aad, buffer)
        return bytes(buffer)

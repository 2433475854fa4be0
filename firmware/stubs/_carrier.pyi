"""Names of ../carrier, and cryptography that web and QUIC want and WireGuard has not. What runs is in the data path's module.

None of it holds a secret that lasts: what a QUIC Initial is sealed with, everybody can derive.
"""

from _typeshed import ReadableBuffer, WriteableBuffer

def sha1(data: ReadableBuffer) -> bytes:
    """20 bytes (FIPS 180-4): for WebSocket's accept value, which is a checksum."""

def hmac_sha256(key: ReadableBuffer, data: ReadableBuffer) -> bytes:
    """32 bytes (RFC 2104)."""

def aes128_block(key: ReadableBuffer, block: ReadableBuffer) -> bytes:
    """One block of 16 bytes, encrypted (FIPS 197). ValueError: key or block is not 16 bytes."""

def aes128_gcm_seal(
    key: ReadableBuffer, nonce: ReadableBuffer, aad: ReadableBuffer, buffer: WriteableBuffer
) -> None:
    """Encrypt buffer in place, but for its last 16 bytes, which become the tag (NIST SP 800-38D).

    key: 16 bytes. nonce: 12 bytes. ValueError: they are not, or buffer has no room for the tag.
    """

# Where a stream stands: stream_state() of the data path.
STREAM_CONNECTING: int
STREAM_OPEN: int  # bytes may be read and written
STREAM_SECURING: int  # the TLS handshake runs
STREAM_CARRYING: int  # datagrams in frames
STREAM_ENDED: int
# How datagrams are framed: stream_carry().
FRAMING_LENGTH: int
FRAMING_WEBSOCKET_CLIENT: int
FRAMING_WEBSOCKET_SERVER: int
# Why a stream ended: stream_end(); 0: it has not.
END_HERE: int  # we closed it
END_REFUSED: int  # nobody listens there
END_UNREACHABLE: int  # no way there
END_TIMEOUT: int  # no answer from the other end's TCP
END_RESET: int  # cut off
END_CLOSED: int  # the other end closed in order
END_ALERT: int  # the other end refused the TLS handshake
END_TLS: int  # what came is no TLS, or not authentic
END_CERTIFICATE: int  # the chain up to the pinned key is broken
END_NAME: int  # the certificate is for another name
END_EXPIRED: int  # it is not valid at this time
END_PIN: int  # no certificate has a pinned key
END_PROTOCOL: int  # not what the framing allows
END_MEMORY: int  # no memory left for TLS

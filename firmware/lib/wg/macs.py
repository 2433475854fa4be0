"""mac1, mac2 and cookie replies on the side that sends handshakes (paper 5.4.4 and 5.4.7).

The other side, which checks macs and hands out cookies, is the gate in C.
"""

import _wg

from wg.compat import TYPE_CHECKING
from wg.const import COOKIE_REPLY_COOKIE, COOKIE_REPLY_NONCE, KEY_LEN, MAC_LEN

if TYPE_CHECKING:
    Buffer = bytes | bytearray | memoryview

LABEL_MAC1 = b"mac1----"
LABEL_COOKIE = b"cookie--"


def _labelled_key(label: bytes, public_key: bytes) -> bytearray:
    # Hashed anew for each message: that is cheaper than 64 bytes for each of many peers.
    key = bytearray(KEY_LEN)
    _wg.blake2s(key, label + public_key)
    return key


def sign(message: bytearray, remote_public: bytes, cookie: "bytes | None") -> bytes:
    """Fill in mac1 and mac2, the last 32 bytes of a handshake message, and return mac1.

    remote_public: of the peer that gets the message. cookie: 16 bytes that it sent us, if fresh;
    without one mac2 stays zero.
    """
    view = memoryview(message)
    mac1_at = len(message) - 2 * MAC_LEN
    mac2_at = len(message) - MAC_LEN
    mac1_key = _labelled_key(LABEL_MAC1, remote_public)
    _wg.blake2s(view[mac1_at:mac2_at], view[:mac1_at], mac1_key)
    if cookie is not None:
        _wg.blake2s(view[mac2_at:], view[:mac2_at], cookie)
    return bytes(view[mac1_at:mac2_at])


def open_cookie(reply: "Buffer", remote_public: bytes, mac1: bytes) -> "bytes | None":
    """The cookie, 16 bytes, in a cookie reply to our message with this mac1; None: forged."""
    view = memoryview(reply)
    cookie = bytearray(MAC_LEN)
    key = _labelled_key(LABEL_COOKIE, remote_public)
    nonce = view[COOKIE_REPLY_NONCE:COOKIE_REPLY_COOKIE]
    if not _wg.aead_open(cookie, view[COOKIE_REPLY_COOKIE:], mac1, nonce, key):
        return None
    return bytes(cookie)

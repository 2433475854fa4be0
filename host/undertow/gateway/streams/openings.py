"""Whether a connection begins as UDP over TCP of somebody who knows our public key."""

import hashlib
import hmac
from collections.abc import Callable

from _wg import Shape

# A handshake initiation (WireGuard paper 5.4.2), and where its first MAC is (5.4.4).
INITIATION, INITIATION_LEN, MAC1_AT, MAC_LEN = 1, 148, 116, 16
# With the longest prefix that a shape can have; the length itself stands before it, in 2 bytes.
FIRST_LEN_MAX = 2 + 1280

# The initiation or probe in a datagram, without its shape; nothing: it is none to us.
Recogniser = Callable[[bytes], bytes]
# How many first datagrams are remembered: who makes new ones knows our public key.
SEEN_MAX = 1 << 14


class Seen:
    """The first MACs of what has begun connections. A box's is new each time, a censor's is not."""

    def __init__(self) -> None:
        self._macs: dict[bytes, None] = {}  # the oldest first

    def is_new(self, mac: bytes) -> bool:
        if mac in self._macs:
            return False
        if len(self._macs) >= SEEN_MAX:
            del self._macs[next(iter(self._macs))]
        self._macs[mac] = None
        return True


def recogniser(
    public_key: bytes, shape: Shape | None = None, seen: Seen | None = None
) -> Recogniser:
    """What finds an initiation or a probe to us in a datagram, plain or in our shape.

    One that was taken is none a second time: whoever has recorded it, and says it again to see what
    answers, meets the web server. seen: what has been so far.
    """
    known = seen or Seen()
    mac1_key = hashlib.blake2s(b"mac1----" + public_key).digest()

    def is_to_us(message: bytes | bytearray) -> bool:
        if len(message) != INITIATION_LEN:
            return False
        mac = hashlib.blake2s(message[:MAC1_AT], key=mac1_key, digest_size=MAC_LEN).digest()
        # Not of the second MAC: that may be anything, and makes nothing new.
        is_ours = hmac.compare_digest(mac, message[MAC1_AT : MAC1_AT + MAC_LEN])
        return is_ours and known.is_new(mac)

    def recognise(datagram: bytes) -> bytes:
        if datagram[:4] == INITIATION.to_bytes(4, "little") and is_to_us(datagram):
            return datagram
        if shape is None or not datagram:
            return b""
        opened = bytearray(datagram)
        kind, offset, _ = shape.open(opened)
        message = bytes(opened[offset:])
        return message if kind == INITIATION and is_to_us(message) else b""

    return recognise


def expected_len(beginning: bytes) -> int:
    """How many bytes the first frame has with its length; 0: not known yet."""
    return 2 + int.from_bytes(beginning[:2], "big") if len(beginning) >= 2 else 0


def may_begin(beginning: bytes) -> bool:
    """Whether these first bytes can become such a frame: no letter of HTTP begins one."""
    length = expected_len(beginning)
    return beginning[:1] <= b"\x05" and (
        not length or 2 + INITIATION_LEN <= length <= FIRST_LEN_MAX
    )

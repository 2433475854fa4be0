"""The bytes of "box-pair-1": what is sent, and what is hashed.

A list of byte strings is written as each one's length (16 bits, big endian) and the string.
"""

from _wg import sha256

from pairing.errors import MALFORMED, PairingError
from wg.compat import TYPE_CHECKING

if TYPE_CHECKING:
    Buffer = bytes | bytearray | memoryview

PROTOCOL = b"box-pair-1"
KEY_LEN = 32
HASH_LEN = 32
NONCE_LEN = 16
COMMITMENT_LEN = HASH_LEN
CONFIRMATION_LEN = 16
PRESHARED_KEY_LEN = 32
ROOM_LEN = 4
INFO_LEN_MAX = 1024
_FIELDS = (KEY_LEN, KEY_LEN, NONCE_LEN)
# An answer or a reveal: four lengths, two keys, the nonce, the info.
PART_LEN_MIN = 4 * 2 + 2 * KEY_LEN + NONCE_LEN
PART_LEN_MAX = PART_LEN_MIN + INFO_LEN_MAX


class Part:
    """What one end puts into the pairing: the answer (M2), or the reveal (M3).

    ephemeral, static: public keys. nonce: 16 bytes. info: what the end says of itself (info.py).
    """

    def __init__(self, ephemeral: bytes, static: bytes, nonce: bytes, info: bytes) -> None:
        self.ephemeral = ephemeral
        self.static = static
        self.nonce = nonce
        self.info = info

    def encode(self) -> bytes:
        return lengths_and(self.ephemeral, self.static, self.nonce, self.info)

    @staticmethod
    def decode(message: "Buffer") -> "Part":
        """PairingError: it is not exactly such a message."""
        whole = bytes(message)
        if not PART_LEN_MIN <= len(whole) <= PART_LEN_MAX:
            raise _malformed("has %d bytes" % len(whole))
        fields = []
        at = 0
        while at < len(whole):
            start = at + 2
            if start <= len(whole):
                at = start + (whole[start - 2] << 8 | whole[start - 1])
            if max(start, at) > len(whole):
                raise _malformed("ends within a field")
            fields.append(whole[start:at])
        if len(fields) != 4:
            raise _malformed("has %d fields" % len(fields))
        for field, length in zip(fields, _FIELDS):
            if len(field) != length:
                raise _malformed("has a field of %d bytes" % len(field))
        # The info is at most INFO_LEN_MAX: the rest has its length, and the sum is bounded.
        return Part(fields[0], fields[1], fields[2], fields[3])


def lengths_and(*strings: "Buffer") -> bytes:
    """The list of byte strings, as one."""
    out = b""
    for string in strings:
        out += bytes((len(string) >> 8, len(string) & 0xFF)) + bytes(string)
    return out


def commitment(room: bytes, reveal: bytes) -> bytes:
    """M1: binds the initiator to its reveal before it has seen anything, without telling it."""
    return _sha256(lengths_and(PROTOCOL, b"commit", room, reveal))


def transcript(room: bytes, commit: bytes, answer: bytes, reveal: bytes) -> bytes:
    """T: the hash of all that was said."""
    return _sha256(lengths_and(PROTOCOL, b"transcript", room, commit, answer, reveal))


def is_room(text: str) -> bool:
    """Whether this is the number of a room: four digits."""
    return len(text) == ROOM_LEN and all("0" <= digit <= "9" for digit in text)


def is_same(a: "Buffer", b: "Buffer") -> bool:
    """Whether two byte strings are the same, in time that depends on their lengths alone."""
    if len(a) != len(b):
        return False
    difference = 0
    for i in range(len(a)):
        difference |= a[i] ^ b[i]
    return difference == 0


def _sha256(data: bytes) -> bytes:
    out = bytearray(HASH_LEN)
    sha256(out, data)
    return bytes(out)


def _malformed(how: str) -> PairingError:
    return PairingError(
        MALFORMED,
        "the other end's message %s, so it is none of this pairing" % how,
        "Begin again at both ends; both have to speak the same version.",
    )

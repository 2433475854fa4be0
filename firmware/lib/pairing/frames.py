"""Pairing over a stream (TCP, a relay): a type, a length of 16 bits, and the body."""

from pairing import messages
from pairing.errors import MALFORMED, VERSION, PairingError
from wg.compat import TYPE_CHECKING

if TYPE_CHECKING:
    from pairing.messages import Buffer

# Types.
HELLO, COMMITMENT, ANSWER, REVEAL, CONFIRMATION, END = range(6)

# Why a run ends.
DONE = 0  # both confirmed
NO_MATCH = 1  # a person saw another code, or a confirmation was wrong
GAVE_UP = 2  # a person left, or the time was up
LOCKED = 3  # too many failures; later
NO_ROOM = 4  # no such room, it was used, or no such version
_REASON_MAX = NO_ROOM

VERSION_1 = 1
HEADER_LEN = 3
BODY_LEN_MAX = 1536

# The lengths that a body of each type has, from and to. A hello of a later version may be longer.
_LENGTHS = (
    (1 + messages.ROOM_LEN, 64),
    (messages.COMMITMENT_LEN, messages.COMMITMENT_LEN),
    (messages.PART_LEN_MIN, messages.PART_LEN_MAX),
    (messages.PART_LEN_MIN, messages.PART_LEN_MAX),
    (messages.CONFIRMATION_LEN, messages.CONFIRMATION_LEN),
    (1, 1),
)

_MEND = "Use programs of the same version at both ends, and the port that is for pairing."


class Reader:
    """Takes what arrives, in pieces of any length; keeps at most one frame that is not whole."""

    def __init__(self) -> None:
        self._kept = b""
        self._is_broken = False

    def feed(self, data: "Buffer") -> "list[tuple[int, bytes]]":
        """The frames that are whole now: types and bodies.

        PairingError: this is not pairing. What came with it is refused, too, and so is all that
        follows.
        """
        if self._is_broken:
            raise _garbage()
        whole = self._kept + bytes(data)
        frames = []
        start = 0
        while start < len(whole):
            length = self._body_len(whole, start)
            end = start + HEADER_LEN + length
            if length < 0 or end > len(whole):
                break
            frames.append((whole[start], whole[start + HEADER_LEN : end]))
            start = end
        self._kept = whole[start:]
        return frames

    def _body_len(self, whole: bytes, start: int) -> int:
        """How long the body of the frame at start is; -1: not known yet."""
        length = -1
        is_wrong = whole[start] > END
        if not is_wrong and len(whole) - start >= HEADER_LEN:
            length = whole[start + 1] << 8 | whole[start + 2]
            low, high = _LENGTHS[whole[start]]
            is_wrong = not low <= length <= high
        if is_wrong:
            self._is_broken = True
            self._kept = b""
            raise _garbage()
        return length


def frame(kind: int, body: "Buffer") -> bytes:
    """A frame to send. ValueError: no such type, or a body that it cannot have."""
    if not HELLO <= kind <= END or not _LENGTHS[kind][0] <= len(body) <= _LENGTHS[kind][1]:
        raise ValueError("no frame: type %d with %d bytes" % (kind, len(body)))
    return bytes((kind, len(body) >> 8, len(body) & 0xFF)) + bytes(body)


def hello(room: str) -> bytes:
    """The first frame of the end that connects. ValueError: no such room can be."""
    if not messages.is_room(room):
        raise ValueError("a room is four digits")
    return frame(HELLO, bytes((VERSION_1,)) + room.encode())


def read_hello(body: bytes) -> str:
    """The room. PairingError VERSION: answer end(NO_ROOM); MALFORMED: say nothing."""
    if body[0] != VERSION_1:
        raise PairingError(
            VERSION,
            "the other end speaks version %d of pairing over a network, we speak 1" % body[0],
            "Update the older one of the two.",
        )
    try:
        room = body[1:].decode()
    except UnicodeError:
        raise _garbage()
    if not messages.is_room(room):
        raise _garbage()
    return room


def end(reason: int) -> bytes:
    """The last frame. ValueError: no such reason."""
    if not DONE <= reason <= _REASON_MAX:
        raise ValueError("no such reason: %d" % reason)
    return frame(END, bytes((reason,)))


def read_end(body: bytes) -> int:
    """Why the other end ended; what is not known counts as GAVE_UP."""
    return body[0] if body[0] <= _REASON_MAX else GAVE_UP


def _garbage() -> PairingError:
    return PairingError(MALFORMED, "what arrived is not pairing", _MEND)

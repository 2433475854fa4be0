"""Datagrams in a stream of bytes, as native/carrier/cr_frame.c has it: the oracle of its tests.

Networks in memory use it, too. What carries traffic is C.
"""

from carrier.errors import MALFORMED, CarrierError
from wg.compat import TYPE_CHECKING

if TYPE_CHECKING:
    Buffer = bytes | bytearray | memoryview

# Framings, with the numbers that C has.
LENGTH = 1  # 16 bits of length, big endian, and the datagram (udp-over-tcp)
WEBSOCKET_CLIENT = 2  # a binary message for each (RFC 6455, 5.2), masked
WEBSOCKET_SERVER = 3  # the same from the other end, which does not mask

# What a decoder finds.
DATAGRAM = 1
PING = 2
PONG = 3
CLOSE = 4

_FINAL = 0x80
_MASKED = 0x80
_BINARY = 2
_CONTROLS = {8: CLOSE, 9: PING, 10: PONG}
_OPCODES = {CLOSE: 8, PING: 9, PONG: 10}
_LENGTH_16 = 126
_CONTROL_LEN_MAX = 125


def encode(framing: int, datagram: "Buffer", mask: bytes = b"") -> bytes:
    """A datagram of 1 to 65535 bytes in its frame. mask: 4 random bytes, where it is a client's."""
    length = len(datagram)
    if not 0 < length <= 0xFFFF:
        raise ValueError("no datagram: %d bytes" % length)
    if framing == LENGTH:
        return bytes((length >> 8, length & 0xFF)) + bytes(datagram)
    return _frame(framing, _BINARY, datagram, mask)


def control(framing: int, kind: int, payload: "Buffer" = b"", mask: bytes = b"") -> bytes:
    """A PING, PONG or CLOSE with up to 125 bytes; nothing where the framing has none."""
    if framing == LENGTH:
        return b""
    if len(payload) > _CONTROL_LEN_MAX:
        raise ValueError("too long for a control message: %d bytes" % len(payload))
    return _frame(framing, _OPCODES[kind], payload, mask)


def _frame(framing: int, opcode: int, payload: "Buffer", mask: bytes) -> bytes:
    length = len(payload)
    bit = _MASKED if framing == WEBSOCKET_CLIENT else 0
    if length < _LENGTH_16:
        head = bytes((_FINAL | opcode, bit | length))
    else:
        head = bytes((_FINAL | opcode, bit | _LENGTH_16, length >> 8, length & 0xFF))
    if not bit:
        return head + bytes(payload)
    if len(mask) != 4:
        raise ValueError("a mask has 4 bytes, not %d" % len(mask))
    return head + mask + masked(payload, mask)


def masked(data: "Buffer", mask: "Buffer") -> bytes:
    """The data with the mask on it, or off again."""
    return bytes([data[i] ^ mask[i & 3] for i in range(len(data))])


class Decoder:
    """Takes what arrives, in pieces of any length, of the end that has this framing.

    WEBSOCKET_CLIENT is a client's decoder: it takes what a server sends.
    """

    def __init__(self, framing: int, longest: int = 0xFFFF) -> None:
        """longest: a datagram may be so long; a longer one ends the stream."""
        self._framing = framing
        self._longest = longest
        self._kept = b""
        self._is_over = False

    def feed(self, data: "Buffer") -> "list[tuple[int, bytes]]":
        """What is whole now: kinds, and datagrams or payloads. After CLOSE nothing comes.

        CarrierError: this is not what the framing allows. What was found before it in the same
        bytes is lost with it, and so is all that follows.
        """
        found: "list[tuple[int, bytes]]" = []
        self._kept += bytes(data)
        while not self._is_over:
            frame = self._length_frame() if self._framing == LENGTH else self._websocket_frame()
            if frame is None:
                break
            kind, payload = frame
            if payload or kind != DATAGRAM:
                found.append(frame)
            self._is_over = kind == CLOSE
        return found

    def _length_frame(self) -> "tuple[int, bytes] | None":
        kept = self._kept
        if len(kept) < 2:
            return None
        length = kept[0] << 8 | kept[1]
        if length > self._longest:
            raise self._broken()
        if len(kept) < 2 + length:
            return None
        self._kept = kept[2 + length :]
        return DATAGRAM, kept[2 : 2 + length]

    def _websocket_frame(self) -> "tuple[int, bytes] | None":
        kept = self._kept
        if len(kept) < 2:
            return None
        opcode = kept[0] & 0x0F
        length = kept[1] & 0x7F
        is_masked = bool(kept[1] & _MASKED)
        if (
            kept[0] & 0xF0 != _FINAL
            or (opcode != _BINARY and opcode not in _CONTROLS)
            or is_masked != (self._framing == WEBSOCKET_SERVER)
            or length > _LENGTH_16
            or (opcode != _BINARY and length > _CONTROL_LEN_MAX)
        ):
            raise self._broken()
        start = 2
        if length == _LENGTH_16:
            start = 4
            if len(kept) < start + (4 if is_masked else 0):
                return None
            length = kept[2] << 8 | kept[3]
            if length < _LENGTH_16:  # the shortest form is the only one (5.2)
                raise self._broken()
        if opcode == _BINARY and length > self._longest:
            raise self._broken()
        body = start + (4 if is_masked else 0)
        if len(kept) < body + length:
            return None
        payload = kept[body : body + length]
        if is_masked:
            payload = masked(payload, kept[start:body])
        self._kept = kept[body + length :]
        return _CONTROLS.get(opcode, DATAGRAM), payload

    def _broken(self) -> CarrierError:
        self._is_over = True
        self._kept = b""
        return CarrierError(
            MALFORMED,
            "what came in the stream are no datagrams",
            "Check that both ends mean the same carrier at this port.",
        )

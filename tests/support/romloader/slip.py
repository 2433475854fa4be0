"""SLIP (RFC 1055): how requests and replies are told apart on the line."""

END, ESCAPE, ESCAPED_END, ESCAPED_ESCAPE = 0xC0, 0xDB, 0xDC, 0xDD


def encode(packet: bytes) -> bytes:
    """One packet as it goes over the line."""
    escaped = packet.replace(b"\xdb", b"\xdb\xdd").replace(b"\xc0", b"\xdb\xdc")
    return b"\xc0" + escaped + b"\xc0"


class Decoder:
    """Takes what comes from the line, in any pieces."""

    def __init__(self) -> None:
        self._unread = bytearray()

    def feed(self, data: bytes) -> list[bytes]:
        """The packets that are whole now. What is not well formed is left out."""
        self._unread += data
        *whole, rest = bytes(self._unread).split(b"\xc0")
        self._unread = bytearray(rest)
        return [_unescaped(packet) for packet in whole if packet]


def _unescaped(packet: bytes) -> bytes:
    return packet.replace(b"\xdb\xdc", b"\xc0").replace(b"\xdb\xdd", b"\xdb")

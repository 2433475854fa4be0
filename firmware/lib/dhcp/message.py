"""DHCP messages: what a client says, and the answers of a server (RFC 2131 2, RFC 2132)."""

DISCOVER = 1
OFFER = 2
REQUEST = 3
DECLINE = 4
ACK = 5
NAK = 6
RELEASE = 7
INFORM = 8

OPTION_MASK = 1
OPTION_ROUTER = 3
OPTION_DNS = 6
OPTION_MTU = 26
OPTION_REQUESTED_ADDRESS = 50
OPTION_LEASE_TIME = 51
OPTION_KIND = 53
OPTION_SERVER = 54
OPTION_RENEWAL_TIME = 58
OPTION_REBINDING_TIME = 59
OPTION_CLIENT = 61

NO_ADDRESS = bytes(4)
MAC_LEN = 6

_PAD = 0
_END = 255
_BOOTREQUEST = 1
_BOOTREPLY = 2
_ETHERNET = 1
_BROADCAST = 0x80
_MAGIC = b"\x63\x82\x53\x63"
_OPTIONS = 240
# The shortest message that every client takes (RFC 951 has 300 bytes).
_ANSWER_LEN_MIN = 300
# Of the options that are read: the least and the greatest length.
_LENGTHS = {
    OPTION_REQUESTED_ADDRESS: (4, 4),
    OPTION_KIND: (1, 1),
    OPTION_SERVER: (4, 4),
    OPTION_CLIENT: (2, 255),
}


class Request:
    """What a client says. Addresses have 4 bytes; NO_ADDRESS stands for none."""

    def __init__(self, fixed: "bytes | bytearray | memoryview", kind: int) -> None:
        """fixed: the 240 bytes before the options."""
        self.kind = kind
        self.transaction = bytes(fixed[4:8])
        self.wants_broadcast = bool(fixed[10] & _BROADCAST)
        self.flags = bytes(fixed[10:12])
        self.address = bytes(fixed[12:16])  # the client's own, if it has one (ciaddr)
        self.mac = bytes(fixed[28 : 28 + MAC_LEN])
        self.requested = NO_ADDRESS
        self.server = NO_ADDRESS
        self.client = b""  # the client identifier; empty: it gives none


def hardware_address(data: "bytes | bytearray | memoryview") -> bytes:
    """Whom a message is about (chaddr), of whatever kind it is."""
    return bytes(data[28 : 28 + MAC_LEN])


def parse(data: "bytes | bytearray | memoryview") -> "Request | None":
    """A client's message, the payload of its UDP datagram; None: broken, or not for a server here.

    Not for us is what comes from other hardware than Ethernet, and through relays.
    """
    if len(data) <= _OPTIONS or bytes(data[236:240]) != _MAGIC:
        return None
    if data[0] != _BOOTREQUEST or data[1] != _ETHERNET or data[2] != MAC_LEN:
        return None
    if bytes(data[24:28]) != NO_ADDRESS or data[28] & 1:
        return None
    options = _options(data)
    if options is None or OPTION_KIND not in options:
        return None
    request = Request(data, options[OPTION_KIND][0])
    request.requested = options.get(OPTION_REQUESTED_ADDRESS, NO_ADDRESS)
    request.server = options.get(OPTION_SERVER, NO_ADDRESS)
    request.client = options.get(OPTION_CLIENT, b"")
    return request


def _options(data: "bytes | bytearray | memoryview") -> "dict[int, bytes] | None":
    """The options that matter, by number; None: one is cut off, repeated or of a wrong length."""
    found: "dict[int, bytes]" = {}
    at = _OPTIONS
    end = len(data)
    while at < end and data[at] != _END:
        number = data[at]
        at += 1
        if number == _PAD:
            continue
        if at == end:
            return None
        length = data[at]
        at += 1
        if at + length > end:
            return None
        if number in _LENGTHS:
            least, most = _LENGTHS[number]
            if number in found or not least <= length <= most:
                return None
            found[number] = bytes(data[at : at + length])
        at += length
    return found


def answer(
    request: Request, kind: int, address: bytes, options: "list[tuple[int, bytes]]"
) -> bytes:
    """The UDP payload of an answer. address: what the client gets (yiaddr), or NO_ADDRESS.

    The client identifier goes back as it came (RFC 6842). Nothing else says who or what answers.
    """
    out = bytearray(_OPTIONS)
    out[0] = _BOOTREPLY
    out[1] = _ETHERNET
    out[2] = MAC_LEN
    out[4:8] = request.transaction
    out[10:12] = request.flags
    if kind == ACK:
        out[12:16] = request.address
    out[16:20] = address
    out[28 : 28 + MAC_LEN] = request.mac
    out[236:240] = _MAGIC
    _append(out, OPTION_KIND, bytes([kind]))
    for number, value in options:
        _append(out, number, value)
    if request.client:
        _append(out, OPTION_CLIENT, request.client)
    out.append(_END)
    if len(out) < _ANSWER_LEN_MIN:
        out.extend(bytes(_ANSWER_LEN_MIN - len(out)))
    return bytes(out)


def _append(out: bytearray, number: int, value: bytes) -> None:
    out.append(number)
    out.append(len(value))
    out.extend(value)

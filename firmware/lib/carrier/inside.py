"""Messages between a box and its gateway inside of the tunnel, each in one UDP datagram.

Version (1), kind, token of 8 bytes, sequence (16 bits, big endian), body. Who asks chooses token
and sequence, and the answer repeats them. All of it is inside the tunnel: it is secret and
authentic already, and the token only keeps answers to questions of before apart.
"""

from wg.compat import TYPE_CHECKING

if TYPE_CHECKING:
    Buffer = bytes | bytearray | memoryview

VERSION_1 = 1

# Kinds.
ECHO = 1  # box to gateway; whatever follows the head is padding
ECHOED = 2  # gateway to box: the same, byte for byte but for the kind
CHECK = 3  # gateway to box: ask these ports of mine, and report
REPORT = 4  # box to gateway: what came of it
WHERE = 5  # box to gateway: where do my datagrams come from?
SEEN = 6  # gateway to box: from there (wg.endpoint's bytes, 0 to 23)

HEAD_LEN = 12
TOKEN_LEN = 8
MESSAGE_LEN_MAX = 1472
PORTS_MAX = 32
ENDPOINT_LEN_MAX = 23

# How a port is to be looked at: UDP in WireGuard's shape or in ours, or a WebSocket in TCP.
PLAIN, SHAPED, BY_WS, BY_TLS = 0, 1, 2, 3  # the last two are carrier.rung's
# Results of a report.
NOT_ASKED = 0  # the box cannot ask that, such as a port without a header protection key
SILENT = 1
ANSWERED = 2  # of TCP: it has got its WebSocket, behind TLS from the gateway that it knows
# Of TCP alone:
REFUSED = 3  # nobody listens
CUT = 4  # the connection was made, and then ended or went silent
WRONG_TLS = 5  # somebody else's TLS, or none
NO_UPGRADE = 6  # a web server that does not know the path
BUSY = 7  # not asked: the box needs its streams itself
_RESULT_MAX = BUSY


class Message:
    """One that was read. body: what follows the head, in the memory that was read from."""

    def __init__(self, kind: int, token: bytes, sequence: int, body: "Buffer") -> None:
        self.kind = kind
        self.token = token
        self.sequence = sequence
        self.body = body


def read(data: "Buffer") -> "Message | None":
    """None: too short or long, of another version, or no such kind. The body is not judged."""
    if not HEAD_LEN <= len(data) <= MESSAGE_LEN_MAX or data[0] != VERSION_1:
        return None
    if not ECHO <= data[1] <= SEEN:
        return None
    token = bytes(data[2 : 2 + TOKEN_LEN])
    return Message(data[1], token, data[10] << 8 | data[11], memoryview(data)[HEAD_LEN:])


def write_head(out: bytearray, kind: int, token: bytes, sequence: int) -> None:
    """Make the first HEAD_LEN bytes of out a message; the rest stays. ValueError: no such one."""
    if not ECHO <= kind <= SEEN or len(token) != TOKEN_LEN or not 0 <= sequence <= 0xFFFF:
        raise ValueError("no message inside: kind %d, sequence %d" % (kind, sequence))
    out[0] = VERSION_1
    out[1] = kind
    out[2 : 2 + TOKEN_LEN] = token
    out[10] = sequence >> 8
    out[11] = sequence & 0xFF


def message(kind: int, token: bytes, sequence: int, body: "Buffer" = b"") -> bytearray:
    """A message with its body. ValueError: no such kind, token, sequence, or too long."""
    if len(body) > MESSAGE_LEN_MAX - HEAD_LEN:
        raise ValueError("too long for a message inside: %d bytes" % len(body))
    out = bytearray(HEAD_LEN + len(body))
    write_head(out, kind, token, sequence)
    memoryview(out)[HEAD_LEN:] = body
    return out


def answer_echo(data: bytearray) -> bool:
    """Make an ECHO its own answer, in place. False: it is none."""
    found = read(data)
    if found is None or found.kind != ECHO:
        return False
    data[1] = ECHOED
    return True


def seen(token: bytes, sequence: int, endpoint: "Buffer") -> bytearray:
    """The answer to WHERE. ValueError: no endpoint is that long."""
    if len(endpoint) > ENDPOINT_LEN_MAX:
        raise ValueError("no endpoint: %d bytes" % len(endpoint))
    return message(SEEN, token, sequence, endpoint)


def read_seen(found: Message) -> "bytes | None":
    """The endpoint in SEEN; None: there cannot be one like that."""
    endpoint = bytes(found.body)
    if len(endpoint) > ENDPOINT_LEN_MAX or len(endpoint) not in (0, 7, 11, 23):
        return None
    return endpoint


def check(token: bytes, sequence: int, ports: "list[tuple[int, int]]") -> bytearray:
    """Ask a box to look at these ports: (port, how), 1 to PORTS_MAX of them."""
    if not 0 < len(ports) <= PORTS_MAX:
        raise ValueError("a check has 1 to %d ports, not %d" % (PORTS_MAX, len(ports)))
    body = bytearray()
    for port, how in ports:
        if not 0 < port <= 0xFFFF:
            raise ValueError("no port: %d" % port)
        body += bytes((port >> 8, port & 0xFF, how))
    return message(CHECK, token, sequence, body)


def read_check(found: Message) -> "list[tuple[int, int]] | None":
    """(port, how) of each; None: it is no such list."""
    rows = _rows(found, 3)
    if rows is None or any(row[2] > BY_TLS for row in rows):
        return None
    return [(row[0] << 8 | row[1], row[2]) for row in rows]


def report(token: bytes, sequence: int, results: "list[tuple[int, int, int]]") -> bytearray:
    """The answer to CHECK, with its token and sequence: (port, how, result) of each."""
    if not 0 < len(results) <= PORTS_MAX:
        raise ValueError("a report has 1 to %d results, not %d" % (PORTS_MAX, len(results)))
    body = bytearray()
    for port, how, result in results:
        if not 0 < port <= 0xFFFF or not 0 <= result <= _RESULT_MAX:
            raise ValueError("no result: port %d, %d" % (port, result))
        body += bytes((port >> 8, port & 0xFF, how, result))
    return message(REPORT, token, sequence, body)


def read_report(found: Message) -> "list[tuple[int, int, int]] | None":
    """(port, how, result) of each; None: it is no such list."""
    rows = _rows(found, 4)
    if rows is None or any(row[2] > BY_TLS or row[3] > _RESULT_MAX for row in rows):
        return None
    return [(row[0] << 8 | row[1], row[2], row[3]) for row in rows]


def _rows(found: Message, length: int) -> "list[bytes] | None":
    body = bytes(found.body)
    if not body or len(body) % length or len(body) // length > PORTS_MAX:
        return None
    rows = [body[i : i + length] for i in range(0, len(body), length)]
    return rows if all(row[0] or row[1] for row in rows) else None

"""A decoy that is the answer of a name server (RFC 1035): one name, one or two addresses."""

from carrier.chance import NAME_LETTERS
from wg.compat import TYPE_CHECKING

if TYPE_CHECKING:
    from carrier.chance import Chance

LEN_MIN = 70
LEN_MAX = 128

_HEADER_LEN = 12
_ANSWER_LEN = 16
# Where much of the web lives under names that look like chance.
DOMAINS = (
    "cloudfront.net",
    "akamaiedge.net",
    "akadns.net",
    "azureedge.net",
    "azurefd.net",
    "googleusercontent.com",
    "fastly.net",
    "edgesuite.net",
    "trafficmanager.net",
    "amazonaws.com",
)
# Of an answer without an error to a question that wanted recursion; also authoritative, and
# with the data said to be authentic.
_FLAGS = (b"\x81\x80", b"\x85\x80", b"\x81\xa0", b"\x85\xa0")


def datagram(chance: "Chance", domain: str) -> bytes:
    """LEN_MIN to LEN_MAX bytes. domain: one of DOMAINS, the box's own."""
    answers = chance.between(1, 2)
    fixed = _HEADER_LEN + 1 + len(domain) + 2 + 4 + answers * _ANSWER_LEN
    low = max(8, LEN_MIN - fixed)
    label = chance.characters(NAME_LETTERS, chance.between(low, min(62, LEN_MAX - fixed)))
    out = bytearray(chance.bytes(2))
    out += _FLAGS[chance.below(len(_FLAGS))]
    out += bytes((0, 1, 0, answers, 0, 0, 0, 0))
    out.append(len(label))
    out += label
    for part in domain.split("."):
        out.append(len(part))
        out += part.encode()
    out += b"\x00\x00\x01\x00\x01"  # the end of the name; A, IN
    ttl = chance.between(20, 3600)
    for _ in range(answers):
        # The name is the question's, at byte 12.
        out += b"\xc0\x0c\x00\x01\x00\x01\x00\x00" + bytes((ttl >> 8, ttl & 0xFF, 0, 4))
        out += bytes((_first_byte(chance),)) + chance.bytes(3)
    return bytes(out)


def _first_byte(chance: "Chance") -> int:
    """Of an address that a server of the web can have."""
    while True:
        first = chance.between(2, 220)
        if first not in (10, 100, 127, 169, 172, 192, 198, 203):
            return first

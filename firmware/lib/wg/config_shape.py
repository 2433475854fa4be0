"""AmneziaWG's keywords in [Interface]: their values, and what of them cannot go together."""

from binascii import unhexlify

from wg import config_values as values
from wg.carrier_settings import DATA_SIZE_MAX, PLAIN_TYPES, SIZE_MAX
from wg.compat import TYPE_CHECKING
from wg.config_values import RefusedError

if TYPE_CHECKING:
    from wg.carrier_settings import ShapeSettings, Tag

SHAPE_KEYWORDS = (
    "Jc",
    "Jmin",
    "Jmax",
    "S1",
    "S2",
    "S3",
    "S4",
    "H1",
    "H2",
    "H3",
    "H4",
    "I1",
    "I2",
    "I3",
    "I4",
    "I5",
    "HeaderProtectionKey",
)
# AmneziaWG's as well, and not ours. Only one end with one of them loses packets, or all of them.
UNSUPPORTED = (
    "ContentPaddingAddition",
    "RandomTrailers",
    "DisableCookies",
    "RekeyAfterTime",
    "RekeyTimeout",
    "RejectAfterTime",
    "KeepaliveTimeout",
    "MaxHandshakeAttempts",
)

JUNK_COUNT_MAX = 128
# What every network carries without fragments, whose very existence is a sign.
DATAGRAM_LEN_MAX = 1280
# A header protection key takes its nonce from the random bytes in front.
NONCE_LEN = 12

_TAG_MEND = "The tags are <b 0xHEX>, <r N>, <rd N>, <rc N> and <t>."


def apply(shape: "ShapeSettings", name: str, text: str) -> None:
    """Take the value of a keyword, in lower case. RefusedError: it cannot be."""
    if name == "jc":
        mend = "Give how many datagrams go before an initiation, such as 3."
        shape.junk_count = values.number(text, 0, JUNK_COUNT_MAX, mend)
    elif name == "jmin":
        shape.junk_min = _junk_len(text)
    elif name == "jmax":
        shape.junk_max = _junk_len(text)
    elif name[0] == "s":
        i = int(name[1]) - 1
        longest = DATA_SIZE_MAX if i == 3 else SIZE_MAX
        mend = "Give the number of random bytes that the other end has, too."
        shape.sizes[i] = values.number(text, 0, longest, mend)
    elif name[0] == "h":
        shape.types[int(name[1]) - 1] = _range(text)
    else:
        shape.decoys[int(name[1]) - 1] = read_tags(text) if text else None


def _junk_len(text: str) -> int:
    return values.number(text, 0, DATAGRAM_LEN_MAX, "Give a length in bytes, such as 40.")


def _range(text: str) -> "tuple[int, int]":
    mend = "Give a number of 32 bits, or two like 100000-200000."
    low, dash, high = text.partition("-")
    first = values.number(low.strip(), 0, 0xFFFFFFFF, mend)
    last = values.number(high.strip(), 0, 0xFFFFFFFF, mend) if dash else first
    if last < first:
        raise RefusedError("%s ends before it begins" % values.shown(text), mend)
    return first, last


def read_tags(text: str) -> "list[Tag]":
    """The tags of I1 to I5: kind and bytes ("b"), or kind and how many. RefusedError: no tags."""
    found: "list[Tag]" = []
    total = 0
    rest = text.strip()
    while rest:
        inner, closed, after = rest[1:].partition(">")
        if rest[0] != "<" or not closed:
            raise RefusedError("%s is not a row of tags" % values.shown(rest), _TAG_MEND)
        tag = _tag(inner)
        found.append(tag)
        total += len(tag[1]) if isinstance(tag[1], bytes) else tag[1]
        rest = after.strip()
    if not 0 < total <= DATAGRAM_LEN_MAX:
        raise RefusedError(
            "it makes a datagram of %d bytes" % total,
            "Have 1 to %d, which every network carries." % DATAGRAM_LEN_MAX,
        )
    return found


def _tag(inner: str) -> "Tag":
    kind, _, argument = inner.strip().partition(" ")
    argument = argument.strip()
    if kind == "t" and not argument:
        return "t", 4
    if kind in ("r", "rd", "rc"):
        return kind, values.number(argument, 1, DATAGRAM_LEN_MAX, _TAG_MEND)
    if kind == "b":
        digits = argument[2:]
        if (
            argument[:2].lower() != "0x"
            or not digits
            or len(digits) % 2
            or not all(c in "0123456789abcdefABCDEF" for c in digits)
        ):
            raise RefusedError("%s is not bytes in hexadecimal" % values.shown(inner), _TAG_MEND)
        return "b", unhexlify(digits)
    raise RefusedError("there is no tag <%s>" % values.shown(kind)[1:-1], _TAG_MEND)


def tags_text(tags: "list[Tag]") -> str:
    """The text that read_tags() takes."""
    text = ""
    for kind, value in tags:
        if isinstance(value, bytes):
            text += "<b 0x%s>" % "".join(["%02x" % byte for byte in value])
        elif kind == "t":
            text += "<t>"
        else:
            text += "<%s %d>" % (kind, value)
    return text


def lines(shape: "ShapeSettings") -> "list[str]":
    """The lines of the file, without the one of the key; only those that say something."""
    out = []
    if shape.junk_count:
        pairs = (("Jc", shape.junk_count), ("Jmin", shape.junk_min), ("Jmax", shape.junk_max))
        out += ["%s = %d\n" % pair for pair in pairs]
    for i in range(4):
        if shape.sizes[i]:
            out.append("S%d = %d\n" % (i + 1, shape.sizes[i]))
    for i in range(4):
        low, high = shape.types[i]
        if (low, high) != PLAIN_TYPES[i]:
            out.append("H%d = %s\n" % (i + 1, low if low == high else "%d-%d" % (low, high)))
    for i in range(5):
        tags = shape.decoys[i]
        if tags is not None:
            out.append("I%d = %s\n" % (i + 1, tags_text(tags)))
    return out

"""What of a shape would lose packets or give it away, although each value alone is possible.

The rules follow from the order in which a receiver looks at a datagram: by its length and type for
an initiation, a response, a cookie reply, and only then for data.
"""

from wg.carrier_settings import MESSAGE_LENS, PLAIN_TYPES
from wg.compat import TYPE_CHECKING
from wg.config_shape import DATAGRAM_LEN_MAX, NONCE_LEN

if TYPE_CHECKING:
    from wg.carrier_settings import ShapeSettings

    # The keywords that are concerned, why, and how to mend it.
    Finding = tuple[tuple[str, ...], str, str]

# A data packet: header, tag, and a multiple of 16.
_DATA_LEN_MIN = 32
_PADDING = 16


def check(shape: "ShapeSettings", mtu: "int | None" = None) -> "list[Finding]":
    """All that is wrong. mtu: of the tunnel; None: not said."""
    found: "list[Finding]" = []
    if shape.junk_count and shape.junk_min >= shape.junk_max:
        why = "junk of %d to %d bytes leaves no length to choose" % (
            shape.junk_min,
            shape.junk_max,
        )
        found.append((("Jmin", "Jmax"), why, "Have Jmin less than Jmax."))
    _check_lengths(shape, found)
    _check_types(shape, found)
    if shape.key is not None and min(shape.sizes) < NONCE_LEN:
        short = tuple(["S%d" % (i + 1) for i in range(4) if shape.sizes[i] < NONCE_LEN])
        why = "with a HeaderProtectionKey the first 12 bytes of each datagram are its nonce"
        found.append((short, why, "Have 12 or more at both ends, best 16 in all four."))
    if mtu is not None and shape.sizes[3] and mtu > shape.mtu_max():
        why = "an MTU of %d and %d bytes in front do not fit a packet of 1500" % (
            mtu,
            shape.sizes[3],
        )
        found.append((("MTU", "S4"), why, "Have an MTU of %d or less." % shape.mtu_max()))
    return found


def _check_lengths(shape: "ShapeSettings", found: "list[Finding]") -> None:
    """Two kinds of one length, and handshakes for which data can be taken, or the other way."""
    for i in range(3):
        total = shape.sizes[i] + MESSAGE_LENS[i]
        if total > DATAGRAM_LEN_MAX:
            why = "the message has %d bytes with them, and would be cut up on its way" % total
            mend = "Have %d or less at both ends." % (DATAGRAM_LEN_MAX - MESSAGE_LENS[i])
            found.append((("S%d" % (i + 1),), why, mend))
        for k in range(i + 1, 3):
            if total == shape.sizes[k] + MESSAGE_LENS[k]:
                why = "two kinds of message have %d bytes with them, and are taken for each other"
                names = ("S%d" % (i + 1), "S%d" % (k + 1))
                found.append((names, why % total, "Change one of them, at both ends."))
        _check_data_length(shape, i, found)


def _check_data_length(shape: "ShapeSettings", i: int, found: "list[Finding]") -> None:
    low, high = shape.types[i]
    size, data_size = shape.sizes[i], shape.sizes[3]
    # Where the type is one value, it takes four random bytes to be that very one.
    if low == high or size == data_size:
        return
    beyond = size + MESSAGE_LENS[i] - data_size - _DATA_LEN_MIN
    if beyond >= 0 and beyond % _PADDING == 0:
        permille = (high - low + 1) * 1000 // 0x100000000
        found.append(
            (
                ("S%d" % (i + 1), "S4", "H%d" % (i + 1)),
                "of data packets with %d bytes, %d in 1000 are lost: they are taken for a handshake"
                % (size + MESSAGE_LENS[i], permille),
                "Have S1 to S4 all the same, or one value in H%d, at both ends." % (i + 1),
            )
        )


def _check_types(shape: "ShapeSettings", found: "list[Finding]") -> None:
    for i in range(4):
        low, high = shape.types[i]
        for k in range(i + 1, 4):
            if low <= shape.types[k][1] and shape.types[k][0] <= high:
                names = ("H%d" % (i + 1), "H%d" % (k + 1))
                why = "a type that is in both says nothing of the kind of message"
                found.append((names, why, "Have ranges without a number in common."))
    if shape.key is not None or not shape.changes_messages():
        return
    known = tuple(["H%d" % (i + 1) for i in range(4) if shape.types[i][0] < 5])
    if known:
        if tuple(shape.types) == PLAIN_TYPES:
            why = "without them the types are 1 to 4, by which every WireGuard is recognised"
        else:
            why = "the types 1 to 4 are those by which every WireGuard is recognised"
        mend = "Have numbers from 5 on in H1 to H4 at both ends, or a HeaderProtectionKey."
        found.append((known, why, mend))

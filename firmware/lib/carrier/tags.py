"""What the tags of I1 to I5 make: one datagram, another one each time (AmneziaWG)."""

from carrier.chance import DIGITS, LETTERS
from wg.compat import TYPE_CHECKING

if TYPE_CHECKING:
    from carrier.chance import Chance
    from wg.carrier_settings import Tag


def datagram(tags: "list[Tag]", chance: "Chance", now_s: int) -> bytes:
    """tags: as wg.config_shape.read_tags() gives them. now_s: seconds since 1970, for <t>."""
    out = bytearray()
    for kind, value in tags:
        if isinstance(value, bytes):
            out += value
        elif kind == "r":
            out += chance.bytes(value)
        elif kind == "rd":
            out += chance.characters(DIGITS, value)
        elif kind == "rc":
            out += chance.characters(LETTERS, value)
        else:
            out += (now_s & 0xFFFFFFFF).to_bytes(4, "big")
    return bytes(out)

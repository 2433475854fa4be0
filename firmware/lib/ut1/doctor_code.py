"""Six characters that can be read over a phone: which step failed, how, and on which network.

    S R N N N C     step and reason (doctor_words), 15 bits of the network's hash, a check of these

Each is one of 32 digits and letters that nobody takes for another (Crockford's base 32). There is
no address in it. The hash is keyed by the box: it says "the same place as yesterday", not where.
"""

from wg.compat import TYPE_CHECKING

if TYPE_CHECKING:
    Found = tuple[int, int, int]

LENGTH = 6
# In place of a step: none said no.
ALL_IS_WELL = 0
_DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
# What people hear or read instead.
_MEANT = {"O": "0", "I": "1", "L": "1"}
_NETWORK_BITS = 15


def encode(step: int, reason: int, network: bytes) -> str:
    """step, reason: 0 to 31. network: its hash, at least 2 bytes; empty: none is known."""
    hash_ = int.from_bytes(network[:2], "big") >> 1 if network else 0
    values = [step, reason, hash_ >> 10, hash_ >> 5 & 31, hash_ & 31]
    return "".join([_DIGITS[value] for value in values + [_check(values)]])


def decode(text: str) -> "Found | None":
    """(step, reason, 15 bits of the network: 0: none is known); None: something was misheard."""
    values = []
    for character in text.upper():
        character = _MEANT.get(character, character)
        if character in (" ", "-"):
            continue
        value = _DIGITS.find(character)
        if value < 0:
            return None
        values.append(value)
    if len(values) != LENGTH or values[5] != _check(values[:5]):
        return None
    return values[0], values[1], values[2] << 10 | values[3] << 5 | values[4]


def plain(text: str) -> str:
    """A code that decode() takes, as encode() has written it."""
    return "".join([_MEANT.get(each, each) for each in text.upper() if each not in (" ", "-")])


def is_digit(character: str) -> bool:
    """Whether it can be part of what decode() takes."""
    return _MEANT.get(character, character) in _DIGITS


def _check(values: "list[int]") -> int:
    """Notices each wrong character, and two neighbours that changed places but for 1 in 16."""
    # Odd weights: no difference of one character is a multiple of 32.
    return sum([(2 * i + 1) * value for i, value in enumerate(values)]) % 32

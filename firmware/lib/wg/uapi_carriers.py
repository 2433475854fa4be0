"""Keys of configuration requests beyond WireGuard's own: the shape, and more UDP ports.

s1 to s4, h1 to h4 are AmneziaWG's, with its values; header_protection_key is 64 hexadecimal digits,
all zero: none. What is given in one request is the whole shape. also_listen_ports is "443,53,123",
empty: none; they stand in place of those before.
"""

from wg.allowedips import parse_number
from wg.carrier_settings import DATA_SIZE_MAX, SIZE_MAX, ShapeSettings
from wg.compat import TYPE_CHECKING
from wg.keytext import is_zero_text, wipe

if TYPE_CHECKING:
    from typing import Protocol

    class Wishes(Protocol):
        shape: "ShapeSettings | None"
        also_listen_ports: "list[int] | None"


KEY = "header_protection_key"
PORTS = "also_listen_ports"
NAMES = ("s1", "s2", "s3", "s4", "h1", "h2", "h3", "h4", KEY, PORTS)

PORTS_MAX = 15
KEY_LEN = 32


def take_text(wishes: "Wishes", name: str, text: str) -> bool:
    """Take the value of one of NAMES, but of the key. False: it is not one that can be."""
    if name == PORTS:
        wishes.also_listen_ports = _ports(text)
        return wishes.also_listen_ports is not None
    shape = _shape_of(wishes)
    i = int(name[1]) - 1
    if name[0] == "s":
        shape.sizes[i] = parse_number(text, DATA_SIZE_MAX if i == 3 else SIZE_MAX)
        return shape.sizes[i] >= 0
    low, dash, high = text.partition("-")
    first = parse_number(low, 0xFFFFFFFF)
    last = parse_number(high, 0xFFFFFFFF) if dash else first
    shape.types[i] = (first, last)
    return 0 <= first <= last


def take_key(wishes: "Wishes", text: memoryview) -> None:
    """text: 64 hexadecimal digits, which are wiped."""
    shape = _shape_of(wishes)
    shape.wipe()  # one that was given before it
    if is_zero_text(text):
        shape.key = None
        return
    key = bytearray(KEY_LEN)
    for i in range(KEY_LEN):
        key[i] = _digit(text[2 * i]) << 4 | _digit(text[2 * i + 1])
    wipe(text)
    shape.key = key


def lines(shape: "ShapeSettings | None", ports: "list[int]", refused: "dict[int, int]") -> str:
    """What an answer says of it all; of the key only that there is one."""
    told = ""
    if ports:
        told += "%s=%s\n" % (PORTS, ",".join([str(port) for port in ports]))
    if refused:
        words = ["%d:%d" % (port, refused[port]) for port in sorted(refused)]
        told += "also_listen_refused=%s\n" % ",".join(words)
    if shape is not None:
        for i in range(4):
            low, high = shape.types[i]
            told += "s%d=%d\n" % (i + 1, shape.sizes[i])
            told += "h%d=%s\n" % (i + 1, low if low == high else "%d-%d" % (low, high))
        told += "has_header_protection=%s\n" % ("false" if shape.key is None else "true")
    return told


def _shape_of(wishes: "Wishes") -> "ShapeSettings":
    if wishes.shape is None:
        wishes.shape = ShapeSettings()
    return wishes.shape


def _ports(text: str) -> "list[int] | None":
    ports = [parse_number(word, 0xFFFF) for word in text.split(",")] if text else []
    sound = len(set(ports)) == len(ports) <= PORTS_MAX and all(port > 0 for port in ports)
    return ports if sound else None


def _digit(byte: int) -> int:
    return byte - 0x30 if byte <= 0x39 else (byte | 0x20) - 0x57

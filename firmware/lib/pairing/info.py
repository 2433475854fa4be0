"""What an end says of itself: text in the answer and in the reveal, open for all to read.

The first line is the name; each further line is a keyword, a space, and a value.

    home
    endpoint vpn.example.com:51820
    address 10.66.0.7/32
    allowed-ips 0.0.0.0/0
"""

from pairing.errors import MALFORMED, PairingError
from pairing.messages import INFO_LEN_MAX
from wg import config_values as values
from wg.compat import TYPE_CHECKING
from wg.settings import HostPort

if TYPE_CHECKING:
    from collections.abc import Callable

NAME_LEN_MAX = 63
ENDPOINTS_MAX = 8
KEYWORD_LEN_MAX = 16
VALUE_LEN_MAX = 200
# What may become a line of [Carriers]; see also _is_of_shape().
CARRIER_KEYS = (
    "UDP",
    "Shapes",
    "Decoys",
    "DecoyName",
    "TCP",
    "WS",
    "TLS",
    "TLSName",
    "TLSPin",
    "Path",
    "Address",
    "Inside",
)


class Info:
    """name: letters, digits, and - . _ or a space within. All else may be missing.

    A gateway's: endpoints, the first is tried first; address: what the box has in the tunnel, with
    its prefix length; dns; allowed_ips; mtu; keepalive in seconds; shape, carriers: (key, value) of
    lines for [Interface] and [Carriers], in their order. A box's: board, firmware.
    Each is kept as text that was judged to be one, as it stands in a wg-quick file.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.endpoints: "list[str]" = []
        self.address = ""
        self.dns = ""
        self.allowed_ips = ""
        self.mtu: "int | None" = None
        self.keepalive: "int | None" = None
        self.shape: "list[tuple[str, str]]" = []
        self.carriers: "list[tuple[str, str]]" = []
        self.board = ""
        self.firmware = ""

    def encode(self) -> bytes:
        """The bytes to pair with. ValueError: something in it cannot be, or it is too long."""
        lines = [self.name]
        lines += ["endpoint " + endpoint for endpoint in self.endpoints]
        for keyword, value in (
            ("address", self.address),
            ("dns", self.dns),
            ("allowed-ips", self.allowed_ips),
            ("mtu", self.mtu),
            ("keepalive", self.keepalive),
            ("board", self.board),
            ("firmware", self.firmware),
        ):
            if value is not None and value != "":
                lines.append("%s %s" % (keyword, value))
        lines += ["shape %s %s" % pair for pair in self.shape]
        lines += ["carrier %s %s" % pair for pair in self.carriers]
        if any("\n" in line for line in lines):
            raise ValueError("a value has more than one line")
        encoded = "\n".join(lines).encode()
        try:
            _read(encoded)
        except _VoidError as error:
            raise ValueError("what we say of ourselves %s" % error)
        return encoded

    @staticmethod
    def decode(data: bytes) -> "Info":
        """PairingError: it is not such a text. Keywords that are not known are passed over."""
        try:
            return _read(data)
        except _VoidError as error:
            raise PairingError(
                MALFORMED,
                "what the other end says of itself %s" % error,
                "Set its name and addresses right there, and begin again at both ends.",
            )


class _VoidError(Exception):
    """How a text is none: the rest of a sentence about it."""


def is_name(text: str) -> bool:
    """1 to 63 letters, digits, and - . _ or a space, which is not at either end."""
    if not 0 < len(text) <= NAME_LEN_MAX or text != text.strip():
        return False
    return all("a" <= c <= "z" or "A" <= c <= "Z" or "0" <= c <= "9" or c in "-._ " for c in text)


def _read(data: bytes) -> Info:
    if len(data) > INFO_LEN_MAX:
        raise _VoidError("is longer than %d bytes" % INFO_LEN_MAX)
    for byte in data:
        # Nothing that a terminal would obey, or show as something else.
        if byte != 0x0A and not 0x20 <= byte <= 0x7E:
            raise _VoidError("has characters that are not plain text")
    lines = bytes(data).decode().split("\n")
    if not is_name(lines[0]):
        raise _VoidError("has no name that could be shown")
    info = Info(lines[0])
    seen: "list[str]" = []
    for line in lines[1:]:
        keyword, _, value = line.partition(" ")
        if not _is_keyword(keyword) or not value or value != value.strip():
            raise _VoidError("has a line that is no keyword with a value")
        if keyword in seen and keyword not in _LISTS and keyword in _READERS:
            raise _VoidError("says '%s' twice" % keyword)
        seen.append(keyword)
        _take(info, keyword, value)
    return info


def _take(info: Info, keyword: str, value: str) -> None:
    read = _READERS.get(keyword)
    if read is None:
        return
    try:
        read(info, value)
    except values.RefusedError as refusal:
        raise _VoidError("has no usable '%s': %s" % (keyword, refusal.why))


def _is_keyword(text: str) -> bool:
    return 0 < len(text) <= KEYWORD_LEN_MAX and all("a" <= c <= "z" or c == "-" for c in text)


def _take_endpoint(info: Info, value: str) -> None:
    if len(info.endpoints) == ENDPOINTS_MAX:
        raise values.RefusedError("there are more than %d" % ENDPOINTS_MAX, "")
    found: HostPort = values.endpoint(value)
    info.endpoints.append("%r" % found)


def _take_address(info: Info, value: str) -> None:
    if "/" not in value:
        raise values.RefusedError("its prefix length is missing", "")
    values.interface_address(value)
    info.address = value


def _take_dns(info: Info, value: str) -> None:
    info.dns = _list(value, values.dns)


def _take_allowed_ips(info: Info, value: str) -> None:
    info.allowed_ips = _list(value, values.allowed_ip)


def _take_mtu(info: Info, value: str) -> None:
    info.mtu = values.mtu(value)


def _take_keepalive(info: Info, value: str) -> None:
    info.keepalive = values.keepalive(value)


def _take_board(info: Info, value: str) -> None:
    info.board = _word(value)


def _take_firmware(info: Info, value: str) -> None:
    info.firmware = _word(value)


def _take_shape(info: Info, value: str) -> None:
    key, text = _pair(value, info.shape)
    if not _is_of_shape(key):
        raise values.RefusedError("there is no '%s' in a shape that we know" % key, "")
    info.shape.append((key, text))


def _is_of_shape(key: str) -> bool:
    """Whether it may become a line of [Interface]: of the shape, and nothing else there."""
    if key in ("Jc", "Jmin", "Jmax", "HeaderProtectionKey"):
        return True
    # S1 to S4, H1 to H4, I1 to I5.
    last = {"S": "4", "H": "4", "I": "5"}.get(key[0], "0")
    return len(key) == 2 and "1" <= key[1] <= last


def _take_carrier(info: Info, value: str) -> None:
    key, text = _pair(value, info.carriers)
    if key in CARRIER_KEYS:
        info.carriers.append((key, text))


def _pair(line: str, before: "list[tuple[str, str]]") -> "tuple[str, str]":
    """The key and the value of a line for the document, in which it stays one line."""
    key, _, text = line.partition(" ")
    if not all("a" <= c <= "z" or "A" <= c <= "Z" or "0" <= c <= "9" for c in key):
        raise values.RefusedError("its key is no word", "")
    if not text or text != text.strip() or len(text) > VALUE_LEN_MAX:
        raise values.RefusedError("'%s' has no value, or one that is too long" % key, "")
    if "#" in text or '"' in text:
        raise values.RefusedError("'%s' has a comment or a quote in it" % key, "")
    if any(key == other for other, _ in before):
        raise values.RefusedError("'%s' is said twice" % key, "")
    return key, text


def _list(value: str, read: "Callable[[str], object]") -> str:
    parts = values.parts(value)
    for part in parts:
        read(part)
    return ", ".join(parts)


def _word(value: str) -> str:
    if not is_name(value):
        raise values.RefusedError("it is no name or version", "")
    return value


_LISTS = ("endpoint", "shape", "carrier")
_READERS = {
    "endpoint": _take_endpoint,
    "address": _take_address,
    "dns": _take_dns,
    "allowed-ips": _take_allowed_ips,
    "mtu": _take_mtu,
    "keepalive": _take_keepalive,
    "shape": _take_shape,
    "carrier": _take_carrier,
    "board": _take_board,
    "firmware": _take_firmware,
}

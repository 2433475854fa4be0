"""What stands on the right of a "=" in a wg-quick file: one reader for each kind of value.

Each takes text and returns the value, or raises RefusedError: why it cannot be, how to mend it.
"""

from wg.allowedips import clear_host_bits, parse_address, parse_number
from wg.errors import ConfigError
from wg.settings import TABLE_AUTO, TABLE_OFF, HostPort

SHOWN_LEN = 60
SECRET_RUN_LEN = 40

MTU_MIN = 576
MTU_MIN_IPV6 = 1280  # RFC 8200, 5
MTU_MAX = 65440  # what still fits into one UDP datagram when it is sealed


class RefusedError(Exception):
    """A value that cannot be: why, and how to mend it."""

    def __init__(self, why: str, mend: str) -> None:
        super().__init__(why)
        self.why = why
        self.mend = mend


def shown(text: str) -> str:
    """Text of a file as an error may show it: short, printable, and nothing that could be a key."""
    run = 0
    for character in text:
        run = run + 1 if character.isalpha() or character.isdigit() or character in "+/" else 0
        if run >= SECRET_RUN_LEN:
            return "(not shown: it looks like a key)"
    if len(text) > SHOWN_LEN:
        text = text[:SHOWN_LEN] + "..."
    return "'" + text + "'"


def number(text: str, low: int, high: int, mend: str) -> int:
    if not text or not all("0" <= character <= "9" for character in text) or len(text) > 10:
        raise RefusedError("%s is not a number" % shown(text), mend)
    value = int(text)
    if not low <= value <= high:
        raise RefusedError("%d is not between %d and %d" % (value, low, high), mend)
    return value


def port(text: str) -> int:
    return number(text, 0, 65535, "Give a UDP port, for example 51820; 0 takes any that is free.")


def fwmark(text: str) -> int:
    """A 32-bit mark, decimal or with 0x; "off" is 0."""
    mend = "Give a mark such as 51820 or 0xca6c, or 'off'."
    if text.lower() == "off":
        return 0
    if text[:2].lower() == "0x":
        digits = text[2:]
        if not 0 < len(digits) <= 8 or not all(c in "0123456789abcdefABCDEF" for c in digits):
            raise RefusedError("%s is not a hexadecimal number of 32 bits" % shown(text), mend)
        return int(digits, 16)
    return number(text, 0, 0xFFFFFFFF, mend)


def mtu(text: str) -> int:
    return number(text, MTU_MIN, MTU_MAX, "Give the tunnel's MTU in bytes, or leave the line out.")


def table(text: str) -> int:
    mend = "Write 'auto', 'off', or the number of a routing table."
    if text.lower() == "auto":
        return TABLE_AUTO
    if text.lower() == "off":
        return TABLE_OFF
    return number(text, 1, 0xFFFFFFFF, mend)


def boolean(text: str) -> bool:
    if text.lower() in ("true", "false"):
        return text.lower() == "true"
    raise RefusedError("%s is neither true nor false" % shown(text), "Write 'true' or 'false'.")


def keepalive(text: str) -> int:
    """Seconds; "off" is 0."""
    if text.lower() == "off":
        return 0
    return number(text, 0, 65535, "Give seconds, for example 25, or 'off'.")


def parts(text: str) -> "list[str]":
    """The members of a comma list; an empty text has none."""
    if not text:
        return []
    return [part.strip() for part in text.split(",")]


def interface_address(text: str) -> "tuple[bytes, int]":
    """An address of the interface and its prefix length; not given, it is the whole address."""
    return _address_and_length(text, "Write it like 10.0.0.2/24 or fd00::2/64.")


def allowed_ip(text: str) -> "tuple[bytes, int]":
    """A prefix with its host bits cleared."""
    mend = "Write it like 10.0.0.0/8, fd00::/64, or 0.0.0.0/0 for everything."
    if text[:1] in ("+", "-"):
        raise RefusedError(
            "%s adds to or takes from a list that is elsewhere" % shown(text),
            "Write the whole list.",
        )
    address, prefix_len = _address_and_length(text, mend)
    return clear_host_bits(address, prefix_len), prefix_len


def _address_and_length(text: str, mend: str) -> "tuple[bytes, int]":
    host, slash, length = text.partition("/")
    address = _address(host, mend)
    longest = 8 * len(address)
    if not slash:
        return address, longest
    prefix_len = parse_number(length, 999)
    if prefix_len < 0:
        raise RefusedError("%s has no prefix length after the '/'" % shown(text), mend)
    if prefix_len > longest:
        raise RefusedError("%s has a prefix longer than %d" % (shown(text), longest), mend)
    return address, prefix_len


def _address(text: str, mend: str) -> bytes:
    if not text:
        raise RefusedError("an address is missing", mend)
    try:
        return parse_address(text)
    except ConfigError:
        raise RefusedError("%s is not an IP address" % shown(text), mend)


def dns(text: str) -> "bytes | str":
    """A name server's address, or a search domain."""
    mend = "Give the addresses of name servers, and search domains."
    if ":" in text or all(c in "0123456789." for c in text):
        return _address(text, mend)
    if not is_host_name(text):
        raise RefusedError("%s is neither an address nor a domain" % shown(text), mend)
    return text


def endpoint(text: str) -> HostPort:
    mend = "Write it like vpn.example.com:51820, 192.0.2.1:51820 or [2001:db8::1]:51820."
    host, colon, digits = text.rpartition(":")
    if not colon or not host:
        raise RefusedError("%s has no port" % shown(text), mend)
    if text[0] == "[":
        if host[-1] != "]":
            raise RefusedError("%s has no port after the ']'" % shown(text), mend)
        host = host[1:-1]
        _address(host.partition("%")[0], mend)
        if ":" not in host:
            raise RefusedError("%s is not an IPv6 address" % shown(host), mend)
        _zone(host, mend)
    elif ":" in host:
        raise RefusedError("the IPv6 address in %s stands without brackets" % shown(text), mend)
    elif all(c in "0123456789." for c in host):
        _address(host, mend)
    elif not is_host_name(host):
        raise RefusedError("%s is not a host name" % shown(host), mend)
    return HostPort(host, number(digits, 1, 65535, mend))


def _zone(host: str, mend: str) -> None:
    _, percent, zone = host.partition("%")
    if percent and not is_interface_name(zone):
        raise RefusedError("%s is not the name of an interface" % shown(zone), mend)


def is_host_name(text: str) -> bool:
    """Letters, digits, - and _ in labels of at most 63 characters, 253 altogether.

    A dot may stand at the end.
    """
    if text[-1:] == ".":
        text = text[:-1]
    if not 0 < len(text) <= 253:
        return False
    for label in text.split("."):
        if not 0 < len(label) <= 63 or label[0] == "-" or label[-1] == "-":
            return False
        if not all(_is_name_character(c) or c == "-" for c in label):
            return False
    return True


def is_interface_name(text: str) -> bool:
    """What wg-quick takes for the name of an interface: 1 to 15 of letters, digits and _ = + . -"""
    if not 0 < len(text) <= 15 or text in (".", ".."):
        return False
    return text[0] != "-" and all(_is_name_character(c) or c in "=+.-" for c in text)


def _is_name_character(c: str) -> bool:
    return "a" <= c <= "z" or "A" <= c <= "Z" or "0" <= c <= "9" or c == "_"

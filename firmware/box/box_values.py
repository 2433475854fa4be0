"""What stands on the right of a "=" in the document "box": one reader for each kind of value.

Each takes text and returns the value, or raises RefusedError: why it cannot be, how to mend it.
Those of Wi-Fi take bytes, because passwords never become a str; no error shows one.
"""

from box.box_settings import DHCP, MEDIA, STATIC
from dhcp.subnet import overlap
from wg import config_carriers
from wg import config_values as values
from wg.compat import TYPE_CHECKING
from wg.keytext import is_hex_key

if TYPE_CHECKING:
    from wg.carrier_settings import Proxy

    Prefix = tuple[bytes, int]

NAME_LEN_MAX = 32
SSID_LEN_MAX = 32
PASSWORD_LEN_MIN = 8
PASSWORD_LEN_MAX = 63
PROXY_WORD_LEN_MAX = 64

_PRIVATE = ((b"\x0a\x00\x00\x00", 8), (b"\xac\x10\x00\x00", 12), (b"\xc0\xa8\x00\x00", 16))


def name(text: str) -> str:
    mend = "Use letters, digits and '-', at most %d of them." % NAME_LEN_MAX
    if not text:
        raise values.RefusedError("is empty", mend)
    if len(text) > NAME_LEN_MAX or "." in text or "_" in text or not values.is_host_name(text):
        raise values.RefusedError("%s cannot be a name" % values.shown(text), mend)
    return text


def mode(text: str) -> str:
    if text.lower() in (DHCP, STATIC):
        return text.lower()
    raise values.RefusedError(
        "there is none called %s" % values.shown(text), "Write 'dhcp' or 'static'."
    )


def medium(text: str) -> str:
    if text.lower() in MEDIA:
        return text.lower()
    raise values.RefusedError(
        "there is none called %s" % values.shown(text), "Write 'auto', 'ethernet' or 'wifi'."
    )


def ipv4(text: str, mend: str) -> bytes:
    address, _ = values.interface_address(text)
    if "/" in text or len(address) != 4:
        raise values.RefusedError("%s is no IPv4 address" % values.shown(text), mend)
    if not _is_unicast(address):
        raise values.RefusedError("%s is not the address of a machine" % values.shown(text), mend)
    return address


def name_server(text: str) -> bytes:
    return ipv4(text, "Give the addresses of name servers.")


def host(text: str, longest: int) -> "Prefix":
    """An address with its prefix length that a machine can have in a network."""
    mend = "Write it like 192.0.2.7/24."
    address, prefix_len = values.interface_address(text)
    if len(address) != 4 or "/" not in text:
        raise values.RefusedError(
            "%s is no IPv4 address with a prefix length" % values.shown(text), mend
        )
    if not 8 <= prefix_len <= longest:
        raise values.RefusedError(
            "its prefix length %d is not between 8 and %d" % (prefix_len, longest), mend
        )
    host_bits = int.from_bytes(address, "big") & ((1 << 32 - prefix_len) - 1)
    if not _is_unicast(address) or host_bits in (0, (1 << 32 - prefix_len) - 1):
        raise values.RefusedError(
            "%s is not the address of a machine in its network" % values.shown(text), mend
        )
    return address, prefix_len


def lan(text: str) -> "Prefix":
    """For clients to be served, a private network (RFC 1918) with room for some of them."""
    own = host(text, 29)
    if own[1] < 16:
        raise values.RefusedError(
            "its network is larger than a /16", "Write it like 10.20.30.1/24."
        )
    if not any(own[1] >= length and overlap(*own, net, length) for net, length in _PRIVATE):
        raise values.RefusedError(
            "%s is a public address, which clients could then not reach" % values.shown(text),
            "Use a network of 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16.",
        )
    return own


def _is_unicast(address: bytes) -> bool:
    return 0 < address[0] < 224 and address[0] != 127


def ssid(data: bytearray) -> bytes:
    """The name of a Wi-Fi network."""
    mend = "Give its name as other devices show it, of 1 to %d bytes." % SSID_LEN_MAX
    if not data:
        raise values.RefusedError("is empty", mend)
    if len(data) > SSID_LEN_MAX:
        raise values.RefusedError("has %d bytes" % len(data), mend)
    if any(byte < 0x20 or byte == 0x7F for byte in data):
        raise values.RefusedError("has a character in it that cannot be shown", mend)
    try:
        bytes(data).decode()
    except UnicodeError:
        raise values.RefusedError("is not UTF-8", mend)
    return bytes(data)


def password(data: bytearray, can_be_hex: bool) -> bytearray:
    """Of a Wi-Fi network (IEEE 802.11, WPA). can_be_hex: 64 digits are one, too."""
    mend = "Give %d to %d characters of plain text%s." % (
        PASSWORD_LEN_MIN,
        PASSWORD_LEN_MAX,
        ", or 64 hexadecimal digits" if can_be_hex else "",
    )
    if can_be_hex and is_hex_key(data):
        return data
    if not PASSWORD_LEN_MIN <= len(data) <= PASSWORD_LEN_MAX:
        raise values.RefusedError("is empty" if not data else "has %d characters" % len(data), mend)
    if not all(0x20 <= byte <= 0x7E for byte in data):
        raise values.RefusedError("has a character in it that is not plain text", mend)
    return data


def proxy(text: str) -> "Proxy":
    """http:// or socks5://, host and port."""
    return config_carriers.proxy(text)


def proxy_user(data: bytearray) -> str:
    """Of RFC 7617 and RFC 1929, in plain text. A colon would end it."""
    _check_proxy_word(data)
    return config_carriers.proxy_user(bytes(data).decode())


def proxy_password(data: bytearray) -> bytearray:
    _check_proxy_word(data)
    return data


def _check_proxy_word(data: bytearray) -> None:
    mend = "Give 1 to %d characters of plain text." % PROXY_WORD_LEN_MAX
    if not 0 < len(data) <= PROXY_WORD_LEN_MAX:
        raise values.RefusedError("is empty" if not data else "has %d characters" % len(data), mend)
    if not all(0x20 <= byte <= 0x7E for byte in data):
        raise values.RefusedError("has a character in it that is not plain text", mend)

"""The section [Carriers]: the values of its lines, and what is missing beside others.

[Carriers]
UDP = 443, 53, 123        # ports, best first
Shapes = shaped, plain    # which of both the other end answers, best first
Decoys = dns, quic, none  # before each initiation, best first; own: Jc and I1 to I5
DecoyName = example.org   # the name that the QUIC decoy asks for
TCP = 80                  # datagrams in a TCP connection, each after its length
WS = 80                   # WebSocket
TLS = 443                 # WebSocket in TLS
TLSName = example.org     # the name that is asked for
TLSPin = ...              # base64 of the SHA-256 of the certificate's SubjectPublicKeyInfo
Path = /0123456789abcdef0123456789abcdef
Address = 192.0.2.7       # further addresses or names of the same end
Inside = 10.0.0.1:51821   # its service inside of the tunnel
Proxy = http://192.0.2.9:3128   # or socks5://
ProxyUser = anna
ProxyPassword = "secret"
"""

from wg import config_quoted as quoted
from wg import config_values as values
from wg.allowedips import format_address, parse_address
from wg.carrier_settings import (
    DECOY_DNS,
    DECOY_NONE,
    DECOY_OWN,
    DECOY_QUIC,
    HTTP,
    PLAIN,
    SHAPED,
    SOCKS5,
    Proxy,
)
from wg.compat import TYPE_CHECKING
from wg.config_values import RefusedError
from wg.errors import ConfigError
from wg.keytext import is_base64_key, public_from_base64, public_to_base64

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    from wg.carrier_settings import CarrierSettings
    from wg.shape_lint import Finding

    T = TypeVar("T")

CARRIER_KEYWORDS = (
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
    "Proxy",
    "ProxyUser",
    "ProxyPassword",
)
# In lower case: those that never become a str, because they are secrets.
SECRETS = ("path", "proxypassword")

PORTS_MAX = 8
STREAM_PORTS_MAX = 4
ADDRESSES_MAX = 4
PATH_LEN_MIN = 16  # with the slash in front: what nobody guesses
PATH_LEN_MAX = 96
USER_LEN_MAX = 64
PASSWORD_LEN_MAX = 128

_SHAPES = (SHAPED, PLAIN)
_DECOYS = (DECOY_DNS, DECOY_QUIC, DECOY_OWN, DECOY_NONE)
_PROXY_MEND = "Write it like http://192.0.2.9:3128 or socks5://proxy.example.org:1080."


def apply(carriers: "CarrierSettings", name: str, text: str) -> None:
    """Take the value of a keyword, in lower case. RefusedError: it cannot be."""
    if name == "udp":
        carriers.udp = _ports(text, PORTS_MAX)
    elif name == "tcp":
        carriers.tcp = _ports(text, STREAM_PORTS_MAX)
    elif name == "ws":
        carriers.ws = _ports(text, STREAM_PORTS_MAX)
    elif name == "tls":
        carriers.tls = _ports(text, STREAM_PORTS_MAX)
    elif name == "shapes":
        carriers.shapes = _words(text, _SHAPES)
    elif name == "decoys":
        carriers.decoys = _words(text, _DECOYS)
    elif name == "decoyname":
        carriers.decoy_name = _name(text)
    elif name == "tlsname":
        carriers.tls_name = _name(text)
    elif name == "tlspin":
        if not is_base64_key(text.encode()):
            mend = "Copy the whole pin that the gateway told, with the '=' at its end."
            raise RefusedError("is not the base64 of 32 bytes", mend)
        carriers.tls_pin = public_from_base64(text.encode())
    elif name == "address":
        carriers.addresses = _list(text, ADDRESSES_MAX, _host)
    elif name == "inside":
        place = values.endpoint(text)
        carriers.inside = _ipv4(place.host), place.port
    else:
        apply_proxy(carriers, name, text)


def apply_proxy(carriers: "CarrierSettings", name: str, text: str) -> None:
    if name == "proxy":
        carriers.proxy = proxy(text)
    elif carriers.proxy is None:
        raise RefusedError("there is no Proxy before it", "Put the line Proxy in front of it.")
    else:
        carriers.proxy.user = proxy_user(text)


def apply_secret(carriers: "CarrierSettings", name: str, view: memoryview) -> None:
    """Take a secret. view: exactly the value, inside of its line. RefusedError without it."""
    if name == "path":
        carriers.path = _path(view)
    elif carriers.proxy is None:
        raise RefusedError("there is no Proxy before it", "Put the line Proxy in front of it.")
    else:
        carriers.proxy.password = proxy_password(view)


# --- values, also for other documents ---


def proxy(text: str) -> Proxy:
    """'http://HOST:PORT' or 'socks5://HOST:PORT'. RefusedError: it is none."""
    scheme, separator, rest = text.partition("://")
    scheme = scheme.lower()
    if not separator or scheme not in (HTTP, SOCKS5):
        raise RefusedError("it begins with neither http:// nor socks5://", _PROXY_MEND)
    if "@" in rest:
        # The text is in no error: a password stands in it.
        raise RefusedError(
            "has a user in it", "Write ProxyUser and ProxyPassword in lines of their own."
        )
    place = values.endpoint(rest[:-1] if rest[-1:] == "/" else rest)
    if ":" in place.host:
        raise RefusedError("it is an IPv6 address, and a box joins networks by IPv4", _PROXY_MEND)
    return Proxy(scheme, place)


def proxy_user(text: str) -> str:
    """RefusedError: empty, too long, or with a colon, which ends it on its way."""
    if not 0 < len(text) <= USER_LEN_MAX or ":" in text:
        mend = "Give 1 to %d characters without a ':'." % USER_LEN_MAX
        raise RefusedError("no proxy takes such a name", mend)
    return text


def proxy_password(view: memoryview) -> bytearray:
    """The password between the ends of view, which may be in quotes; the caller's to wipe."""
    password = quoted.read(view, 0, len(view))
    if not 0 < len(password) <= PASSWORD_LEN_MAX:
        raise RefusedError(
            "has %d bytes" % len(password), "Give 1 to %d of them." % PASSWORD_LEN_MAX
        )
    return password


def _ports(text: str, most: int) -> "list[int]":
    return _list(text, most, _port)


def _port(text: str) -> int:
    return values.number(text, 1, 65535, "Give ports from 1 to 65535, such as 443, 53.")


def _words(text: str, known: "tuple[str, ...]") -> "list[str]":
    found = []
    for part in values.parts(text.lower()):
        if part not in known:
            mend = "Write some of: %s." % ", ".join(known)
            raise RefusedError("there is no %s here" % values.shown(part), mend)
        if part not in found:
            found.append(part)
    return found


def _list(text: str, most: int, read: "Callable[[str], T]") -> "list[T]":
    """The members, each once and in their order."""
    found: "list[T]" = []
    for part in values.parts(text):
        value = read(part)
        if value not in found:
            found.append(value)
    if len(found) > most:
        raise RefusedError(
            "there are %d of them, and there is room for %d" % (len(found), most),
            "Keep the best.",
        )
    return found


def _name(text: str) -> str:
    if not values.is_host_name(text) or "." not in text:
        raise RefusedError(
            "%s is not a full name" % values.shown(text), "Write one like www.example.org."
        )
    return text.lower()


def _host(text: str) -> str:
    if all(c in "0123456789." for c in text):
        return format_address(_ipv4(text))
    return _name(text)


def _ipv4(text: str) -> bytes:
    try:
        address = parse_address(text)
    except ConfigError:
        address = b""
    if len(address) != 4:
        raise RefusedError(
            "%s is not an IPv4 address" % values.shown(text), "Write one like 192.0.2.7."
        )
    return address


def _path(view: memoryview) -> bytearray:
    if not PATH_LEN_MIN <= len(view) <= PATH_LEN_MAX:
        why = "it has %d characters" % len(view)
        raise RefusedError(why, "Give %d to %d." % (PATH_LEN_MIN, PATH_LEN_MAX))
    for i in range(len(view)):
        byte = view[i]
        is_letter = 0x41 <= byte & 0xDF <= 0x5A
        if not (is_letter or 0x30 <= byte <= 0x39 or byte in b"-_./~"):
            raise RefusedError(
                "character %d of it is neither letter, digit nor one of - _ . ~" % (i + 1),
                "Copy the path that the gateway told.",
            )
    if view[0] != 0x2F:
        raise RefusedError("it does not begin with a '/'", "Copy the path as the gateway told it.")
    return bytearray(view)


# --- the section as a whole ---


def check(carriers: "CarrierSettings", is_shaped: bool) -> "list[Finding]":
    """What is missing. is_shaped: whether [Interface] has a shape."""
    found: "list[Finding]" = []
    if not (carriers.udp or carriers.tcp or carriers.ws or carriers.tls):
        why = "says no way to reach the other end"
        found.append(((), why, "Add UDP, TCP, WS or TLS with ports, or remove the section."))
    if carriers.tls and not carriers.tls_name:
        found.append((("TLS",), "has no TLSName beside it", "Add the name that is asked for."))
    if carriers.tls and carriers.tls_pin is None:
        why = "has no TLSPin beside it, so that anybody could answer"
        found.append((("TLS",), why, "Add the pin that the gateway tells."))
    if (carriers.tls or carriers.ws) and carriers.path is None:
        name = "TLS" if carriers.tls else "WS"
        found.append(((name,), "has no Path beside it", "Add the path that the gateway tells."))
    if SHAPED in carriers.shapes and not is_shaped:
        why = "says 'shaped', and [Interface] has no shape"
        found.append((("Shapes",), why, "Add S1 to S4 and the others, or write 'plain'."))
    proxy = carriers.proxy
    if proxy is not None and proxy.password is not None and not proxy.user:
        found.append((("ProxyPassword",), "has no ProxyUser beside it", "Add the user's name."))
    return found


def lines(carriers: "CarrierSettings") -> "list[str | memoryview]":
    """The lines of the section; secrets are pieces of their own, in memory of their own.

    The caller wipes those that are memoryviews.
    """
    out: "list[str | memoryview]" = ["\n[Carriers]\n"]
    for keyword, ports in (("UDP", carriers.udp), ("TCP", carriers.tcp)):
        _add(out, keyword, ", ".join([str(port) for port in ports]))
    for keyword, ports in (("WS", carriers.ws), ("TLS", carriers.tls)):
        _add(out, keyword, ", ".join([str(port) for port in ports]))
    _add(out, "Shapes", ", ".join(carriers.shapes))
    _add(out, "Decoys", ", ".join(carriers.decoys))
    _add(out, "DecoyName", carriers.decoy_name)
    _add(out, "TLSName", carriers.tls_name)
    if carriers.tls_pin is not None:
        _add(out, "TLSPin", public_to_base64(carriers.tls_pin))
    if carriers.path is not None:
        out += ["Path = ", memoryview(bytearray(carriers.path)), "\n"]
    _add(out, "Address", ", ".join(carriers.addresses))
    if carriers.inside is not None:
        _add(out, "Inside", "%s:%d" % (format_address(carriers.inside[0]), carriers.inside[1]))
    if carriers.proxy is not None:
        _add_proxy(out, carriers.proxy)
    return out


def _add_proxy(out: "list[str | memoryview]", proxy: Proxy) -> None:
    _add(out, "Proxy", "%s://%r" % (proxy.scheme, proxy.place))
    _add(out, "ProxyUser", proxy.user)
    if proxy.password is not None:
        text = bytearray(quoted.encoded_len(proxy.password))
        quoted.write(text, 0, proxy.password)
        out += ["ProxyPassword = ", memoryview(text), "\n"]


def _add(out: "list[str | memoryview]", keyword: str, text: str) -> None:
    if text:
        out.append("%s = %s\n" % (keyword, text))

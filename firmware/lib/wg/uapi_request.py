"""Requests of WireGuard's configuration protocol (wireguard.com/xplatform), read and checked whole.

A request is lines of key=value up to an empty line. What is not understood refuses all of it.
"""

from _wg import PresharedKey, PrivateKey

from wg import endpoint, uapi_carriers
from wg.allowedips import parse_number, parse_prefix
from wg.compat import TYPE_CHECKING
from wg.errors import ConfigError, WgError
from wg.keytext import is_hex_key, is_zero_text, public_from_hex

if TYPE_CHECKING:
    from _wg import PresharedKey as AnyPresharedKey
    from _wg import PrivateKey as AnyPrivateKey

    from wg.carrier_settings import ShapeSettings

EINVAL = 22
EPROTO = 71

NAME_LEN_MAX = 32
VALUE_LEN_MAX = 80


class RequestError(WgError):
    """A request that is refused; errno says why to the client."""

    def __init__(self, errno: int, why: str) -> None:
        super().__init__(why)
        self.errno = errno


class PeerChange:
    """What is to become of one peer. None: left as it is."""

    def __init__(self, public_key: bytes) -> None:
        self.public_key = public_key
        self.remove = False
        self.update_only = False
        self.sets_preshared_key = False
        self.preshared_key: "AnyPresharedKey | None" = None
        self.endpoint: "bytes | None" = None
        self.keepalive_s: "int | None" = None
        self.replace_allowed_ips = False
        # Whether to add (or to take away), address, prefix length; in the order of the lines.
        self.allowed_ips: "list[tuple[bool, bytes, int]]" = []


class Change:
    """A set request. None: left as it is."""

    def __init__(self) -> None:
        self.sets_private_key = False
        self.private_key: "AnyPrivateKey | None" = None
        self.listen_port: "int | None" = None
        self.fwmark: "int | None" = None
        self.replace_peers = False
        self.shape: "ShapeSettings | None" = None
        self.also_listen_ports: "list[int] | None" = None
        self.peers: "list[PeerChange]" = []


def read(request: memoryview) -> "Change | None":
    """The change that a request asks for, or None when it asks for the state.

    request: its bytes up to the empty line; key text in a writable buffer is wiped.
    RequestError: it is refused.
    """
    lines = _lines(request)
    operation = bytes(request[lines[0][0] : lines[0][1]][:8]) if lines else b""
    if operation == b"get=1":
        if len(lines) > 1:
            raise RequestError(EINVAL, "a get request has one line")
        return None
    if operation != b"set=1":
        raise RequestError(EINVAL, "neither get=1 nor set=1")
    change = Change()
    try:
        _read_lines(change, request, lines[1:])
    except RequestError:
        if change.shape is not None:
            change.shape.wipe()
        raise
    return change


def _read_lines(change: Change, request: memoryview, lines: "list[tuple[int, int]]") -> None:
    peer = None
    for start, end in lines:
        name, value = _split(request, start, end)
        if name == "public_key":
            peer = PeerChange(_public_key(value))
            change.peers.append(peer)
        elif peer is None:
            _read_device(change, name, value)
        else:
            _read_peer(peer, name, value)


def _lines(request: memoryview) -> "list[tuple[int, int]]":
    lines = []
    start = 0
    for i in range(len(request)):
        if request[i] == 0x0A:
            lines.append((start, i))
            start = i + 1
    if start < len(request):
        lines.append((start, len(request)))
    return lines


def _split(request: memoryview, start: int, end: int) -> "tuple[str, memoryview]":
    """The name, and the value where it stands: it may be a secret."""
    for i in range(start, min(end, start + NAME_LEN_MAX)):
        byte = request[i]
        if byte == 0x3D:
            return bytes(request[start:i]).decode(), request[i + 1 : end]
        if not (0x61 <= byte <= 0x7A or byte == 0x5F or 0x31 <= byte <= 0x34):
            break
    raise RequestError(EPROTO, "a line is not key=value")


def _read_device(change: Change, name: str, value: memoryview) -> None:
    if name == "private_key":
        _check_key(value)
        change.sets_private_key = True
        change.private_key = None if is_zero_text(value) else PrivateKey(value)
    elif name == "listen_port":
        change.listen_port = _number(value, 0xFFFF)
    elif name == "fwmark":
        change.fwmark = _number(value, 0xFFFFFFFF)
    elif name == "replace_peers":
        change.replace_peers = _true(value)
    elif name == uapi_carriers.KEY:
        _check_key(value)
        uapi_carriers.take_key(change, value)
    elif name in uapi_carriers.NAMES:
        if not uapi_carriers.take_text(change, name, _text(value)):
            raise RequestError(EINVAL, "%s has another value" % name)
    else:
        raise RequestError(EINVAL, "the interface has no key " + name)


def _read_peer(peer: PeerChange, name: str, value: memoryview) -> None:
    if name == "preshared_key":
        _check_key(value)
        peer.sets_preshared_key = True
        peer.preshared_key = None if is_zero_text(value) else PresharedKey(value)
    elif name == "endpoint":
        peer.endpoint = _endpoint(value)
    elif name == "persistent_keepalive_interval":
        peer.keepalive_s = _number(value, 0xFFFF)
    elif name == "allowed_ip":
        peer.allowed_ips.append(_allowed_ip(value))
    elif name == "replace_allowed_ips":
        peer.replace_allowed_ips = _true(value)
    elif name == "remove":
        peer.remove = _true(value)
    elif name == "update_only":
        peer.update_only = _true(value)
    elif name == "protocol_version":
        if _text(value) != "1":
            raise RequestError(EINVAL, "there is only protocol version 1")
    else:
        raise RequestError(EINVAL, "a peer has no key " + name)


def _check_key(value: memoryview) -> None:
    if not is_hex_key(value):
        raise RequestError(EINVAL, "a key is not 64 hexadecimal digits")


def _public_key(value: memoryview) -> bytes:
    _check_key(value)
    return public_from_hex(value)


def _text(value: memoryview) -> str:
    if len(value) > VALUE_LEN_MAX or not all(0x20 < byte < 0x7F for byte in value):
        raise RequestError(EINVAL, "a value is not plain text")
    return bytes(value).decode()


def _number(value: memoryview, highest: int) -> int:
    number = parse_number(_text(value), highest)
    if number < 0:
        raise RequestError(EINVAL, "a number is not from 0 to %d" % highest)
    return number


def _true(value: memoryview) -> bool:
    if _text(value) != "true":
        raise RequestError(EINVAL, "a switch is not 'true'")
    return True


def _endpoint(value: memoryview) -> bytes:
    try:
        return endpoint.parse(_text(value))
    except ConfigError:
        raise RequestError(EINVAL, "an endpoint is not ADDRESS:PORT")


def _allowed_ip(value: memoryview) -> "tuple[bool, bytes, int]":
    text = _text(value)
    adds = text[:1] != "-"
    try:
        address, prefix_len = parse_prefix(text if adds else text[1:])
    except ConfigError:
        raise RequestError(EINVAL, "an allowed IP is not ADDRESS/LENGTH")
    return adds, address, prefix_len

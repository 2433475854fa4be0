"""By which ways boxes can come, and what they have to know for it: kept, and told to boxes.

The secret path and the header protection key let nobody in: they let a box be recognised, and
nobody else recognise it. All boxes of a gateway have the same.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from _wg import Shape

from undertow.gateway import document, keys
from undertow.gateway.document import BadValueError
from undertow.gateway.folder import Folder, broken
from undertow.gateway.settings import Settings, is_web_name
from undertow.gateway.web_name import draw, web_name
from wg.keytext import KEY_LEN, secret_from_base64, wipe

FILE = "carriers.json"
SHAPE_KEY = "shape.key"
PATH_LEN = 32

# AmneziaWG 3: with a header protection key the types stay WireGuard's own, and the sizes are equal.
# Equal among themselves and not everywhere: a length that all gateways have would be a mark. More
# than these would not leave room for an MTU of 1420, others would have boards copy packets.
SIZES = (12, 16, 20)
TYPES = (1, 1, 2, 2, 3, 3, 4, 4)
# Of gateways that were there before others could be drawn: their boxes have it.
OLD_SIZE = 16
DECOYS = "dns, quic, none"
INSIDE_PORT = 51821
# Where nothing of the system's own lies, and clients' ports do not begin.
_HIGH_MIN, _HIGH_MAX = 20_000, 32_000


@dataclass(frozen=True)
class Secrets:
    """path: of WebSockets, with its slash. high_port: the UDP port that no scanner knows by heart.

    size: how many random bytes go before a message. shape_key: 44 characters of base64, for the
    caller to wipe. name: of the web site where no other is set (web_name.py).
    """

    path: str = field(repr=False)
    high_port: int
    shape_key: bytearray = field(repr=False)
    size: int = OLD_SIZE
    name: str = ""

    def wipe(self) -> None:
        wipe(self.shape_key)

    def sizes(self) -> tuple[int, int, int, int]:
        """S1 to S4."""
        return self.size, self.size, self.size, self.size

    def shape(self) -> Shape:
        """The shape that boxes are told, to recognise it."""
        raw = secret_from_base64(bytearray(self.shape_key))  # the copy is wiped, like the rest
        return Shape(self.sizes(), TYPES, raw, bytearray(secrets.token_bytes(KEY_LEN)))


def load(folder: Folder) -> Secrets:
    """Made at the first use; they stay, as boxes have them."""
    with folder.locked():
        found = document.load(folder, FILE)
        if found is None:
            found = {
                "path": f"/{secrets.token_hex(PATH_LEN // 2)}",
                "high_port": _high_port(),
                "size": secrets.choice(SIZES),
                "name": draw(),
            }
            document.store(folder, FILE, found)
        key = keys.kept(folder, SHAPE_KEY)
    try:
        found.setdefault("size", OLD_SIZE)
        found.setdefault("name", "")
        document.expect(found, {"path": str, "high_port": int, "size": int, "name": str})
        path = str(found["path"])
        if len(path) != PATH_LEN + 1 or path[0] != "/" or not path[1:].isalnum():
            raise BadValueError("'path' is none of ours")
        if not 0 < found["high_port"] <= 0xFFFF:
            raise BadValueError("'high_port' is no port")
        if found["size"] not in SIZES:
            raise BadValueError("'size' is none of ours")
        if found["name"] and not is_web_name(found["name"]):
            raise BadValueError("'name' is no name of a web site")
    except BadValueError as error:
        wipe(key)
        raise broken(folder.path / FILE, str(error)) from None
    return Secrets(path, found["high_port"], key, found["size"], found["name"])


def site_name(folder: Folder, settings: Settings) -> str:
    """Of the web site."""
    kept = load(folder)
    kept.wipe()
    return web_name(settings, kept.name)


def _high_port() -> int:
    return _HIGH_MIN + secrets.randbelow(_HIGH_MAX - _HIGH_MIN)


def udp_ports(settings: Settings, kept: Secrets) -> tuple[int, ...]:
    """All ports of the tunnel, best first."""
    ordered = (*settings.udp_ports, settings.port, kept.high_port)
    return tuple(dict.fromkeys(ordered)) if settings.udp_ports else (settings.port,)


def of_kernel(settings: Settings) -> Settings:
    """What the kernel's WireGuard can do of it: UDP on all ports, in its own shape."""
    return replace(settings, shape=False, tls_ports=(), web_ports=())


def shape_lines(settings: Settings, kept: Secrets) -> list[tuple[str, str]]:
    """What [Interface] of a box's file says of the shape."""
    if not settings.shape:
        return []
    sizes = [(f"S{number}", str(size)) for number, size in enumerate(kept.sizes(), 1)]
    return [*sizes, ("HeaderProtectionKey", kept.shape_key.decode())]


def carrier_lines(
    settings: Settings, kept: Secrets, pin: str, endpoints: Sequence[str]
) -> list[tuple[str, str]]:
    """The section [Carriers] of a box's file. pin: of the certificate; empty: there is no TLS.

    endpoints: by which the box finds us, HOST:PORT; the first stands elsewhere.
    """
    lines = [("UDP", _listed(udp_ports(settings, kept)))]
    lines.append(("Shapes", "shaped, plain" if settings.shape else "plain"))
    lines.append(("Decoys", DECOYS))
    if settings.decoy_name:
        lines.append(("DecoyName", settings.decoy_name))
    if stream_ports := settings.web_ports or settings.tls_ports:
        lines.append(("TCP", _listed(stream_ports)))
    if settings.web_ports:
        lines.append(("WS", _listed(settings.web_ports)))
    if settings.tls_ports and pin:
        lines += [("TLS", _listed(settings.tls_ports)), ("TLSName", web_name(settings, kept.name))]
        lines.append(("TLSPin", pin))
    if settings.web_ports or (settings.tls_ports and pin):
        lines.append(("Path", kept.path))
    hosts = dict.fromkeys(each.rpartition(":")[0].strip("[]") for each in endpoints)
    others = [host for host in list(hosts)[1:] if ":" not in host]
    if others:
        lines.append(("Address", ", ".join(others[:4])))
    return [*lines, ("Inside", f"{settings.address()}:{INSIDE_PORT}")]


def _listed(ports: Sequence[int]) -> str:
    return ", ".join(str(port) for port in ports)

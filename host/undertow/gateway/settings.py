"""What the gateway's owner decides, and what holds until then."""

import ipaddress
import re
import socket
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from pairing.info import ENDPOINTS_MAX, is_name
from undertow.errors import EXIT_USAGE, UndertowError
from undertow.gateway import document
from undertow.gateway.document import BadValueError
from undertow.gateway.folder import Folder
from wg import config_values

FILE = "settings.json"
# 1: without carriers.
VERSION = 2

# As a word in rules of nftables and as the name of an interface.
INTERFACE = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,14}")
LABEL = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?")
MTU_MIN, MTU_MAX = 1280, 1420
# Besides `port` and one that is drawn: a box's file has room for eight.
UDP_PORTS_MAX, STREAM_PORTS_MAX = 6, 4
# How many addresses a pool has at least: the gateway's own and one for a box.
POOL_LEN_MIN, POOL_LEN_MAX = 16, 30


@dataclass(frozen=True)
class Settings:
    """name: shown to boxes. port: UDP for the tunnel, TCP for pairing.

    pool: addresses inside the tunnel, the first is the gateway's own.
    endpoints: HOST:PORT by which boxes reach it; empty: its own address, if that is a public one.
    dns: what boxes ask for names, through the tunnel. outward: the interface by which traffic
    leaves; empty: those with a default route.
    allow_lan, allow_peers: whether boxes reach the gateway's own networks, and each other.
    udp_ports: further ones for the tunnel, best first. tls_ports, web_ports: TCP, where a web site
    stands before the tunnel, with TLS and without. shape: whether boxes are told to take another
    than WireGuard's. tls_name: of the web site; empty: see web_name.py. certificate,
    certificate_key: files; empty: one of our own making. site: a folder; empty: a page of ours.
    decoy_name: a name that censors let pass, for boxes' QUIC decoys; empty: one of theirs.
    """

    name: str = "gateway"
    port: int = 51820
    pool: str = "10.51.82.0/24"
    interface: str = "undertow0"
    endpoints: tuple[str, ...] = ()
    dns: tuple[str, ...] = ("9.9.9.9", "149.112.112.112")
    outward: str = ""
    allow_lan: bool = False
    allow_peers: bool = False
    mtu: int = 1420
    keepalive_s: int = 25
    udp_ports: tuple[int, ...] = (443, 53, 123, 500, 4500)
    tls_ports: tuple[int, ...] = (443,)
    web_ports: tuple[int, ...] = (80,)
    shape: bool = True
    tls_name: str = ""
    certificate: str = ""
    certificate_key: str = ""
    site: str = ""
    decoy_name: str = ""

    def network(self) -> ipaddress.IPv4Network:
        return ipaddress.IPv4Network(self.pool)

    def address(self) -> ipaddress.IPv4Address:
        """The gateway's own inside the tunnel."""
        return self.network()[1]

    def servers(self) -> tuple[ipaddress.IPv4Address, ...]:
        """The name servers of boxes."""
        return tuple(ipaddress.IPv4Address(server) for server in self.dns)


# What a file of version 1 has not.
_NEW = (
    *("udp_ports", "tls_ports", "web_ports", "shape", "tls_name", "certificate"),
    *("certificate_key", "site", "decoy_name"),
)


def load(folder: Folder) -> Settings:
    """Those in the folder, or what holds without any."""
    found = document.load(folder, FILE, VERSION)
    if found is None:
        return Settings(name=default_name())
    plain = Settings()
    if found.pop("version") == 1:
        # Twice is an error below.
        found = {**{key: _listed(getattr(plain, key)) for key in _NEW if key not in found}, **found}
    kinds = {each.name: type(_listed(getattr(plain, each.name))) for each in fields(plain)}
    try:
        document.expect(found, kinds)
        for key, kind in kinds.items():
            if kind is list:
                read = document.numbers if key.endswith("_ports") else document.texts
                found[key] = read(found[key])
        return check(Settings(**found))
    except BadValueError as error:
        raise document.explain(folder.path / FILE, error) from None


def _listed(value: object) -> object:
    """As JSON has it."""
    return list(value) if isinstance(value, tuple) else value


def store(folder: Folder, settings: Settings) -> None:
    document.store(folder, FILE, asdict(settings), VERSION)


def change(settings: Settings, **wanted: Any) -> Settings:
    """The settings with some of them changed; None leaves one as it is. UndertowError: refused."""
    try:
        return check(replace(settings, **{k: v for k, v in wanted.items() if v is not None}))
    except BadValueError as error:
        raise UndertowError(
            f"That setting cannot be used: {error}",
            "Nothing has been changed.",
            "See `undertow gateway set --help`.",
            EXIT_USAGE,
        ) from None


def check(settings: Settings) -> Settings:
    """The same, each value in its own form. BadValueError: one that cannot be used."""
    if not is_name(settings.name):
        raise BadValueError(f"{settings.name!r} is no name: 1 to 63 letters, digits and . _ -")
    if not INTERFACE.fullmatch(settings.interface):
        raise BadValueError(f"{settings.interface!r} is no name for an interface of ours")
    if settings.outward and not config_values.is_interface_name(settings.outward):
        raise BadValueError(f"{settings.outward!r} is no name of an interface")
    _within("port", settings.port, 1, 65535)
    _within("mtu", settings.mtu, MTU_MIN, MTU_MAX)
    _within("keepalive", settings.keepalive_s, 0, 65535)
    if not 1 <= len(settings.dns) <= 4 or len(settings.endpoints) > ENDPOINTS_MAX:
        raise BadValueError(f"there are 1 to 4 name servers and up to {ENDPOINTS_MAX} endpoints")
    for server in settings.dns:
        _address(server)
    _check_carriers(settings)
    endpoints = tuple(endpoint(each, settings.port) for each in settings.endpoints)
    return replace(settings, endpoints=endpoints, pool=_pool(settings.pool))


def _check_carriers(settings: Settings) -> None:
    for what, ports, at_most in (
        ("UDP", settings.udp_ports, UDP_PORTS_MAX),
        ("TLS", settings.tls_ports, STREAM_PORTS_MAX),
        ("web", settings.web_ports, STREAM_PORTS_MAX),
    ):
        if len(set(ports)) != len(ports) or len(ports) > at_most:
            raise BadValueError(f"there are up to {at_most} ports for {what}, each once")
        for port in ports:
            _within(f"{what} port", port, 1, 65535)
    if set(settings.tls_ports) & set(settings.web_ports):
        raise BadValueError("a TCP port is with TLS or without, not both")
    if bool(settings.certificate) != bool(settings.certificate_key):
        raise BadValueError("a certificate comes with its key: --certificate and --certificate-key")
    for name in (settings.tls_name, settings.decoy_name):
        if name and not is_web_name(name):
            raise BadValueError(f"{name[:80]!r} is no name of a web site")


def is_web_name(text: str) -> bool:
    """As in a certificate: at least two labels of letters, digits and dashes."""
    labels = text.split(".")
    return (
        len(text) <= 253
        and len(labels) > 1
        and all(
            re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?", each) for each in labels
        )
        and not labels[-1].isdecimal()
    )


def endpoint(text: str, port: int) -> str:
    """HOST:PORT; without a port it is this one. BadValueError: neither address nor name."""
    whole = text if re.search(r"(\]|^[^:]*):\d+$", text) else f"{_bracketed(text)}:{port}"
    try:
        config_values.endpoint(whole)
    except config_values.RefusedError as error:
        raise BadValueError(f"an endpoint cannot be used: {error.why}") from None
    return whole


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host and not host.startswith("[") else host


def _pool(text: str) -> str:
    try:
        network = ipaddress.IPv4Network(text)
    except ValueError as error:
        raise BadValueError(f"the pool {text!r}: {error}") from None
    if not POOL_LEN_MIN <= network.prefixlen <= POOL_LEN_MAX:
        raise BadValueError(f"the pool {text} is not from /{POOL_LEN_MIN} to /{POOL_LEN_MAX}")
    if not network.is_private:
        raise BadValueError(f"the pool {text} is of the internet; take one such as 10.51.82.0/24")
    return str(network)


def _address(text: str) -> None:
    try:
        ipaddress.IPv4Address(text)
    except ValueError:
        raise BadValueError(f"the name server {text!r} is no IPv4 address") from None


def _within(what: str, value: int, lowest: int, highest: int) -> None:
    if not lowest <= value <= highest:
        raise BadValueError(f"{what} {value} is not from {lowest} to {highest}")


def default_name() -> str:
    """After this machine."""
    name = re.sub(r"[^A-Za-z0-9.-]+", "-", socket.gethostname().partition(".")[0]).strip("-.")[:32]
    return name if is_name(name) else "gateway"

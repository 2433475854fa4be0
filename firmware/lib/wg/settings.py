"""The one typed configuration of a tunnel, however it came in.

Secrets are _wg objects; nothing here shows them, and wipe() erases them.
"""

from wg.compat import TYPE_CHECKING

if TYPE_CHECKING:
    from _wg import PresharedKey, PrivateKey

    from wg.carrier_settings import CarrierSettings, ShapeSettings

TABLE_AUTO = -1
TABLE_OFF = 0


class HostPort:
    """Where a peer is to be found: a name or an address, and a UDP port."""

    def __init__(self, host: str, port: int) -> None:
        """host: a name, an IPv4 address, or an IPv6 address with no brackets, perhaps %zone."""
        self.host = host
        self.port = port

    def __eq__(self, other: object) -> bool:
        return isinstance(other, HostPort) and self.host == other.host and self.port == other.port

    def __hash__(self) -> int:
        return hash((self.host, self.port))

    def __repr__(self) -> str:
        """As it stands in a file."""
        if ":" in self.host:
            return "[%s]:%d" % (self.host, self.port)
        return "%s:%d" % (self.host, self.port)


class Interface:
    """The [Interface] section. None: the file does not say."""

    def __init__(self) -> None:
        self.private_key: "PrivateKey | None" = None
        self.listen_port: "int | None" = None
        self.fwmark: "int | None" = None  # 0: off
        # Addresses of the interface with their prefix lengths, host bits kept; 4 or 16 bytes.
        self.addresses: "list[tuple[bytes, int]]" = []
        self.dns: "list[bytes]" = []
        self.dns_search: "list[str]" = []
        self.mtu: "int | None" = None
        self.table: int = TABLE_AUTO  # TABLE_OFF, TABLE_AUTO, or a table's number
        self.shape: "ShapeSettings | None" = None


class PeerSettings:
    """One [Peer] section."""

    def __init__(self, public_key: bytes) -> None:
        self.public_key = public_key
        self.preshared_key: "PresharedKey | None" = None
        # Addresses (4 or 16 bytes, host bits clear) and prefix lengths.
        self.allowed_ips: "list[tuple[bytes, int]]" = []
        self.endpoint: "HostPort | None" = None
        self.keepalive_s: int = 0  # 0: off


class Configuration:
    """A whole file. notes: what was accepted but may surprise, as (line, sentence)."""

    def __init__(self) -> None:
        self.interface = Interface()
        self.peers: "list[PeerSettings]" = []
        self.carriers: "CarrierSettings | None" = None
        self.notes: "list[tuple[int, str]]" = []

    def wipe(self) -> None:
        """Erase every secret; the configuration is of no use after it."""
        if self.interface.private_key is not None:
            self.interface.private_key.wipe()
        for peer in self.peers:
            if peer.preshared_key is not None:
                peer.preshared_key.wipe()
        if self.interface.shape is not None:
            self.interface.shape.wipe()
        if self.carriers is not None:
            self.carriers.wipe()

"""How the other end can be reached, and what its datagrams look like: values of a wg-quick file.

Secrets are bytearrays; nothing here shows them, and wipe() erases them.
"""

from wg.compat import TYPE_CHECKING
from wg.keytext import wipe

if TYPE_CHECKING:
    from wg.settings import HostPort

    # One tag of a decoy: "b" and its bytes, or "r", "rd", "rc" and how many, or "t" and 4.
    Tag = tuple[str, bytes | int]

# Sizes of WireGuard's handshake messages: initiation, response, cookie reply.
MESSAGE_LENS = (148, 92, 64)
# The most that the packet path has room for before handshake messages, and before data.
SIZE_MAX = 1132
DATA_SIZE_MAX = 64
PLAIN_TYPES = ((1, 1), (2, 2), (3, 3), (4, 4))

# Words of the line Shapes.
PLAIN = "plain"
SHAPED = "shaped"
# Words of the line Decoys. OWN: Jc and I1 to I5 of [Interface].
DECOY_NONE = "none"
DECOY_DNS = "dns"
DECOY_QUIC = "quic"
DECOY_OWN = "own"

SOCKS5 = "socks5"
HTTP = "http"


class ShapeSettings:
    """AmneziaWG's lines of [Interface]; as it is made, WireGuard's own shape.

    sizes: random bytes before initiation, response, cookie reply and data (S1 to S4). types: the
    lowest and highest value of the type of each (H1 to H4). key: the header protection key,
    32 bytes, or None. Jc datagrams of Jmin to Jmax-1 random bytes go before each initiation, and
    before those I1 to I5: lists of tags, None where there is none.
    """

    def __init__(self) -> None:
        self.junk_count = 0
        self.junk_min = 0
        self.junk_max = 0
        self.sizes = [0, 0, 0, 0]
        self.types = list(PLAIN_TYPES)
        self.decoys: "list[list[Tag] | None]" = [None, None, None, None, None]
        self.key: "bytearray | None" = None

    def changes_messages(self) -> bool:
        """Whether the other end has to know of it; decoys alone pass by every WireGuard."""
        return self.key is not None or any(self.sizes) or tuple(self.types) != PLAIN_TYPES

    def has_decoys(self) -> bool:
        """Whether something of its own goes before an initiation."""
        return self.junk_count > 0 or any(decoy is not None for decoy in self.decoys)

    def mtu_max(self) -> int:
        """The largest tunnel MTU with which a sealed packet still fits 1500 bytes on IPv4."""
        return 1440 - self.sizes[3]

    def wipe(self) -> None:
        if self.key is not None:
            wipe(self.key)


class Proxy:
    """Through what a network lets TCP out. It shows neither itself nor its password anywhere."""

    def __init__(self, scheme: str, place: "HostPort") -> None:
        """scheme: HTTP or SOCKS5. place: its name or address, and port."""
        self.scheme = scheme
        self.place = place
        self.user = ""
        self.password: "bytearray | None" = None

    def wipe(self) -> None:
        if self.password is not None:
            wipe(self.password)


class CarrierSettings:
    """The section [Carriers]. Lists are best first; an empty one: not by this.

    udp, tcp, ws, tls: ports of UDP, of datagrams in TCP, of WebSocket without and with TLS.
    tls_pin: SHA-256 of the SubjectPublicKeyInfo. path: of both WebSockets, a secret. addresses:
    further names and IPv4 addresses of the same end. inside: address (4 bytes) and port of its
    service inside of the tunnel. decoy_name: the name that a QUIC decoy asks for; "": one of ours.
    """

    def __init__(self) -> None:
        self.udp: "list[int]" = []
        self.shapes: "list[str]" = []
        self.decoys: "list[str]" = []
        self.decoy_name = ""
        self.tcp: "list[int]" = []
        self.ws: "list[int]" = []
        self.tls: "list[int]" = []
        self.tls_name = ""
        self.tls_pin: "bytes | None" = None
        self.path: "bytearray | None" = None
        self.addresses: "list[str]" = []
        self.inside: "tuple[bytes, int] | None" = None
        self.proxy: "Proxy | None" = None

    def wipe(self) -> None:
        if self.path is not None:
            wipe(self.path)
        if self.proxy is not None:
            self.proxy.wipe()

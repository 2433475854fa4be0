"""One way to the other end: kind, port, shape, decoy, through a proxy or not, by which address."""

from wg.carrier_settings import DECOY_DNS, DECOY_NONE, DECOY_OWN, DECOY_QUIC

# Kinds. The numbers are in flash (networks.py): they never change.
UDP = 0
TCP = 1  # datagrams in a TCP connection, each after its length
WS = 2  # datagrams in a WebSocket
TLS = 3  # and that in TLS

ID_LEN = 5
DECOYS = (DECOY_NONE, DECOY_DNS, DECOY_QUIC, DECOY_OWN)

_SHAPED = 1
_PROXIED = 2
_KIND_MAX = TLS


class Rung:
    """A rung of the ladder; two of the same id() are equal.

    kind: UDP, TCP, WS or TLS. port: of the other end. is_shaped: whether datagrams have the shape
    of [Interface]. decoy: a word of wg.carrier_settings, of what goes before an initiation; always
    DECOY_NONE where the kind is not UDP. is_proxied: through the network's proxy; not with UDP.
    place: which address, 0 is the endpoint's, n the n-th of the line Address.
    """

    def __init__(
        self,
        kind: int,
        port: int,
        is_shaped: bool = False,
        decoy: str = DECOY_NONE,
        is_proxied: bool = False,
        place: int = 0,
    ) -> None:
        # All of it in one small number: a board has dozens of these, and little memory.
        self._bits = port | kind << 16 | int(is_shaped) << 18 | int(is_proxied) << 19
        self._bits |= DECOYS.index(decoy) << 20 | place << 22

    @property
    def kind(self) -> int:
        return self._bits >> 16 & 3

    @property
    def port(self) -> int:
        return self._bits & 0xFFFF

    @property
    def is_shaped(self) -> bool:
        return self._bits >> 18 & 1 == 1

    @property
    def is_proxied(self) -> bool:
        return self._bits >> 19 & 1 == 1

    @property
    def decoy(self) -> str:
        return DECOYS[self._bits >> 20 & 3]

    @property
    def place(self) -> int:
        return self._bits >> 22

    @property
    def is_stream(self) -> bool:
        """Whether it needs a TCP connection."""
        return self.kind != UDP

    def id(self) -> bytes:
        """ID_LEN bytes that say the same in every version: kind, port, flags, place."""
        flags = (_SHAPED if self.is_shaped else 0) | (_PROXIED if self.is_proxied else 0)
        flags |= DECOYS.index(self.decoy) << 4
        return bytes((self.kind, self.port >> 8, self.port & 0xFF, flags, self.place))

    @staticmethod
    def from_id(data: bytes) -> "Rung | None":
        """The rung of an id(); None: it is none that this version knows."""
        if len(data) != ID_LEN or data[0] > _KIND_MAX or not (data[1] or data[2]):
            return None
        flags = data[3]
        if flags & 0x0C or flags >> 4 >= len(DECOYS):
            return None
        port, is_proxied = data[1] << 8 | data[2], bool(flags & _PROXIED)
        decoy = DECOYS[flags >> 4]
        rung = Rung(data[0], port, bool(flags & _SHAPED), decoy, is_proxied, data[4])
        if rung.is_proxied if rung.kind == UDP else rung.decoy != DECOY_NONE:
            return None
        return rung

    def words(self) -> str:
        """What a person reads: 'UDP port 443, shaped, after a DNS decoy'."""
        if self.kind == UDP:
            text = "UDP port %d" % self.port
            text += ", shaped" if self.is_shaped else ""
            text += _DECOY_WORDS[DECOYS.index(self.decoy)]
        else:
            text = "%s on port %d" % (_KIND_WORDS[self.kind], self.port)
            text += " through the proxy" if self.is_proxied else ""
        return text + (", address %d" % (self.place + 1) if self.place else "")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Rung) and self._bits == other._bits

    def __hash__(self) -> int:
        return self._bits

    def __repr__(self) -> str:
        return "<%s>" % self.words()


_KIND_WORDS = ("UDP", "TCP", "web page without TLS", "web page")
_DECOY_WORDS = ("", ", after a DNS decoy", ", after a QUIC decoy", ", after the file's decoys")

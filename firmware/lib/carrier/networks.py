"""What a box remembers of networks: which rung worked, which did not, how large packets may be.

A network is two bytes of an HMAC of its router's MAC address, under a salt that lies beside. Longer
ones would tell whoever reads the flash where the box has been: there are few enough MAC addresses
to try them all. Of so short ones each fits thousands of the routers whose places are known, and two
networks of a box that are taken for one cost a rung that is tried in vain.

Encoded: version (1), how many, then of each: the hash (2), the rung's id (5, zeros: none), the
tunnel's MTU (2), an IPv4 address of the gateway (4, zeros: none), how many bad rungs (1) and their
ids (5 each); CRC-32 of all before. Numbers are big endian.
"""

from binascii import crc32

from carrier.primitives import hmac_sha256
from carrier.rung import ID_LEN
from wg.compat import TYPE_CHECKING

if TYPE_CHECKING:
    Buffer = bytes | bytearray | memoryview

NETWORKS_MAX = 16
BAD_MAX = 4
HASH_LEN = 2
SALT_LEN = 16
# How long all of them are at the most.
ENCODED_LEN_MAX = 2 + NETWORKS_MAX * (HASH_LEN + ID_LEN + 7 + BAD_MAX * ID_LEN) + 4

_VERSION_1 = 1
_NONE = bytes(ID_LEN)
_HEAD_LEN = HASH_LEN + ID_LEN + 7


def hash_of_router(salt: bytes, mac: "Buffer") -> bytes:
    """HASH_LEN bytes that stand for the network behind a router's MAC address.

    salt: SALT_LEN secret random bytes.
    """
    return hmac_sha256(salt, b"router" + bytes(mac))[:HASH_LEN]


class Network:
    """What is known of one. rung: the id of the last that was proven, or None; mtu: 0 is unknown;

    address: the gateway's last good IPv4 address, or None; bad: ids of rungs that were frozen.
    """

    def __init__(self, hash_: bytes) -> None:
        self.hash = hash_
        self.rung: "bytes | None" = None
        self.mtu = 0
        self.address: "bytes | None" = None
        self.bad: "list[bytes]" = []

    def set_proven(self, rung: bytes, mtu: int, address: "bytes | None") -> bool:
        """Keep what works; whether that is news."""
        before = (self.rung, self.mtu, self.address, len(self.bad))
        self.rung, self.mtu = rung, mtu
        if address is not None and len(address) == 4:
            self.address = address
        self.bad = [each for each in self.bad if each != rung]
        return before != (self.rung, self.mtu, self.address, len(self.bad))

    def set_bad(self, rung: bytes) -> bool:
        """Keep what does not, the latest first; whether that is news."""
        if self.bad[:1] == [rung]:
            return False
        self.bad = ([rung] + [each for each in self.bad if each != rung])[:BAD_MAX]
        if self.rung == rung:
            self.rung = None
        return True


class Networks:
    """At most NETWORKS_MAX, the one that was used last is first; the last goes for a new one."""

    def __init__(self) -> None:
        self._networks: "list[Network]" = []

    def __len__(self) -> int:
        return len(self._networks)

    def get(self, hash_: bytes) -> "Network | None":
        """What is known, or None."""
        for network in self._networks:
            if network.hash == hash_:
                return network
        return None

    def use(self, hash_: bytes) -> Network:
        """What is known, now as the one that was used last; an empty one if nothing is."""
        if len(hash_) != HASH_LEN:
            raise ValueError("a network is %d bytes, not %d" % (HASH_LEN, len(hash_)))
        network = self.get(hash_) or Network(hash_)
        others = [each for each in self._networks if each.hash != hash_]
        self._networks = ([network] + others)[:NETWORKS_MAX]
        return network

    def last_address(self) -> "bytes | None":
        """Where the gateway was, on the network that was used last of those where it is known."""
        for network in self._networks:
            if network.address is not None:
                return network.address
        return None

    def encode(self) -> bytes:
        """What decode() takes, at most ENCODED_LEN_MAX bytes."""
        out = bytearray((_VERSION_1, len(self._networks)))
        for network in self._networks:
            out += network.hash + (network.rung or _NONE)
            out += bytes((network.mtu >> 8 & 0xFF, network.mtu & 0xFF))
            out += (network.address or bytes(4)) + bytes((len(network.bad),))
            for rung in network.bad:
                out += rung
        return bytes(out) + crc32(out).to_bytes(4, "big")

    @staticmethod
    def decode(data: "Buffer") -> "Networks | None":
        """None: it is damaged, or of another version; a box begins anew then."""
        kept = bytes(data)
        if not 6 <= len(kept) <= ENCODED_LEN_MAX or kept[0] != _VERSION_1:
            return None
        if kept[-4:] != crc32(kept[:-4]).to_bytes(4, "big") or kept[1] > NETWORKS_MAX:
            return None
        networks = Networks()
        at = 2
        end = len(kept) - 4
        for _ in range(kept[1]):
            length = _HEAD_LEN + (kept[at + _HEAD_LEN - 1] * ID_LEN if at + _HEAD_LEN <= end else 0)
            if at + length > end or length > _HEAD_LEN + BAD_MAX * ID_LEN:
                return None
            networks._networks.append(_network(kept[at : at + length]))
            at += length
        return networks if at == end else None


def _network(data: bytes) -> Network:
    network = Network(data[:HASH_LEN])
    rung = data[HASH_LEN : HASH_LEN + ID_LEN]
    network.rung = rung if rung != _NONE else None
    at = HASH_LEN + ID_LEN
    network.mtu = data[at] << 8 | data[at + 1]
    address = data[at + 2 : at + 6]
    network.address = address if address != bytes(4) else None
    network.bad = [data[i : i + ID_LEN] for i in range(_HEAD_LEN, len(data), ID_LEN)]
    return network

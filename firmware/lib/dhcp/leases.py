"""Who has which address, until when; a table that never grows past its capacity."""

from dhcp.subnet import Subnet
from wg.compat import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


CAPACITY = 48
# A machine can have several identifiers, but not so many that no address is left for the others.
PER_MAC_MAX = 8
LEASE_MS = 600_000
# An address that was offered is kept for the client so long.
OFFER_MS = 30_000
# An address that a client found in use rests for a lease's time; so many at once.
QUARANTINED_MAX = 16

OFFERED = 0
BOUND = 1
QUARANTINED = 2

# Longer identifiers are not kept, the hardware address has to do then.
_CLIENT_LEN_MAX = 32
_VERSION = 1
_HEAD_LEN = 6  # version, our address, prefix length


class Lease:
    """An address and the client that it is for; it may have run out."""

    def __init__(self, identity: bytes, address: bytes, mac: bytes = b"") -> None:
        """mac: who asked for it first; empty: it is from before a restart."""
        self.identity = identity
        self.address = address
        self.mac = mac
        self.state = OFFERED
        self.until_ms = 0


def identity_of(client: bytes, mac: bytes) -> bytes:
    """What a client is known by: its identifier if it has one of a length to keep, else its MAC."""
    return client if 0 < len(client) <= _CLIENT_LEN_MAX else mac


class Leases:
    """changed: clients or addresses are others than in the last export()."""

    def __init__(
        self, capacity: int = CAPACITY, in_use: "Callable[[bytes, bytes], bool] | None" = None
    ) -> None:
        """in_use: whether an address was seen at another client than that with this MAC."""
        self.changed = False
        self._capacity = capacity
        self._in_use = in_use
        self._leases: "list[Lease]" = []

    def __len__(self) -> int:
        return len(self._leases)

    def clear(self) -> None:
        """Forget all: the subnet is another one."""
        self.changed = self.changed or bool(self._leases)
        self._leases = []

    def last_end_ms(self) -> int:
        """When the last of the leases that clients hold has run out; 0: there are none."""
        ends = [lease.until_ms for lease in self._leases if lease.state == BOUND]
        return max(ends) if ends else 0

    def find(self, identity: bytes) -> "Lease | None":
        """The client's lease, even when it has run out."""
        for lease in self._leases:
            if lease.identity == identity and lease.state != QUARANTINED:
                return lease
        return None

    # --- what the server does ---

    def offer(
        self, subnet: Subnet, identity: bytes, mac: bytes, wanted: bytes, now_ms: int
    ) -> "Lease | None":
        """An address for a client: the one it had, the one it wants, or another. None: full."""
        lease = self.find(identity)
        if lease is None or self._is_seen(lease.address, mac):
            lease = self._new(subnet, identity, mac, wanted, now_ms)
        if lease is None:
            return None
        if lease.until_ms < now_ms + OFFER_MS:
            lease.until_ms = now_ms + OFFER_MS
        return lease

    def bind(
        self, subnet: Subnet, identity: bytes, mac: bytes, address: bytes, now_ms: int
    ) -> "Lease | None":
        """Give the client this very address for a lease's time. None: it is not to be had.

        Everybody hears identifiers, so one is not enough to take an address from who uses it.
        """
        lease = self.find(identity)
        if lease is None or lease.address != address or self._is_seen(address, mac):
            if not self._is_available(subnet, identity, mac, address, now_ms):
                return None
            lease = self._take(identity, mac, address, now_ms)
        if lease is None:
            return None
        if lease.state != BOUND:
            self.changed = True
        lease.state = BOUND
        lease.until_ms = now_ms + LEASE_MS
        return lease

    def decline(self, identity: bytes, address: bytes, now_ms: int) -> None:
        """The client found somebody else at its address: nobody gets it for a while."""
        lease = self.find(identity)
        if lease is None or lease.address != address:
            return
        resting = [each for each in self._leases if each.state == QUARANTINED]
        if len(resting) >= QUARANTINED_MAX:
            self._leases.remove(_oldest(resting))
        lease.state = QUARANTINED
        lease.identity = b""
        lease.until_ms = now_ms + LEASE_MS
        self.changed = True

    def release(self, identity: bytes, address: bytes, now_ms: int) -> None:
        """The client goes; it gets the address again unless somebody else needs it."""
        lease = self.find(identity)
        if lease is not None and lease.address == address:
            lease.until_ms = now_ms

    def withdraw(self, identity: bytes, now_ms: int) -> None:
        """The client has chosen another server's offer."""
        lease = self.find(identity)
        if lease is not None and lease.state == OFFERED:
            lease.until_ms = now_ms

    # --- choosing ---

    def _is_seen(self, address: bytes, mac: bytes) -> bool:
        return self._in_use is not None and self._in_use(address, mac)

    def _is_available(
        self, subnet: Subnet, identity: bytes, mac: bytes, address: bytes, now_ms: int
    ) -> bool:
        if not subnet.is_free(address) or self._is_seen(address, mac):
            return False
        other = self._at(address)
        return other is None or other.until_ms <= now_ms or other.identity == identity

    def _new(
        self, subnet: Subnet, identity: bytes, mac: bytes, wanted: bytes, now_ms: int
    ) -> "Lease | None":
        if self._is_available(subnet, identity, mac, wanted, now_ms):
            return self._take(identity, mac, wanted, now_ms)
        # The place to begin comes from the client, so that even one that was forgotten most likely
        # gets the address that it had.
        for address in subnet.candidates(_spread(identity)):
            if self._at(address) is None and not self._is_seen(address, mac):
                return self._take(identity, mac, address, now_ms)
        for lease in sorted(self._leases, key=lambda lease: lease.until_ms):
            if self._is_available(subnet, identity, mac, lease.address, now_ms):
                return self._take(identity, mac, lease.address, now_ms)
        return None

    def _take(self, identity: bytes, mac: bytes, address: bytes, now_ms: int) -> "Lease | None":
        """A lease for an available address, in the place of one that has run out if need be."""
        before = [each for each in (self.find(identity), self._at(address)) if each is not None]
        for lease in before:
            if lease in self._leases:
                self._leases.remove(lease)
        its = [each for each in self._leases if each.mac == mac and each.until_ms > now_ms]
        if len(its) >= PER_MAC_MAX:
            return None
        if len(self._leases) >= self._capacity:
            oldest = _oldest(self._leases)
            if oldest.until_ms > now_ms:
                return None
            self._leases.remove(oldest)
        lease = Lease(identity, address, mac)
        self._leases.append(lease)
        return lease

    def _at(self, address: bytes) -> "Lease | None":
        for lease in self._leases:
            if lease.address == address:
                return lease
        return None

    # --- over a restart ---

    def export(self, subnet: Subnet) -> bytes:
        """All clients with their addresses, for restore()."""
        out = bytearray([_VERSION])
        out.extend(subnet.address)
        out.append(subnet.prefix_len)
        for lease in self._leases:
            if lease.state == BOUND:
                out.append(len(lease.identity))
                out.extend(lease.identity)
                out.extend(lease.address)
        self.changed = False
        return bytes(out)

    def restore(self, data: bytes, subnet: Subnet, now_ms: int) -> bool:
        """Take over what export() gave; False: it is broken, or of another subnet, and was not.

        Each lease counts from now on, for nobody knows how long we were off.
        """
        restored = _restored(data, subnet, self._capacity)
        if restored is None:
            return False
        for lease in restored:
            lease.state = BOUND
            lease.until_ms = now_ms + LEASE_MS
        self._leases = restored
        self.changed = False
        return True


def _restored(data: bytes, subnet: Subnet, capacity: int) -> "list[Lease] | None":
    head = bytes([_VERSION]) + subnet.address + bytes([subnet.prefix_len])
    if data[:_HEAD_LEN] != head:
        return None
    found: "list[Lease]" = []
    addresses = set()
    at = _HEAD_LEN
    while at < len(data):
        end = at + 1 + data[at] + 4
        if end > len(data) or not 0 < data[at] <= _CLIENT_LEN_MAX or len(found) == capacity:
            return None
        address = data[end - 4 : end]
        if not subnet.is_free(address) or address in addresses:
            return None
        addresses.add(address)
        found.append(Lease(data[at + 1 : end - 4], address))
        at = end
    return found


def _oldest(leases: "list[Lease]") -> Lease:
    """The one that runs out, or ran out, before all others."""
    best = leases[0]
    for lease in leases:
        if lease.until_ms < best.until_ms:
            best = lease
    return best


def _spread(identity: bytes) -> int:
    """A number that differs between clients and stays with each."""
    value = 5381
    for byte in identity:
        value = (value * 33 ^ byte) & 0xFFFF
    return value

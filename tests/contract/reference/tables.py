"""The replay window as a set of all numbers seen, and allowed IPs as a list to go through."""

from typing import Any

from tests.contract.reference.arguments import address, number, prefix

WINDOW = 8128
REJECT_AFTER_MESSAGES = 2**64 - 2**13 - 1


class ReplayWindow:
    live = True

    def __init__(self) -> None:
        self.seen: set[int] = set()
        self.highest = -1

    def accept(self, counter: Any) -> bool:
        number(counter)
        if counter >= REJECT_AFTER_MESSAGES or counter in self.seen:
            return False
        if counter + WINDOW < self.highest:
            return False
        self.seen.add(counter)
        self.highest = max(self.highest, counter)
        return True


class Prefixes:
    """What belongs to whom: (address bytes, prefix length) to peer."""

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self.owners: dict[tuple[bytes, int], int] = {}

    def insert(self, entry: tuple[bytes, int], peer: int) -> None:
        if entry not in self.owners and len(self.owners) >= self.capacity:
            raise MemoryError("full")
        self.owners[entry] = peer

    def remove(self, entry: tuple[bytes, int], peer: int) -> bool:
        if self.owners.get(entry) != peer:
            return False
        del self.owners[entry]
        return True

    def remove_peer(self, peer: int) -> None:
        self.owners = {entry: owner for entry, owner in self.owners.items() if owner != peer}

    def lookup(self, wanted: bytes) -> int:
        best, found = -1, -1
        for (prefix_address, prefix_len), owner in self.owners.items():
            if len(prefix_address) == len(wanted) and prefix_len > best:
                shift = 8 * len(wanted) - prefix_len
                if (
                    int.from_bytes(wanted, "big") >> shift
                    == int.from_bytes(prefix_address, "big") >> shift
                ):
                    best, found = prefix_len, owner
        return found

    def of(self, peer: int) -> list[tuple[bytes, int]]:
        return [entry for entry, owner in self.owners.items() if owner == peer]


class AllowedIPs:
    live = True

    def __init__(self, capacity: Any) -> None:
        if number(capacity, 2**31 - 2) == 0:
            raise ValueError("0")
        self._prefixes = Prefixes(capacity)

    def insert(self, address: Any, prefix_len: Any, peer: Any) -> None:
        self._prefixes.insert(prefix(address, prefix_len), number(peer, 0xFFFE))

    def remove(self, address: Any, prefix_len: Any, peer: Any) -> bool:
        return self._prefixes.remove(prefix(address, prefix_len), number(peer, 0xFFFE))

    def remove_peer(self, peer: Any) -> None:
        self._prefixes.remove_peer(number(peer, 0xFFFE))

    def lookup(self, address: Any) -> int:
        return self._prefixes.lookup(_address(address))

    def prefixes(self, peer: Any) -> list[tuple[bytes, int]]:
        return self._prefixes.of(number(peer, 0xFFFE))


_address = address

"""An IPv4 network around an address of ours, and the addresses in it that can be given away."""

PREFIX_LEN_MIN = 16
PREFIX_LEN_MAX = 29


def mask(prefix_len: int) -> int:
    return 0xFFFFFFFF >> prefix_len ^ 0xFFFFFFFF


def overlap(address: bytes, prefix_len: int, other: bytes, other_prefix_len: int) -> bool:
    """Whether two networks have addresses in common."""
    common = mask(min(prefix_len, other_prefix_len))
    return (_number(address) ^ _number(other)) & common == 0


class Subnet:
    """All addresses but the first, the last and our own are free to give away."""

    def __init__(self, address: bytes, prefix_len: int) -> None:
        """address: our own. prefix_len: 16 to 29. ValueError: it has no room, or is too large."""
        if len(address) != 4 or not PREFIX_LEN_MIN <= prefix_len <= PREFIX_LEN_MAX:
            raise ValueError("a network for clients has a prefix length of 16 to 29")
        self.address = bytes(address)
        self.prefix_len = prefix_len
        self._network = _number(address) & mask(prefix_len)
        self._size = 1 << 32 - prefix_len
        if not 0 < _number(address) - self._network < self._size - 1:
            raise ValueError("the first and the last address of a network belong to nobody")

    def mask(self) -> bytes:
        return mask(self.prefix_len).to_bytes(4, "big")

    def __contains__(self, address: bytes) -> bool:
        return _number(address) & mask(self.prefix_len) == self._network

    def is_free(self, address: bytes) -> bool:
        """Whether this is an address that can be given away."""
        host = _number(address) - self._network
        return 0 < host < self._size - 1 and address != self.address

    def candidates(self, start: int) -> "Candidates":
        """All addresses that can be given away, each once, beginning at some place."""
        return Candidates(self, self._network, self._size - 2, start)


class Candidates:
    """Goes through a subnet's addresses without making a list of them."""

    def __init__(self, subnet: Subnet, network: int, count: int, start: int) -> None:
        self._subnet = subnet
        self._network = network
        self._count = count
        self._start = start
        self._passed = 0

    def __iter__(self) -> "Candidates":
        return self

    def __next__(self) -> bytes:
        while self._passed < self._count:
            host = 1 + (self._start + self._passed) % self._count
            self._passed += 1
            address = (self._network + host).to_bytes(4, "big")
            if address != self._subnet.address:
                return address
        raise StopIteration


def _number(address: bytes) -> int:
    return int.from_bytes(address, "big")

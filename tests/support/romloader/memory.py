"""A flash chip: writing only takes bits away, erasing gives a whole sector back."""

SECTOR = 4096
ERASED = 0xFF

# The third byte of the answer to "read identification": the size as a power of two.
_WINBOND = 0x40EF


class Flash:
    """size: bytes, a power of two. What it holds outlives resets and unplugging."""

    def __init__(self, size: int = 4 << 20) -> None:
        self.size = size
        self.content = bytearray(b"\xff" * size)
        self.sectors_erased = 0
        self.bytes_programmed = 0

    @property
    def identification(self) -> int:
        """What command 9F answers: size code, type and manufacturer, as a number."""
        return (self.size.bit_length() - 1) << 16 | _WINBOND

    def holds(self, offset: int, size: int) -> bool:
        """Whether such a piece is inside."""
        return offset >= 0 and offset + size <= self.size

    def read(self, offset: int, size: int) -> bytes:
        return bytes(self.content[offset : offset + size])

    def erase(self, offset: int, size: int) -> None:
        """Every sector that has a byte of it."""
        for start in range(offset - offset % SECTOR, offset + size, SECTOR):
            self.content[start : start + SECTOR] = b"\xff" * SECTOR
            self.sectors_erased += 1

    def program(self, offset: int, data: bytes) -> None:
        """As a chip does it: ones can become zeros, and nothing else."""
        old = int.from_bytes(self.content[offset : offset + len(data)], "big")
        new = old & int.from_bytes(data, "big")
        self.content[offset : offset + len(data)] = new.to_bytes(len(data), "big")
        self.bytes_programmed += len(data)

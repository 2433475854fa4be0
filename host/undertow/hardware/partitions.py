"""Where everything is in a board's flash: the partition table, as rows, as CSV and as bytes.

    0x1000 or 0x0  the second-stage bootloader
    0x8000         this table
    0x9000         otadata     which of the two programs starts
    0xb000         phy_init    the radio's calibration
    0xc000         nvs_keys    what nvs is encrypted with, under flash encryption; else blank
    0x10000        ota_0, ota_1: the program, twice (A/B)
    behind them    nvs         settings and keys of the box
                   vfs         LittleFS

nvs is behind the programs, and not at 0x9000 where others have it: a combined image, which is
filled with FF from the bootloader to the end of the program, then overwrites no box's keys.
"""

import hashlib
import struct
from dataclasses import dataclass

from undertow.errors import UndertowError
from undertow.hardware.boards import Board

TABLE_OFFSET = 0x8000
TABLE_SIZE = 0xC00  # the sector's last quarter is the signature's
SECTOR = 0x1000
APP_ALIGNMENT = 0x10000  # a page of the flash's memory map

ENCRYPTED = 1  # the one flag of ours: bit 0

_TYPES = {"app": 0x00, "data": 0x01}
_SUBTYPES = {
    "app": {"factory": 0x00, "ota_0": 0x10, "ota_1": 0x11},
    "data": {"ota": 0x00, "phy": 0x01, "nvs": 0x02, "nvs_keys": 0x04, "fat": 0x81},
}
_ROW = struct.Struct("<2sBBII16sI")
_MAGIC = b"\xaa\x50"
_MD5_MAGIC = b"\xeb\xeb" + b"\xff" * 14

NVS_SIZE = 0x10000
# The program's two places, by the size of the flash.
_SLOTS = {0x400000: 0x180000, 0x800000: 0x300000, 0x1000000: 0x400000}


@dataclass(frozen=True)
class Partition:
    """A row. offset, size: bytes. flags: 0 or ENCRYPTED."""

    name: str
    type: str
    subtype: str
    offset: int
    size: int
    flags: int = 0

    @property
    def end(self) -> int:
        """The first byte behind it."""
        return self.offset + self.size


def table(board: Board, encrypted: bool = False) -> tuple[Partition, ...]:
    """The partitions of a board.

    encrypted: for a chip under flash encryption (Soc.nvs_encryption has "flash"). The same places;
    nvs_keys is marked, for the hardware encrypts programs and otadata and what it is told of. nvs
    has keys of its own then, and vfs has no secrets. Encryption by HMAC needs no other table.
    """
    slot = _SLOTS.get(board.flash_size)
    if slot is None:
        raise UndertowError(
            f"There is no layout for {board.flash_size // 1024} KiB of flash ({board.name})",
            f"Known are {', '.join(f'{size >> 20} MiB' for size in _SLOTS)}.",
            "Add one to host/undertow/hardware/partitions.py.",
        )
    flags = ENCRYPTED if encrypted else 0
    second = 0x10000 + slot
    nvs = second + slot
    vfs = nvs + NVS_SIZE
    return (
        Partition("otadata", "data", "ota", 0x9000, 0x2000),
        Partition("phy_init", "data", "phy", 0xB000, 0x1000),
        Partition("nvs_keys", "data", "nvs_keys", 0xC000, 0x1000, flags),
        Partition("ota_0", "app", "ota_0", 0x10000, slot),
        Partition("ota_1", "app", "ota_1", second, slot),
        Partition("nvs", "data", "nvs", nvs, NVS_SIZE),
        Partition("vfs", "data", "fat", vfs, board.flash_size - vfs),
    )


def find(rows: tuple[Partition, ...], name: str) -> Partition:
    """The row of that name."""
    for row in rows:
        if row.name == name:
            return row
    raise UndertowError(
        f"There is no partition '{name}'",
        f"The table has {', '.join(row.name for row in rows)}.",
        "Name one of these.",
    )


def faults(rows: tuple[Partition, ...], flash_size: int) -> list[str]:
    """What is wrong with a table, as sentences; nothing if it can be used."""
    found = []
    names = [row.name for row in rows]
    found += [f"'{name}' is there twice" for name in sorted(set(names)) if names.count(name) > 1]
    end = TABLE_OFFSET + SECTOR
    for row in rows:
        alignment = APP_ALIGNMENT if row.type == "app" else SECTOR
        if row.size == 0 or row.size % SECTOR:
            found.append(f"'{row.name}' has {row.size:#x} bytes, which are no whole sectors")
        if row.offset % alignment:
            found.append(f"'{row.name}' at {row.offset:#x} is not aligned to {alignment:#x}")
        if row.offset < end:
            found.append(f"'{row.name}' at {row.offset:#x} begins before {end:#x}")
        if row.end > flash_size:
            found.append(f"'{row.name}' ends at {row.end:#x}, behind the flash ({flash_size:#x})")
        if len(row.name.encode()) > 15:
            found.append(f"'{row.name}' is a name of more than 15 bytes")
        if row.subtype not in _SUBTYPES.get(row.type, {}):
            found.append(f"'{row.name}' is of no known kind: {row.type}, {row.subtype}")
        end = max(end, row.end)
    slots = {row.size for row in rows if row.type == "app"}
    if len(slots) > 1:
        found.append("the programs' places are of different sizes")
    return found


def csv(rows: tuple[Partition, ...]) -> str:
    """The rows as ESP-IDF's gen_esp32part.py reads them."""
    lines = ["# Name,    Type, SubType,  Offset,   Size,     Flags"]
    for row in rows:
        flags = "encrypted" if row.flags & ENCRYPTED else ""
        fields = f"{row.name + ',':<10} {row.type + ',':<5} {row.subtype + ',':<9} "
        fields += f"{f'{row.offset:#x},':<9} {f'{row.size:#x},':<9}"
        lines.append(f"{fields} {flags}".rstrip())
    return "\n".join(lines) + "\n"


def binary(rows: tuple[Partition, ...]) -> bytes:
    """The rows as the bootloader reads them: TABLE_SIZE bytes for TABLE_OFFSET."""
    if len(rows) >= TABLE_SIZE // _ROW.size:
        raise UndertowError(
            f"{len(rows)} partitions do not fit into a table",
            f"It has room for {TABLE_SIZE // _ROW.size - 1}.",
            "Leave some out.",
        )
    return sealed(b"".join(packed(row) for row in rows))


def packed(row: Partition) -> bytes:
    """A row's 32 bytes (ESP-IDF 5.4: esp_flash_partitions.h)."""
    kind, subtype = _TYPES[row.type], _SUBTYPES[row.type][row.subtype]
    return _ROW.pack(_MAGIC, kind, subtype, row.offset, row.size, row.name.encode(), row.flags)


def sealed(rows: bytes) -> bytes:
    """Rows with the MD5 of them behind them, and FF up to TABLE_SIZE."""
    digest = hashlib.md5(rows, usedforsecurity=False).digest()
    return (rows + _MD5_MAGIC + digest).ljust(TABLE_SIZE, b"\xff")

"""A reader of partition tables, written from ESP-IDF's documentation and not from our writer.

https://docs.espressif.com/projects/esp-idf/en/v5.4/esp32/api-guides/partition-tables.html
"""

import hashlib
from typing import NamedTuple


class Row(NamedTuple):
    name: str
    type: int
    subtype: int
    offset: int
    size: int
    is_encrypted: bool


def read(table: bytes) -> list[Row]:
    """The rows; ValueError if a bootloader would not take the table."""
    if len(table) != 0xC00:
        raise ValueError(f"it has {len(table)} bytes")
    found = []
    for start in range(0, len(table), 32):
        entry = table[start : start + 32]
        if entry == b"\xff" * 32:
            raise ValueError("it ends without its MD5")
        if entry[:2] == b"\xeb\xeb":
            if entry[16:] != hashlib.md5(table[:start]).digest():
                raise ValueError("its MD5 is another's")
            if set(table[start + 32 :]) - {0xFF}:
                raise ValueError("something is behind its MD5")
            return found
        if entry[:2] != b"\xaa\x50":
            raise ValueError(f"what is at {start} is no row, and has no MD5")
        number = [int.from_bytes(entry[at : at + 4], "little") for at in (4, 8, 28)]
        name = entry[12:28].rstrip(b"\0").decode()
        found.append(Row(name, entry[2], entry[3], number[0], number[1], bool(number[2] & 1)))
    raise ValueError("it has no MD5")

"""MicroPython's ROMFS: a read-only file system that a firmware reads straight from memory.

The format is described at the head of MicroPython's extmod/vfs_rom.c: records of a kind, a length
and a payload.
"""

from collections.abc import Mapping

KIND_DATA = 2
KIND_DIRECTORY = 4
KIND_FILE = 5
KIND_FILE_SYSTEM = 0x14A6B1


def image(files: Mapping[str, bytes]) -> bytes:
    """A file system with these files, by their paths with `/`; an even number of bytes."""
    payload = _entries(files)
    head = _number(KIND_FILE_SYSTEM)
    length = _number(len(payload))
    if (len(head) + len(length) + len(payload)) % 2:
        length = b"\x80" + length  # a leading zero digit changes nothing but the size
    return head + length + payload


def _entries(files: Mapping[str, bytes]) -> bytes:
    folders: dict[str, dict[str, bytes]] = {}
    out = bytearray()
    for path, data in files.items():
        folder, slash, rest = path.partition("/")
        if slash:
            folders.setdefault(folder, {})[rest] = data
        else:
            out += _record(KIND_FILE, _name(path) + _record(KIND_DATA, data))
    for folder, inside in folders.items():
        out += _record(KIND_DIRECTORY, _name(folder) + _entries(inside))
    return bytes(out)


def _record(kind: int, payload: bytes) -> bytes:
    return _number(kind) + _number(len(payload)) + payload


def _name(text: str) -> bytes:
    encoded = text.encode("ascii")
    return _number(len(encoded)) + encoded


def _number(value: int) -> bytes:
    """Seven bits a byte, the highest first; the top bit says that more follow."""
    digits = [value & 0x7F]
    while value := value >> 7:
        digits.append(0x80 | value & 0x7F)
    return bytes(reversed(digits))

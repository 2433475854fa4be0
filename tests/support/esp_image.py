"""Images as ESP chips start them, written anew from the format's description: valid, and empty.

ESP-IDF, "App Image Format": header, extended header, segments, checksum, SHA-256.
"""

import hashlib
import random
import struct

_DESCRIPTION_MAGIC = 0xABCD5432


def make(chip_id: int, segments: list[tuple[int, bytes]]) -> bytes:
    """An image of these segments (address, content); each a multiple of 4 bytes long."""
    image = bytearray(struct.pack("<BBBBI", 0xE9, len(segments), 2, 0x20, 0x4008_0000))
    image += struct.pack("<B3sHBHH4sB", 0xEE, b"\0" * 3, chip_id, 0, 0, 0xFFFF, b"\0" * 4, 1)
    checksum = 0xEF
    for address, content in segments:
        image += struct.pack("<II", address, len(content)) + content
        for byte in content:
            checksum ^= byte
    image += b"\0" * (15 - len(image) % 16)
    image.append(checksum)
    return bytes(image) + hashlib.sha256(image).digest()


def program(chip_id: int, size: int = 60_000, version: str = "1.2.3", seed: int = 1) -> bytes:
    """A program that says which version it is. size: of its contents, half of it compressible."""
    description = struct.pack("<II8s32s32s", _DESCRIPTION_MAGIC, 0, b"", version.encode(), b"box")
    noise = random.Random(seed).randbytes(size // 2 & ~3)
    code = b"\x36\x41\x00\x1d" * (size // 8)
    data = description.ljust(256, b"\0") + noise
    return make(chip_id, [(0x3F40_0020, data), (0x400D_0020, code)])


def bootloader(chip_id: int, seed: int = 2) -> bytes:
    """What starts it. It can be compressed, as real ones can: where a part cannot, esptool sends
    all that come after it uncompressed."""
    noise = random.Random(seed).randbytes(2048)
    return make(chip_id, [(0x3FFF_0000, noise + b"\x36\x41\x00\x1d" * 512)])

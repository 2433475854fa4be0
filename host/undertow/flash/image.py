"""The images that chips start: a bootloader or a program, with the number of its chip inside.

Format: ESP-IDF, "App Image Format". A header of 24 bytes, segments, a checksum byte that ends a
block of 16, and, if the header says so, the SHA-256 of all of it.
"""

import hashlib
import struct
from dataclasses import dataclass

MAGIC = 0xE9
SEGMENTS_MAX = 16
CHECKSUM_SEED = 0xEF
DIGEST_LEN = 32

_HEADER = struct.Struct("<BBBBI4xH9xB")  # with the extended header: 24 bytes
_SEGMENT = struct.Struct("<II")

# The program's description is the start of its first segment (ESP-IDF, esp_app_desc_t).
_DESCRIPTION = struct.Struct("<I12x32s32s")
_DESCRIPTION_MAGIC = 0xABCD5432


class ImageError(ValueError):
    """What is wrong with an image, as the end of a sentence that begins with its name."""


@dataclass(frozen=True)
class Image:
    """chip_id: of the chip that starts it. length: bytes with the digest; what follows is padding.

    has_digest: it ends with the SHA-256 of all before. version, project: what a program says of
    itself; empty where it says nothing.
    """

    chip_id: int
    length: int
    has_digest: bool
    version: str = ""
    project: str = ""


def read(content: bytes) -> Image:
    """Check an image from its first byte to its digest. ImageError: it would not start."""
    if len(content) < _HEADER.size or content[0] != MAGIC:
        raise ImageError("is no image of an ESP chip: it does not begin with E9")
    _, count, _mode, _size_speed, _entry, chip_id, has_digest = _HEADER.unpack_from(content)
    if not 0 < count <= SEGMENTS_MAX:
        raise ImageError(f"names {count} segments, and an image has 1 to {SEGMENTS_MAX}")
    checksum, at = CHECKSUM_SEED, _HEADER.size
    for _ in range(count):
        if at + _SEGMENT.size > len(content):
            raise ImageError("ends in the middle of its segments")
        _address, length = _SEGMENT.unpack_from(content, at)
        at += _SEGMENT.size
        if at + length > len(content):
            raise ImageError("ends in the middle of its segments")
        checksum ^= _folded(content[at : at + length])
        at += length
    at += 15 - at % 16
    if at >= len(content) or content[at] != checksum:
        raise ImageError("is damaged: its checksum is not that of its segments")
    at += 1
    if has_digest:
        digest = content[at : at + DIGEST_LEN]
        if digest != hashlib.sha256(content[:at]).digest():
            raise ImageError("is damaged: its SHA-256 is another")
        at += DIGEST_LEN
    return Image(chip_id, at, bool(has_digest), *_description(content))


def _folded(data: bytes) -> int:
    """All bytes, one xor the other: by halves, because an image has a million of them."""
    number, length = int.from_bytes(data, "big"), max(1, len(data))
    while length > 1:
        half = (length + 1) // 2
        number = (number >> (8 * half)) ^ (number & ((1 << (8 * half)) - 1))
        length = half
    return number


def _description(content: bytes) -> tuple[str, str]:
    start = _HEADER.size + _SEGMENT.size
    if len(content) < start + _DESCRIPTION.size:
        return "", ""
    magic, version, project = _DESCRIPTION.unpack_from(content, start)
    if magic != _DESCRIPTION_MAGIC:
        return "", ""
    return _text(version), _text(project)


def _text(field: bytes) -> str:
    """A field that ends with a zero, as text that is safe to show."""
    text = field.split(b"\0")[0].decode("ascii", "replace")
    return "".join(letter if letter.isprintable() else "?" for letter in text)

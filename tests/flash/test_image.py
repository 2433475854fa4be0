"""Images of ESP chips are read to their last byte before anything is written."""

import hashlib

import pytest
from tests.support import esp_image

from undertow.flash import image

ESP32, ESP32_C6 = 0, 13
GOOD = esp_image.program(ESP32_C6, 4096, version="0.9")


def spoilt(at: int, value: int | None = None) -> bytes:
    changed = bytearray(GOOD)
    changed[at] = changed[at] ^ 0x10 if value is None else value
    return bytes(changed)


def test_an_image_tells_its_chip_its_version_and_its_length() -> None:
    found = image.read(GOOD + b"\xff" * 100)
    assert (found.chip_id, found.version, found.project) == (ESP32_C6, "0.9", "box")
    assert found.length == len(GOOD)
    assert found.has_digest


def test_a_bootloader_tells_no_version() -> None:
    assert image.read(esp_image.bootloader(ESP32)).version == ""


def test_an_image_without_a_digest_is_taken_by_its_checksum() -> None:
    changed = bytearray(GOOD[:-32])
    changed[23] = 0
    assert not image.read(bytes(changed)).has_digest


def test_every_bit_of_an_image_is_covered() -> None:
    for at in range(0, len(GOOD), 7):
        with pytest.raises(image.ImageError):
            image.read(spoilt(at))


@pytest.mark.parametrize("length", [0, 1, 23, 24, 31, 300, len(GOOD) - 33, len(GOOD) - 1])
def test_an_image_that_was_cut_is_refused(length: int) -> None:
    with pytest.raises(image.ImageError):
        image.read(GOOD[:length])


def test_a_checksum_is_checked_even_where_the_digest_is_right() -> None:
    changed = bytearray(GOOD[:-32])
    changed[-1] ^= 1
    changed += hashlib.sha256(changed).digest()
    with pytest.raises(image.ImageError, match="checksum"):
        image.read(bytes(changed))


@pytest.mark.parametrize(
    ("at", "value", "why"),
    [(0, 0x7F, "does not begin with E9"), (1, 0, "0 segments"), (1, 17, "17 segments")],
)
def test_what_is_no_image_is_named(at: int, value: int, why: str) -> None:
    with pytest.raises(image.ImageError, match=why):
        image.read(spoilt(at, value))

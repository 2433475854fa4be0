"""What does not belong into a board's flash is refused before a port is opened."""

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.flash.conftest import BOARD, RISCV_BOARD, make_build
from tests.support import esp_image

from undertow.errors import EXIT_FLASH, UndertowError
from undertow.flash import built
from undertow.flash.firmware import Firmware
from undertow.hardware import boards, partitions


def refusal(build: Path, board: str = BOARD) -> UndertowError:
    with pytest.raises(UndertowError) as caught:
        built.load(board, build)
    assert caught.value.exit_code == EXIT_FLASH
    return caught.value


@pytest.mark.parametrize("board", boards.names())
def test_a_build_of_every_board_is_put_where_its_chip_looks(board: str, tmp_path: Path) -> None:
    firmware = built.load(board, make_build(tmp_path, board))
    offsets = {part.name: part.offset for part in firmware.parts}
    assert offsets["bootloader"] == boards.load(board).soc.bootloader_offset
    assert offsets["partitions"] == 0x8000
    assert offsets["app"] == firmware.row("ota_0").offset
    assert offsets["files"] == firmware.row("vfs").offset
    assert firmware.version == "1.2.3"
    ends = [0, *(part.end for part in firmware.parts)]
    assert all(part.offset >= end for part, end in zip(firmware.parts, ends, strict=False))


def test_the_choice_between_the_programs_is_made_blank(load: Callable[[], Firmware]) -> None:
    assert load().part("otadata").content == b"\xff" * 0x2000


@pytest.mark.parametrize("file", ["bootloader.bin", "app.bin"])
def test_an_image_for_another_chip_is_refused(build: Path, file: str) -> None:
    (build / file).write_bytes(esp_image.program(13, 4096))
    error = refusal(build)
    assert "is not for olimex_esp32_poe" in error.what
    assert error.why == "It is for an ESP32-C6, and this board has an ESP32."


def test_a_damaged_image_is_refused(build: Path) -> None:
    content = bytearray((build / "app.bin").read_bytes())
    content[5000] ^= 1
    (build / "app.bin").write_bytes(content)
    assert "The program of" in refusal(build).what


def test_a_program_larger_than_its_place_is_refused(build: Path) -> None:
    (build / "app.bin").write_bytes(esp_image.program(0, 0x180000 + 64))
    error = refusal(build)
    assert error.what == "The program is too large for olimex_esp32_poe"
    assert "its place in the flash has 1572864" in error.why


def test_an_empty_part_is_refused(build: Path) -> None:
    (build / "bootloader.bin").write_bytes(b"")
    assert refusal(build).what == "The bootloader is empty"


def test_another_partition_table_is_refused(build: Path) -> None:
    other = partitions.table(boards.load(RISCV_BOARD))
    (build / "partitions.bin").write_bytes(partitions.binary(other))
    assert "is not that of olimex_esp32_poe" in refusal(build).what


def test_a_partition_table_may_be_padded_to_its_sector(build: Path) -> None:
    table = (build / "partitions.bin").read_bytes()
    (build / "partitions.bin").write_bytes(table.ljust(0x1000, b"\xff"))
    built.load(BOARD, build)


def test_a_missing_build_says_how_to_make_one(tmp_path: Path) -> None:
    error = refusal(tmp_path)
    assert error.why == "It has no bootloader.bin, no partitions.bin, no app.bin."
    assert "./invoke build --board olimex_esp32_poe" in error.mend

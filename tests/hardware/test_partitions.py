"""The partition table: where things are, and the bytes that a bootloader reads."""

from dataclasses import replace
from pathlib import Path

import pytest
from tests.hardware.descriptions import OLIMEX, changed
from tests.hardware.partition_reader import Row, read

from undertow.errors import UndertowError
from undertow.hardware import boards, partitions
from undertow.hardware.boards import Board
from undertow.hardware.partitions import Partition

BOARDS = [boards.load(name) for name in boards.names()]
every_board = pytest.mark.parametrize("board", BOARDS, ids=lambda board: board.name)

# Of ESP-IDF's own test of gen_esp32part.py (LONGER_BINARY_TABLE; Apache-2.0, Espressif Systems
# 2021): three rows and the MD5 that has to follow them.
IDF_ROWS = (
    b"\xaa\x50\x00\x00\x00\x00\x01\x00\x00\x00\x10\x00factory\0" + b"\0" * 12,
    b"\xaa\x50\x01\x20\x00\x00\x11\x00\x00\x02\x00\x00data" + b"\0" * 16,
    b"\xaa\x50\x10\x00\x00\x00\x15\x00\x00\x10\x00\x00second" + b"\0" * 14,
)
IDF_MD5 = bytes.fromhex("f9bd061b45686f86571a2cd52a1da65b")


@every_board
def test_a_table_can_be_used(board: Board) -> None:
    for encrypted in (False, True):
        rows = partitions.table(board, encrypted)
        assert partitions.faults(rows, board.flash_size) == []


@every_board
def test_the_table_leaves_no_flash_unused_behind_its_first_program(board: Board) -> None:
    rows = partitions.table(board)
    start = next(i for i, row in enumerate(rows) if row.name == "ota_0")
    ends = [row.end for row in rows[start:]]
    assert [row.offset for row in rows[start + 1 :]] == ends[:-1]
    assert ends[-1] == board.flash_size


@every_board
def test_there_are_two_places_for_a_program_of_one_size(board: Board) -> None:
    apps = [row for row in partitions.table(board) if row.type == "app"]
    assert [row.subtype for row in apps] == ["ota_0", "ota_1"]
    assert apps[0].size == apps[1].size >= 0x180000
    assert all(row.offset % 0x10000 == 0 for row in apps)


@every_board
def test_an_image_up_to_the_end_of_a_program_overwrites_no_keys(board: Board) -> None:
    """One that is filled up from the bootloader on, as `esptool merge-bin` makes them."""
    rows = partitions.table(board)
    nvs = partitions.find(rows, "nvs")
    assert all(row.end <= nvs.offset for row in rows if row.type == "app")
    assert nvs.size >= 0x10000  # two states of 16 KiB, and what NVS needs to move them


@every_board
def test_encryption_moves_nothing_and_marks_the_keys(board: Board) -> None:
    plain, encrypted = partitions.table(board), partitions.table(board, encrypted=True)
    assert [replace(row, flags=0) for row in encrypted] == list(plain)
    assert [row.name for row in encrypted if row.flags] == ["nvs_keys"]
    assert not any(row.flags for row in plain)


@every_board
def test_a_reader_of_its_own_finds_the_same_rows_in_the_bytes(board: Board) -> None:
    for encrypted in (False, True):
        rows = partitions.table(board, encrypted)
        found = read(partitions.binary(rows))
        kinds = {
            "otadata": (1, 0),
            "phy_init": (1, 1),
            "nvs": (1, 2),
            "nvs_keys": (1, 4),
            "ota_0": (0, 0x10),
            "ota_1": (0, 0x11),
            "vfs": (1, 0x81),
        }
        assert found == [
            Row(row.name, *kinds[row.name], row.offset, row.size, bool(row.flags)) for row in rows
        ]


def test_rows_are_sealed_as_esp_idf_seals_them() -> None:
    sealed = partitions.sealed(b"".join(IDF_ROWS))
    assert sealed[: 3 * 32] == b"".join(IDF_ROWS)
    assert sealed[96:128] == b"\xeb\xeb" + b"\xff" * 14 + IDF_MD5
    assert sealed[128:] == b"\xff" * (0xC00 - 128)


def test_a_row_is_packed_as_esp_idf_packs_it() -> None:
    assert (
        partitions.packed(Partition("factory", "app", "factory", 0x10000, 0x100000))
        == (IDF_ROWS[0])
    )


def test_the_reader_finds_what_is_wrong_with_bytes() -> None:
    good = partitions.binary(partitions.table(BOARDS[0]))
    for place in (3, 40, 32 * 7 + 20):
        bad = bytearray(good)
        bad[place] ^= 1
        with pytest.raises(ValueError, match="MD5"):
            read(bytes(bad))
    with pytest.raises(ValueError, match="bytes"):
        read(good[:-1])


ROWS = partitions.table(BOARDS[0])
SIZE = BOARDS[0].flash_size


def with_row(which: str, **changes: object) -> tuple[Partition, ...]:
    return tuple(
        replace(row, **changes) if row.name == which else row  # type: ignore[arg-type]
        for row in ROWS
    )


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (with_row("nvs", name="vfs"), "'vfs' is there twice"),
        (with_row("vfs", size=0xE1000), "'vfs' ends at 0x401000, behind the flash"),
        (with_row("ota_1", offset=0x191000), "'ota_1' at 0x191000 is not aligned to 0x10000"),
        (with_row("phy_init", offset=0xB800), "'phy_init' at 0xb800 is not aligned to 0x1000"),
        (with_row("ota_1", offset=0x180000), "'ota_1' at 0x180000 begins before 0x190000"),
        (with_row("otadata", offset=0x8000), "'otadata' at 0x8000 begins before 0x9000"),
        (with_row("nvs", size=0xF800), "'nvs' has 0xf800 bytes, which are no whole sectors"),
        (with_row("nvs", size=0), "'nvs' has 0x0 bytes"),
        (with_row("nvs", name="a" * 16), "is a name of more than 15 bytes"),
        (with_row("nvs", subtype="spiffs"), "'nvs' is of no known kind: data, spiffs"),
        (with_row("ota_0", size=0x170000), "the programs' places are of different sizes"),
    ],
)
def test_a_table_that_cannot_be_used_says_why(rows: tuple[Partition, ...], said: str) -> None:
    assert any(said in fault for fault in partitions.faults(rows, SIZE))


def test_a_flash_without_a_layout_is_told_with_those_that_have_one(tmp_path: Path) -> None:
    board = changed(tmp_path, OLIMEX, ("flash_kb = 4096", "flash_kb = 2048"))
    with pytest.raises(UndertowError, match="4 MiB, 8 MiB, 16 MiB"):
        partitions.table(board)


def test_an_unknown_partition_is_told_with_the_known_ones() -> None:
    with pytest.raises(UndertowError, match="otadata, phy_init"):
        partitions.find(ROWS, "factory")


def test_too_many_partitions_are_refused() -> None:
    row = Partition("x", "data", "nvs", 0x9000, 0x1000)
    assert len(partitions.binary((row,) * 95)) == 0xC00
    with pytest.raises(UndertowError, match="do not fit"):
        partitions.binary((row,) * 96)


@every_board
def test_the_csv_says_what_the_bytes_say(board: Board) -> None:
    """As gen_esp32part.py reads it: comments, fields between commas, numbers in C's form."""
    rows = partitions.table(board, encrypted=True)
    lines = [line for line in partitions.csv(rows).splitlines() if not line.startswith("#")]
    fields = [[field.strip() for field in line.split(",")] for line in lines]
    assert [tuple(field) for field in fields] == [
        (
            row.name,
            row.type,
            row.subtype,
            hex(row.offset),
            hex(row.size),
            "encrypted" if row.flags else "",
        )
        for row in rows
    ]

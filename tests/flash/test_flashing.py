"""A board is flashed with the real esptool, over a socket and a pseudo-terminal."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.flash.conftest import (
    BOARD,
    RISCV_BOARD,
    WIDE_BOARD,
    chip,
    is_complete,
    make_build,
    precious,
    put,
    use,
)
from tests.support.romloader import PtyFront, SocketFront

from undertow.errors import EXIT_FLASH, EXIT_USAGE, UndertowError
from undertow.flash import built, command, front, keys, release
from undertow.flash.command import Wanted
from undertow.flash.firmware import Firmware

Printed = pytest.CaptureFixture[str]


def told(capsys: Printed) -> dict[str, str | None]:
    """What --json says was done to each part."""
    return {part["name"]: part["step"] for part in json.loads(capsys.readouterr().out)["parts"]}


@pytest.mark.parametrize("board", [BOARD, RISCV_BOARD, WIDE_BOARD])
def test_a_blank_board_gets_everything_in_one_go(
    board: str, tmp_path: Path, capsys: Printed
) -> None:
    folder = make_build(tmp_path, board)
    loader = chip(board)
    with PtyFront(loader) as line:
        command.main(Wanted(board, line.url, str(folder)))
    assert is_complete(loader, built.load(board, folder))
    printed = capsys.readouterr().out
    assert f"{board}: 1.2.3" in printed
    assert ":".join(f"{byte:02x}" for byte in loader.chip.mac) in printed


@pytest.mark.parametrize("board", [BOARD, WIDE_BOARD])
def test_what_is_there_already_is_not_written_again(
    board: str, tmp_path: Path, capsys: Printed
) -> None:
    folder = make_build(tmp_path, board)
    loader = chip(board)  # the second has more flash than its bootloader's header says
    put(loader, built.load(board, folder))
    programmed = loader.flash.bytes_programmed
    with PtyFront(loader) as line:
        command.main(Wanted(board, line.url, str(folder), json=True))
    assert set(told(capsys).values()) == {"skip"}
    assert loader.flash.bytes_programmed == programmed


def test_only_the_part_that_changed_is_written(
    build: Path, load: Callable[[], Firmware], tmp_path: Path, capsys: Printed
) -> None:
    loader = chip()
    put(loader, load())
    kept = use(loader, load())
    newer = make_build(tmp_path / "newer", seed=7)
    with PtyFront(loader) as line:
        command.main(Wanted(BOARD, line.url, str(newer), json=True))
    assert told(capsys) == {
        "bootloader": "skip",
        "partitions": "skip",
        "otadata": "skip",
        "app": "write",
        "files": "keep",
    }
    app = built.load(BOARD, newer).part("app")
    assert loader.flash.read(app.offset, len(app.content)) == app.content
    assert precious(loader, load()) == kept


def test_erasing_takes_everything_and_says_so(
    build: Path, load: Callable[[], Firmware], capsys: Printed
) -> None:
    loader = chip()
    put(loader, load())
    use(loader, load())
    with PtyFront(loader) as line:
        command.main(Wanted(BOARD, line.url, str(build), erase=True))
    assert is_complete(loader, load())
    nvs = load().row("nvs")
    assert loader.flash.read(nvs.offset, nvs.size) == b"\xff" * nvs.size
    assert b"a lease" not in loader.flash.content
    said = capsys.readouterr().err
    assert "--erase takes the box's private key and settings and its files." in said
    assert "its gateway has to be told that one" in said


def test_a_dry_run_writes_nothing(
    build: Path, load: Callable[[], Firmware], capsys: Printed
) -> None:
    loader = chip()
    with PtyFront(loader) as line:
        command.main(Wanted(BOARD, line.url, str(build), dry_run=True))
    assert "app, 60336 bytes: would be written" in capsys.readouterr().out
    assert loader.flash.bytes_programmed == loader.flash.sectors_erased == 0


def test_a_dry_run_without_a_port_shows_the_flash_map(build: Path, capsys: Printed) -> None:
    command.main(Wanted(BOARD, images=str(build), dry_run=True))
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("olimex_esp32_poe: 1.2.3, from ")
    assert "  0x001000 to 0x007fff  bootloader  bootloader, 4176 bytes" in lines[1]
    assert lines[-1].startswith("  0x320000 to 0x3fffff  vfs")
    assert len(lines) == 1 + 2 + 7


def test_files_of_a_folder_are_in_the_file_system(build: Path, tmp_path: Path) -> None:
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "note.txt").write_text("found me")
    loader = chip()
    with PtyFront(loader) as line:
        command.main(Wanted(BOARD, line.url, str(build), files=str(tmp_path / "files")))
    assert b"found me" in loader.flash.content[0x320000:]


def test_something_else_on_a_flash_is_not_overwritten_unasked(
    build: Path, load: Callable[[], Firmware]
) -> None:
    loader = chip()
    loader.flash.program(0x8000, b"\xaa\x50 another table")
    loader.flash.program(load().row("vfs").offset, b"photographs")
    before = bytes(loader.flash.content)
    with PtyFront(loader) as line:
        with pytest.raises(UndertowError, match="holds something else") as caught:
            command.main(Wanted(BOARD, line.url, str(build)))
        assert caught.value.exit_code == EXIT_FLASH
        assert loader.flash.content == before
        command.main(Wanted(BOARD, line.url, str(build), erase=True))
    assert is_complete(loader, load())


def test_a_file_system_that_was_cut_off_is_finished(
    build: Path, load: Callable[[], Firmware], capsys: Printed
) -> None:
    loader = chip()
    put(loader, load())
    files = load().part("files")
    loader.flash.erase(files.offset, len(files.content))
    loader.flash.program(files.offset, files.content[:100])
    with PtyFront(loader) as line:
        command.main(Wanted(BOARD, line.url, str(build), json=True))
    assert told(capsys)["files"] == "write"
    assert is_complete(loader, load())


def test_a_release_is_flashed_by_the_command_line(build: Path, tmp_path: Path) -> None:
    key = Ed25519PrivateKey.generate()
    firmware = built.load(BOARD, build)
    file = tmp_path / "release.zip"
    file.write_bytes(release.make(firmware, "2.0", key))
    loader = chip()
    with SocketFront(loader) as line:
        words = ["flash", "--release", str(file), "--trust", keys.in_words(key.public_key())]
        words += ["--port", line.url, "--json"]
        done = subprocess.run(
            [sys.executable, "-m", "undertow.cli", *words],
            capture_output=True,
            text=True,
            check=True,
        )
    assert is_complete(loader, firmware)
    answer = json.loads(done.stdout)
    assert (answer["board"], answer["version"], answer["done"]) == (BOARD, "2.0", True)


@pytest.mark.parametrize(
    ("wanted", "what"),
    [
        (Wanted("virt_rv32", port="/dev/ttyUSB0"), "--port is not for virt_rv32"),
        (Wanted("toaster"), "There is no board 'toaster'"),
        (Wanted(), "The board is not named"),
        (Wanted(BOARD, release="x.zip", files="."), "A release is flashed as it is"),
        (Wanted(BOARD, files="/no/such/folder"), "/no/such/folder is not a folder"),
    ],
)
def test_wishes_that_do_not_go_together_are_named(wanted: Wanted, what: str) -> None:
    with pytest.raises(UndertowError, match=what) as caught:
        front.main(wanted)
    assert caught.value.exit_code == EXIT_USAGE


@pytest.mark.parametrize("baud", [1, 9_000_000])
def test_a_rate_that_no_line_has_is_refused(build: Path, baud: int) -> None:
    with pytest.raises(UndertowError, match="is no rate of a serial line"):
        command.main(Wanted(BOARD, "socket://127.0.0.1:9", str(build), baud=baud))

"""The file that is an emulated board's flash: made blank, never destroyed unasked."""

import json
import os
import resource
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from undertow import build
from undertow.board import Wiring, flash, flashing, foreground
from undertow.board.flash import SIZE, Step, plan
from undertow.errors import EXIT_FLASH, EXIT_USAGE, UndertowError

# Holds a lock as QEMU does (QEMU's block/file-posix.c: bytes from 100 on), until its stdin ends.
HOLD = """
import fcntl, struct, sys
flash = open(sys.argv[1], "r+b")
fcntl.fcntl(flash, fcntl.F_OFD_SETLK, struct.pack("hhqqi4x", fcntl.F_RDLCK, 0, 100, 1, 0))
print("held", flush=True)
sys.stdin.read()
"""


def refusal(file: Path, erase: bool = False) -> UndertowError:
    with pytest.raises(UndertowError) as caught:
        plan(file, erase)
    assert caught.value.exit_code == EXIT_FLASH
    return caught.value


def test_a_missing_flash_is_made_erased_and_for_its_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "deeper" / "board.img"
    made = plan(file)
    assert made.step is Step.MAKE
    made.carry_out()
    assert file.read_bytes() == b"\xff" * SIZE
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert flash.is_blank(file)
    assert os.listdir(file.parent) == [file.name]


def test_a_flash_that_is_there_is_kept_byte_for_byte(tmp_path: Path) -> None:
    file = tmp_path / "board.img"
    plan(file).carry_out()
    with file.open("r+b") as there:
        there.write(b"the box's private key")
    before = file.read_bytes(), file.stat().st_ino
    again = plan(file)
    assert again.step is Step.KEEP
    again.carry_out()
    assert (file.read_bytes(), file.stat().st_ino) == before
    assert not flash.is_blank(file)


def test_erasing_leaves_nothing_of_it(tmp_path: Path) -> None:
    file = tmp_path / "board.img"
    plan(file).carry_out()
    with file.open("r+b") as there:
        there.write(b"the box's private key")
    again = plan(file, erase=True)
    assert again.step is Step.ERASE
    again.carry_out()
    assert file.read_bytes() == b"\xff" * SIZE


@pytest.mark.parametrize("erase", [False, True])
def test_a_file_that_is_no_flash_is_never_touched(tmp_path: Path, erase: bool) -> None:
    file = tmp_path / "thesis.odt"
    file.write_bytes(b"years of work")
    assert str(refusal(file, erase)) == (
        f"{file} is not the flash of a board. It has 13 bytes, and a flash has 1048576. "
        "Name another file by --flash, or remove this one."
    )
    assert file.read_bytes() == b"years of work"


def test_a_folder_is_no_flash(tmp_path: Path) -> None:
    assert str(refusal(tmp_path)) == (
        f"{tmp_path} is not a file. An emulated board keeps its flash in one. "
        "Name a file by --flash."
    )


@pytest.mark.parametrize("erase", [False, True])
def test_a_flash_that_a_board_runs_on_is_left_alone(tmp_path: Path, erase: bool) -> None:
    file = tmp_path / "board.img"
    plan(file).carry_out()
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(file)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert holder.stdin is not None and holder.stdout is not None
    with holder:
        assert holder.stdout.readline() == b"held\n"
        assert str(refusal(file, erase)) == (
            f"The flash {file} is in use. A board runs on it. "
            "Talk to that board by --console, stop it, or name another file by --flash."
        )
        holder.stdin.close()
    assert plan(file).step is Step.KEEP


def test_a_flash_that_cannot_be_written_leaves_the_old_one(tmp_path: Path) -> None:
    file = tmp_path / "board.img"
    plan(file).carry_out()
    with file.open("r+b") as there:
        there.write(b"the box's private key")
    before = file.read_bytes()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (SIZE // 2, limits[1]))
    try:
        with pytest.raises(UndertowError) as caught:
            plan(file, erase=True).carry_out()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert caught.value.exit_code == EXIT_FLASH
    assert str(caught.value) == (
        f"The flash {file} cannot be written. The system says: File too large. "
        "Name another file by --flash, or make room for 1 MiB there."
    )
    assert file.read_bytes() == before
    assert os.listdir(tmp_path) == [file.name]


def test_a_dry_run_says_what_would_be_done_and_does_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "board.img"
    flashing.main("virt_rv32", str(file), erase=False, dry_run=True, json=False)
    assert f"{file}: would be made, blank" in capsys.readouterr().out
    flashing.main("virt_rv32", str(file), erase=False, dry_run=True, json=True)
    told = json.loads(capsys.readouterr().out)
    assert told["step"] == "make"
    assert told["done"] is False
    assert not file.exists()


def test_a_board_that_there_is_not_is_named_with_those_that_there_are() -> None:
    with pytest.raises(UndertowError) as caught:
        flashing.main("virt_z80", "", erase=False, dry_run=True, json=False)
    assert caught.value.exit_code == EXIT_USAGE
    assert "The emulated boards are: virt_rv32, virt_xtensa." in str(caught.value)


def test_nothing_is_built_for_a_flash_that_cannot_be_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "home.conf"
    file.write_text("[Interface]\n")
    monkeypatch.setattr(build, "build", lambda *_: pytest.fail("minutes are spent in vain"))
    with pytest.raises(UndertowError, match="is not the flash of a board"):
        foreground.main("virt_rv32", Wiring(), str(file), dev=False)

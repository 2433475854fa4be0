"""Running a board: power, console and cables are what they claim.

Its firmware is a few instructions of ours: they say "hi" on the UART and wait for ever.
"""

import os
import shutil
import socket
import struct
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.support.absence import cannot_run

from undertow.board import Board, Wiring, flash, machine
from undertow.errors import UndertowError
from undertow.lab import LabError
from undertow.lab.namespace import wait_until

# lui a0, 0x10000 / li a1, 'h' / sb a1, 0(a0) / li a1, 'i' / sb a1, 0(a0) / wfi / j -4
HI = (0x10000537, 0x06800593, 0x00B50023, 0x06900593, 0x00B50023, 0x10500073, 0xFFDFF06F)

Make = Callable[..., Board]


@pytest.fixture
def firmware(tmp_path: Path) -> Path:
    """The image that says "hi"."""
    if shutil.which(machine.find("virt_rv32").program) is None:
        cannot_run("QEMU is missing: run ./invoke setup")
    made = tmp_path / "hi.bin"
    made.write_bytes(struct.pack("<7I", *HI))
    return made


@pytest.fixture
def make(firmware: Path, tmp_path: Path) -> Iterator[Make]:
    """make(wiring): a board that runs until the end of the test."""
    made: list[Board] = []

    def start(wiring: Wiring | None = None) -> Board:
        made.append(Board("virt_rv32", tmp_path, firmware=firmware, wiring=wiring))
        made[-1].start()
        return made[-1]

    yield start
    for board in made:
        board.stop()


def wait_for_hi(board: Board) -> None:
    wait_until(lambda: board.said() == "hi", 5.0, lambda: f"it said {board.said()!r}")


def test_what_the_console_says_is_kept_without_a_listener(make: Make) -> None:
    board = make()
    wait_for_hi(board)
    assert board.flash.stat().st_size == flash.SIZE


def test_a_console_can_be_reached_as_soon_as_the_board_has_started(make: Make) -> None:
    board = make()
    host, port = board.console_url.removeprefix("socket://").split(":")
    with socket.create_connection((host, int(port)), 1.0):
        pass


def test_a_console_may_be_a_unix_socket(make: Make, tmp_path: Path) -> None:
    board = make(Wiring(console=f"unix:{tmp_path}/console"))
    assert board.console_url == f"unix:{tmp_path}/console"
    with socket.socket(socket.AF_UNIX) as console:
        console.connect(str(tmp_path / "console"))


def test_a_board_comes_back_after_a_power_cut(make: Make) -> None:
    board = make()
    first = board.process.pid
    board.kill()
    assert not board.running()
    board.start()
    assert board.process.pid != first
    wait_for_hi(board)


def test_cables_are_datagram_sockets_at_their_paths(make: Make, tmp_path: Path) -> None:
    make(Wiring(uplink=f"dgram:{tmp_path}/up", lan=f"dgram:{tmp_path}/lan"))
    assert (tmp_path / "up.board").is_socket()
    assert (tmp_path / "lan.board").is_socket()


def test_a_flash_belongs_to_one_board_at_a_time(make: Make, firmware: Path, tmp_path: Path) -> None:
    board = make()
    assert flash.is_in_use(board.flash)
    other = Board("virt_rv32", tmp_path, firmware=firmware, flash=board.flash)
    with pytest.raises(LabError, match="lock"):
        other.start()
    board.stop()
    assert not flash.is_in_use(board.flash)


def test_a_board_that_is_not_built_is_told_with_the_command_that_builds_it(tmp_path: Path) -> None:
    board = Board("virt_rv32", tmp_path, firmware=tmp_path / "none.elf")
    with pytest.raises(UndertowError, match="invoke build"):
        board.start()
    with pytest.raises(UndertowError, match="virt_rv32"):
        Board("toaster", tmp_path)


@pytest.mark.parametrize("spec", ["tap", "tap:", "wifi:home", ""])
def test_an_unknown_cable_is_refused_with_the_known_ones(spec: str) -> None:
    with pytest.raises(UndertowError, match="tap:NAME"):
        machine.find("virt_rv32").command(Path("f"), console="tcp:1", uplink=spec)


def test_no_board_outlives_whoever_runs_it(make: Make) -> None:
    # What the kernel does when its parent dies is set for QEMU itself, not for a shell around it.
    command = Path(f"/proc/{make().process.pid}/cmdline").read_bytes().split(b"\0")
    assert os.path.basename(command[0]) == b"qemu-system-riscv32"

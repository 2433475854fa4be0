"""That what else has to know a board says of it what its description says."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from undertow import paths
from undertow.hardware import boards, generated, socs
from undertow.hardware.boards import Board

every_board = pytest.mark.parametrize(
    "board", [boards.load(name) for name in boards.names()], ids=lambda board: board.name
)


def settings(board: Board) -> dict[str, str]:
    """The board's own settings of ESP-IDF."""
    lines = (generated.PORT / board.name / "sdkconfig.board").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line.startswith("CONFIG_"))


@every_board
def test_the_build_is_for_the_boards_chip(board: Board) -> None:
    text = (generated.PORT / board.name / "mpconfigboard.cmake").read_text()
    assert re.findall(r"set\(IDF_TARGET (\w+)\)", text) == [board.soc.idf_target]


@every_board
def test_the_build_is_for_the_boards_flash(board: Board) -> None:
    sizes = [name for name in settings(board) if name.startswith("CONFIG_ESPTOOLPY_FLASHSIZE_")]
    assert sizes == [f"CONFIG_ESPTOOLPY_FLASHSIZE_{board.flash_size >> 20}MB"]


@every_board
def test_the_build_is_for_the_boards_psram(board: Board) -> None:
    found = settings(board)
    assert (found.get("CONFIG_SPIRAM") == "y") == bool(board.psram_size)
    if board.psram_kind == "octal":
        assert found.get("CONFIG_SPIRAM_MODE_OCT") == "y"


@every_board
def test_the_build_has_ethernets_clock_where_the_board_has_it(board: Board) -> None:
    found = settings(board)
    ethernet = board.ethernet
    is_out = ethernet is not None and ethernet.clock_direction == "out"
    is_in = ethernet is not None and ethernet.clock_direction == "in"
    assert (found.get("CONFIG_ETH_RMII_CLK_OUTPUT") == "y") == is_out
    if ethernet is not None and is_out:
        assert found["CONFIG_ETH_RMII_CLK_OUT_GPIO"] == str(ethernet.lines["clock"])
    if is_in:
        assert "CONFIG_ETH_RMII_CLK_OUT_GPIO" not in found


def test_installed_without_a_checkout_the_boards_are_known(tmp_path: Path) -> None:
    """As a package is built; and asked from a folder where there is no hardware/."""
    command = [sys.executable, "setup.py", "-q", "build_py", "--build-lib", str(tmp_path)]
    environment = {**os.environ, "UNDERTOW_WITHOUT_EXTENSION": "1"}
    subprocess.run(command, cwd=paths.ROOT, env=environment, check=True, capture_output=True)
    question = (
        "from undertow.hardware import boards, facts, partitions, socs\n"
        "print(facts.FOLDER, *boards.names(), *socs.names())\n"
        "print([len(partitions.table(boards.load(name))) for name in boards.names()])"
    )
    asked = [sys.executable, "-c", question]
    environment = {"PYTHONPATH": str(tmp_path), "PATH": os.environ["PATH"]}
    done = subprocess.run(asked, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    first, second = done.stdout.splitlines()
    folder = tmp_path / "undertow" / "hardware" / "descriptions"
    assert first.split() == [str(folder), *boards.names(), *socs.names()]
    assert second == str([7] * len(boards.names()))

"""A box on an emulated board, with its console read by pytest-embedded.

UNDERTOW_BOARDS chooses other boards than all of them, for example UNDERTOW_BOARDS=virt_rv32;
UNDERTOW_IMAGES another folder with firmware than build/.
"""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.support.absence import cannot_run

from undertow import paths
from undertow.board import machine
from undertow.board.scene import Scene
from undertow.console import Console

BOARDS = os.environ.get("UNDERTOW_BOARDS", ",".join(machine.names())).split(",")
IMAGES = Path(os.environ.get("UNDERTOW_IMAGES", paths.BUILD))
SHOWN_LINES = 30


def pytest_configure(config: pytest.Config) -> None:
    """pytest-embedded uses an interface of pytest that is called experimental."""
    config.addinivalue_line("filterwarnings", "ignore::pytest.PytestExperimentalApiWarning")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """`board_name` is every board in turn."""
    if "board_name" in metafunc.fixturenames:
        metafunc.parametrize("board_name", BOARDS, scope="session")


def image(board_name: str) -> Path:
    """The firmware that is tested."""
    return IMAGES / board_name / "firmware.elf"


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder whose path is short enough for unix sockets."""
    with tempfile.TemporaryDirectory(prefix="undertow-test-") as made:
        yield Path(made)


@pytest.fixture
def built_board(board_name: str) -> str:
    """The board's name, once it is sure that there are QEMU and firmware for it."""
    require_built(board_name)
    return board_name


def require_built(board_name: str) -> None:
    """There are QEMU and firmware for a board, or the test cannot run."""
    if shutil.which(machine.find(board_name).program) is None:
        cannot_run("QEMU is missing: run ./invoke setup")
    if not image(board_name).exists():
        cannot_run(f"{board_name} is not built: run ./invoke build --target {board_name}")


@pytest.fixture
def scene(built_board: str, folder: Path) -> Iterator[Scene]:
    """A board that is switched off, in a hotel, with its blank flash."""
    with Scene(built_board, folder, firmware=image(built_board)) as made:
        yield made
        _show(made)


def _show(scene: Scene) -> None:
    """What pytest prints when the test has failed."""
    lines = scene.board.said().splitlines()
    print("The console's last lines:", *lines[-SHOWN_LINES:], sep="\n  ")
    for name, port in (("uplink", scene.uplink), ("LAN", scene.lan)):
        print(f"The last frames of the {name}:", *port.record()[-SHOWN_LINES:], sep="\n  ")


@pytest.fixture
def connect(scene: Scene, request: pytest.FixtureRequest) -> Iterator[Callable[[], Console]]:
    """connect(): the console of the board that runs, by pytest-embedded."""
    if not request.config.pluginmanager.has_plugin("pytest_embedded.plugin"):
        cannot_run("run ./invoke test --suite boards, or pytest -p pytest_embedded.plugin")
    from tests.boards.embedded import DutLine, open_dut

    opened: list[Console] = []

    def open_console() -> Console:
        url = scene.board.console_url
        opened.append(Console(url, line=DutLine(open_dut(url))))
        return opened[-1]

    yield open_console
    for console in opened:
        console.close()

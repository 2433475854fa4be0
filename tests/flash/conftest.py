"""Builds of real boards with images that are valid and empty, and chips in download mode."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.host.port_server import lend
from tests.support.esp_build import make as make_build
from tests.support.romloader import Faults, Flash, PtyFront, RomLoader

from undertow.flash import built
from undertow.flash.firmware import Firmware
from undertow.hardware import boards

__all__ = ["make_build"]

BOARD = "olimex_esp32_poe"  # ESP32
RISCV_BOARD = "esp32_c6_devkitc_1"
WIDE_BOARD = "waveshare_esp32_s3_eth"


@pytest.fixture
def build(tmp_path: Path) -> Path:
    return make_build(tmp_path / "build")


def chip(board: str = BOARD, faults: Faults | None = None) -> RomLoader:
    """The chip of a board, with a blank flash."""
    described = boards.load(board)
    return RomLoader(described.soc.esptool, Flash(described.flash_size), faults)


def is_complete(loader: RomLoader, firmware: Firmware) -> bool:
    """Whether the flash holds all of it, byte for byte."""
    return all(
        loader.flash.read(part.offset, len(part.content)) == part.content for part in firmware.parts
    )


def put(loader: RomLoader, firmware: Firmware) -> None:
    """Have the flash hold it, as an earlier run left it."""
    for part in firmware.parts:
        loader.flash.erase(part.offset, len(part.content))
        loader.flash.program(part.offset, part.content)


def use(loader: RomLoader, firmware: Firmware) -> dict[str, bytes]:
    """As a box that has run: keys in nvs, files in vfs. What is there then, by partition."""
    nvs, vfs = firmware.row("nvs"), firmware.row("vfs")
    loader.flash.program(nvs.offset, b"the box's private key")
    loader.flash.program(vfs.offset + 5 * 4096, b"a lease")
    return precious(loader, firmware)


def precious(loader: RomLoader, firmware: Firmware) -> dict[str, bytes]:
    rows = (firmware.row(name) for name in ("nvs", "vfs"))
    return {row.name: loader.flash.read(row.offset, row.size) for row in rows}


@pytest.fixture
def load(build: Path) -> Callable[[], Firmware]:
    return lambda: built.load(BOARD, build)


@dataclass(frozen=True)
class RemoteRun:
    """`undertow flash --dry-run` under way over a port that is lent out."""

    url: str
    loader: RomLoader
    process: subprocess.Popen[str]


@pytest.fixture(scope="session", autouse=True)
def remote(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RemoteRun | None]:
    """Started with the first test, and asked for by the last one: it takes half a minute."""
    if not any(item.path.name == "test_remote_port.py" for item in request.session.items):
        yield None
        return
    folder = make_build(tmp_path_factory.mktemp("remote"))
    loader = chip()
    with PtyFront(loader) as line:
        url = lend(line.url)
        words = ["flash", "--board", BOARD, "--images", str(folder), "--port", url]
        with subprocess.Popen(
            [sys.executable, "-m", "undertow.cli", *words, "--dry-run", "--json"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            try:
                yield RemoteRun(url, loader, process)
            finally:
                process.kill()

"""The router's firmware for the emulated boards: MicroPython ports of our own, outside its tree."""

from functools import partial
from pathlib import Path

from undertow import paths
from undertow.build import micropython
from undertow.setup import packages

# Each board's group of packages beside "build", in firmware/versions.toml.
BOARDS = {"virt_rv32": "test"}

# How a development build is told from the release, as a target and as a folder.
DEV = "-dev"


def build(board: str, dev: bool = False) -> Path:
    """Bring a board's firmware up to date; its ELF file."""
    packages.ensure(BOARDS[board])
    tree = micropython.tree()
    name = board + (DEV if dev else "")
    folder = paths.BUILD / name
    firmware = folder / "firmware.elf"
    variables = {
        **micropython.settings(tree, folder),
        "MPY_DIR": str(tree.folder),
        "DEV": "1" if dev else "0",
    }
    with paths.locked(paths.BUILD / f"{name}.lock"):
        micropython.make(tree, str(paths.PORTS / board), variables, f"Building {name}")
    return firmware


def targets() -> dict[str, partial[Path]]:
    """What can be built here, by name."""
    return {
        board + (DEV if dev else ""): partial(build, board, dev)
        for board in BOARDS
        for dev in (False, True)
    }

"""The router's firmware for the emulated boards: MicroPython ports of our own, outside its tree."""

from functools import partial
from pathlib import Path

from undertow import paths
from undertow.build import mbedtls, memory, micropython, xtensa
from undertow.setup import packages

# The boards, and what their Makefiles have to be told.
BOARDS: dict[str, dict[str, str]] = {"virt_rv32": {}, "virt_xtensa": xtensa.variables()}

# How a development build is told from the release, as a target and as a folder.
DEV = "-dev"


def build(board: str, dev: bool = False) -> Path:
    """Bring a board's firmware up to date; its ELF file. Tells what takes how much memory."""
    packages.ensure("boards")
    tree = micropython.tree()
    name = board + (DEV if dev else "")
    folder = paths.BUILD / name
    firmware = folder / "firmware.elf"
    variables = {
        **micropython.settings(tree, folder),
        **mbedtls.settings(board.removeprefix("virt_"), tree),
        "MPY_DIR": str(tree.folder),
        "DEV": "1" if dev else "0",
        **BOARDS[board],
    }
    with paths.locked(paths.BUILD / f"{name}.lock"):
        before = _modified(firmware)
        micropython.make(tree, str(paths.PORTS / board), variables, f"Building {name}")
        if _modified(firmware) != before:
            memory.tell(firmware)
    return firmware


def _modified(file: Path) -> int:
    return file.stat().st_mtime_ns if file.exists() else 0


def targets() -> dict[str, partial[Path]]:
    """What can be built here, by name."""
    return {
        board + (DEV if dev else ""): partial(build, board, dev)
        for board in BOARDS
        for dev in (False, True)
    }

"""MicroPython on bare RV32 with our C in it, for QEMU: the tests' smallest target."""

from pathlib import Path

from undertow import paths
from undertow.build import mbedtls, micropython
from undertow.setup import packages


def build() -> Path:
    """Bring the firmware up to date; returns its ELF file."""
    packages.ensure("boards")
    tree = micropython.tree()
    board = paths.PORTS / "rv32_test"
    variables = {
        **micropython.settings(tree, paths.RV32_FIRMWARE.parent),
        **mbedtls.settings("rv32", tree),
        "BOARD": "rv32_test",
        "BOARD_DIR": str(board),
        "FROZEN_MANIFEST": str(board / "manifest.py"),
    }
    with paths.locked(paths.BUILD / "rv32.lock"):
        micropython.make(tree, "ports/qemu", variables, "Building the RV32 firmware")
    return paths.RV32_FIRMWARE

"""What all builds of MicroPython share: mpy-cross, and make with our settings."""

import os
import re
from pathlib import Path

from undertow import paths, progress
from undertow.run import run
from undertow.setup import Tree, packages, sources

# The day of MicroPython 1.25.0: a fixed date gives the same program every day.
SOURCE_DATE_EPOCH = "1744675200"


def tree() -> Tree:
    """The sources, and what it takes to compile them."""
    packages.ensure("build")
    return sources.ensure()


def jobs() -> str:
    return f"-j{len(os.sched_getaffinity(0))}"


def mpy_cross(of: Tree) -> Path:
    """The compiler that freezes Python into a firmware; built once for a tree, in the cache."""
    folder = paths.cache() / "programs" / f"mpy-cross-{of.folder.name}"
    program = folder / "mpy-cross"
    if program.exists():
        return program
    with paths.locked(paths.cache() / "lock"):
        if not program.exists():
            make(of, "mpy-cross", {"BUILD": str(folder)}, "Building mpy-cross")
    return program


def settings(of: Tree, build: Path) -> dict[str, str]:
    """Make's variables that every port of ours is built with."""
    return {
        "BUILD": str(build),
        "USER_C_MODULES": str(paths.NATIVE),
        "MICROPY_MPYCROSS": str(mpy_cross(of)),
        "MICROPY_MPYCROSS_DEPENDENCY": "",
        # We use nothing of micropython-lib; make only wants to see a README where it would be.
        "MPY_LIB_DIR": str(of.folder / "lib"),
    }


def make(of: Tree, folder: str, variables: dict[str, str], title: str) -> str:
    """Run make in a folder of the tree, with its outputs outside; returns what it printed."""
    compiled = 0

    def report(line: str) -> None:
        nonlocal compiled
        if re.match(r"(CC|AS|MPY|LINK|GEN) ", line):
            compiled += 1
            step.detail(f"{compiled} {line.rsplit('/', 1)[-1]}")

    with progress.quiet_step(title) as step:
        return run(
            ["make", jobs(), "-C", of.folder / folder, *(f"{k}={v}" for k, v in variables.items())],
            why="to build the firmware",
            environment={"SOURCE_DATE_EPOCH": SOURCE_DATE_EPOCH, "MAKEFLAGS": ""},
            on_line=report,
        )

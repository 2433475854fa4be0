"""What all builds of MicroPython share: mpy-cross, and make with our settings."""

import hashlib
import os
import re
import shutil
from collections.abc import Iterator, Mapping
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
    forget_names(Path(variables["BUILD"]), variables)
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


def forget_names(build: Path, variables: Mapping[str, str], ports: Path = paths.PORTS) -> None:
    """Have the names in a build found anew if it was made with other settings.

    MicroPython notes modules and names by source file, and keeps the note of a module that has been
    switched off: what it registers would be linked, and is not there.
    """
    digest = hashlib.sha256(repr(sorted(variables.items())).encode())
    for file in _settings_files(ports):
        digest.update(file.read_bytes())
    note = build / "settings"
    before = note.read_text() if note.exists() else None
    if before == digest.hexdigest():
        return
    if before is not None:
        shutil.rmtree(build / "genhdr", ignore_errors=True)
    build.mkdir(parents=True, exist_ok=True)
    note.write_text(digest.hexdigest())


def _settings_files(ports: Path) -> Iterator[Path]:
    """What says which parts of MicroPython a port has."""
    for pattern in ("mpconfig*.h", "*.mk", "Makefile"):
        yield from sorted(ports.glob(f"*/{pattern}"))
        yield from sorted(ports.glob(pattern))

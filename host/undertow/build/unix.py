"""undertow-unix: MicroPython's unix port with our C and our Python in it."""

import os
import shutil
from pathlib import Path

from undertow import paths
from undertow.build import mbedtls, micropython

OBJECTS = paths.UNIX_PROGRAM.parent / "objects"


def build() -> Path:
    """Bring the program up to date; returns it.

    It is there, the old one or the new one, at every moment: tests may run beside a build.
    """
    tree = micropython.tree()
    variables = {
        **micropython.settings(tree, OBJECTS),
        **mbedtls.settings("native", tree),
        "VARIANT_DIR": str(paths.PORTS / "unix"),
    }
    with paths.locked(paths.BUILD / "unix.lock"):
        micropython.make(tree, "ports/unix", variables, "Building undertow-unix")
        _put_in_place(OBJECTS / paths.UNIX_PROGRAM.name)
    return paths.UNIX_PROGRAM


def _put_in_place(made: Path) -> None:
    there = paths.UNIX_PROGRAM
    if not there.exists() or there.stat().st_mtime_ns != made.stat().st_mtime_ns:
        copy = there.with_name(f".{there.name}")
        shutil.copy2(made, copy)
        os.replace(copy, there)

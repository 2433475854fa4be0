"""undertow-unix: MicroPython's unix port with our C and our Python in it."""

from pathlib import Path

from undertow import paths
from undertow.build import micropython


def build() -> Path:
    """Bring the program up to date; returns it."""
    tree = micropython.tree()
    variables = {
        **micropython.settings(tree, paths.UNIX_PROGRAM.parent),
        "VARIANT_DIR": str(paths.PORTS / "unix"),
    }
    with paths.locked(paths.BUILD / "unix.lock"):
        micropython.make(tree, "ports/unix", variables, "Building undertow-unix")
    return paths.UNIX_PROGRAM

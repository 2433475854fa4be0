"""`_wg` for the Python that runs this, built in place beside the host package."""

import sys
from pathlib import Path

from undertow import paths, progress
from undertow.run import run

MODULE = "_wg"


def build() -> Path:
    """Compile what changed; returns the folder that the module is imported from."""
    host = paths.ROOT / "host"
    with paths.locked(paths.BUILD / "cpython.lock"), progress.quiet_step("Building _wg") as step:
        run(
            [
                sys.executable,
                "setup.py",
                "-q",
                "build_ext",
                "--inplace",
                "--build-temp",
                paths.BUILD / "cpython",
            ],
            why="to build the C core as a module of this Python",
            cwd=paths.ROOT,
            on_line=step.detail,
        )
    return host

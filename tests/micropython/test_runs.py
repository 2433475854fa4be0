"""No emulator outlives the run that it is for."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from tests.support.absence import cannot_run

from undertow import paths
from undertow.board.board import firmware_file

BOARD = "virt_rv32"
PATIENCE_S = 20.0

# A process of its own, because it is killed.
RUN = """
import sys, time
from pathlib import Path
from tests.micropython.runs import Run
Run(sys.argv[1], Path(sys.argv[2]))
time.sleep(600)
"""


def emulators(folder: Path) -> list[str]:
    """Process ids of the emulators whose run has its results there."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            words = (process / "cmdline").read_bytes().split(b"\0")
            said = (process / "environ").read_bytes()
            if b"qemu-system" in words[0] and f"RUN_OF={folder}".encode() in said:
                found.append(process.name)
    return found


def wait_for(folder: Path, there: bool) -> list[str]:
    end = time.monotonic() + PATIENCE_S
    while bool(found := emulators(folder)) != there and time.monotonic() < end:
        time.sleep(0.05)
    return found


def test_an_emulator_ends_with_its_run_even_when_that_is_killed(tmp_path: Path) -> None:
    if not firmware_file(BOARD, dev=True).exists():
        cannot_run(f"{BOARD}-dev is not built: run ./invoke build --target {BOARD}-dev")
    run = subprocess.Popen(
        [sys.executable, "-c", RUN, BOARD, str(tmp_path)],
        cwd=paths.ROOT,
        env={"PYTHONPATH": ":".join(sys.path), "PATH": "/usr/bin:/bin", "RUN_OF": str(tmp_path)},
    )
    try:
        assert wait_for(tmp_path, there=True)
    finally:
        run.kill()
        run.wait()
    left = wait_for(tmp_path, there=False)
    for process in left:
        os.kill(int(process), signal.SIGKILL)
    assert left == []

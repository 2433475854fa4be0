"""How quickly a board is flashed, beside esptool alone with the same images.

The chip is the simulator of the tests, on a line that is as slow as a real one in both directions.
Both begin with a blank flash and end with all of it written and verified; both are timed from
their start to their end, ours with everything that it looks at before.
"""

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from undertow import paths
from undertow.bench.table import Line, Table
from undertow.flash import built
from undertow.hardware import boards

RUNS = 3
BOARDS = ("olimex_esp32_poe", "esp32_c6_devkitc_1")
BAUD = 460_800
SHARE_MIN = 0.9


def measure(runs: int = RUNS) -> dict[str, dict[str, Any]]:
    """By board: "bytes", and the seconds of "esptool", of "undertow", and of it "again"."""
    return {board: measure_board(board, runs) for board in BOARDS}


def report(measured: Mapping[str, Mapping[str, Any]]) -> Table:
    """A table of what was measured, beside the target."""
    lines = []
    for board, found in measured.items():
        esptool, ours = (statistics.median(found[name]) for name in ("esptool", "undertow"))
        kib = found["bytes"] / 1024
        lines += [
            Line(f"{board}: esptool alone", f"{kib / esptool:.1f} KiB/s", f"{esptool:.1f} s"),
            Line(
                f"{board}: undertow flash",
                f"{kib / ours:.1f} KiB/s",
                f"{esptool / ours:.1%} of it; {ours:.1f} s in {len(found['undertow'])} runs",
                f">= {SHARE_MIN:.0%}",
                esptool / ours >= SHARE_MIN,
            ),
            Line(f"{board}: again, all is there", f"{statistics.median(found['again']):.1f} s"),
        ]
    return Table(f"Flashing a blank board at {BAUD} baud, simulated line", lines)


def measure_board(board: str, runs: int) -> dict[str, Any]:
    """One board's: in turns, so that whatever else this machine does is shared."""
    with tempfile.TemporaryDirectory(prefix="undertow-flash-") as name:
        folder = Path(name)
        _run(["-m", "tests.support.esp_build", board, name])
        parts = built.load(board, folder).parts
        words = []
        for part in parts:
            file = folder / f"{part.name}.part"
            file.write_bytes(part.content)
            words += [hex(part.offset), str(file)]
        times: dict[str, list[float]] = {"esptool": [], "undertow": [], "again": []}
        for _ in range(runs):
            with _chip(board) as url:
                options = ["--port", url, "--baud", str(BAUD)]
                times["esptool"].append(_run(["-m", "esptool", *options, "write-flash", *words]))
            with _chip(board) as url:
                options = ["--port", url, "--baud", str(BAUD), "--board", board, "--images", name]
                ours = ["-m", "undertow.cli", "flash", *options]
                times["undertow"].append(_run(ours))
                times["again"].append(_run(ours))
    return {"bytes": sum(len(part.content) for part in parts), **times}


@contextmanager
def _chip(board: str) -> Iterator[str]:
    """A chip with a blank flash on a slow line; its URL."""
    chip = boards.load(board)
    words = [chip.soc.esptool, "--slow", "--flash", str(chip.flash_size)]
    with subprocess.Popen(
        [sys.executable, "-m", "tests.support.romloader", *words],
        cwd=paths.ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin is not None and process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.stdin.close()


def _run(words: list[str]) -> float:
    """How many seconds a program of this Python takes."""
    started = time.monotonic()
    subprocess.run([sys.executable, *words], cwd=paths.ROOT, capture_output=True, check=True)
    return time.monotonic() - started

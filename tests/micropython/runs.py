"""Runs of MicroPython's own tests, by its own run-tests.py, inside emulated boards."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

from undertow import paths
from undertow.board import machine
from undertow.board.board import firmware_file
from undertow.run import ending_with_us
from undertow.setup import sources

FOLDERS = ("basics", "micropython")

# A board that hangs is given up; a run takes 40 s on a processor of its own.
PATIENCE_S = 600

_LINE = re.compile(r"^(pass|FAIL|skip) +(\S+\.py)", re.MULTILINE)


def folder() -> Path:
    """The tests in MicroPython's sources."""
    return (sources.ensure().folder / "tests").resolve()


def files() -> list[str]:
    """All tests, as FOLDER/NAME.py."""
    top = folder()
    return [f"{name}/{file.name}" for name in FOLDERS for file in sorted((top / name).glob("*.py"))]


class Run:
    """One board's run of all tests. It begins at once; the first question waits for its end."""

    def __init__(self, board: str, results: Path | None = None) -> None:
        """results: a folder for what is said."""
        self._results = results or paths.BUILD / "tests" / f"micropython-{board}"
        self._results.mkdir(parents=True, exist_ok=True)
        self._said = self._results / "output.txt"
        self._outcomes: dict[str, str] | None = None
        emulator = machine.find(board).command(
            firmware_file(board, dev=True), console="stdio", uplink="user", lan="user"
        )
        # What the emulator itself says would come in between.
        with self._said.open("wb") as said, (self._results / "errors.txt").open("wb") as errors:
            self._process = subprocess.Popen(
                ending_with_us(
                    [
                        *(sys.executable, "-B", "run-tests.py"),
                        # It starts a shell in a session of its own, which becomes the emulator.
                        *("-t", f"exec:exec {shlex.join(ending_with_us(emulator, 'KILL'))}"),
                        *("-r", str(self._results), "-d", *FOLDERS),
                    ]
                ),
                cwd=folder(),
                env={**os.environ, "MICROPY_CPYTHON3": sys.executable},
                stdout=said,
                stderr=errors,
            )

    def outcome(self, file: str) -> str:
        """pass, FAIL or skip; "" when the run ended before this one's turn."""
        if self._outcomes is None:
            self.end(PATIENCE_S)
            self._outcomes = {name: word for word, name in _LINE.findall(self._said.read_text())}
        return self._outcomes.get(file, "")

    def complaint(self, file: str) -> str:
        """What the board said, and what it should have; or how the run ended."""
        stem = self._results / file.replace("/", "_")
        parts = [Path(f"{stem}.{kind}") for kind in ("exp", "out")]
        if all(part.exists() for part in parts):
            return "\n".join(f"{part.suffix}:\n{part.read_text()}" for part in parts)
        last_lines = [
            line
            for name in ("errors.txt", self._said.name)
            for line in (self._results / name).read_text().splitlines()[-10:]
        ]
        return "\n".join(last_lines)

    def end(self, patience_s: float = 0) -> None:
        """Wait so long, then stop what still runs."""
        try:
            self._process.wait(patience_s)
        except subprocess.TimeoutExpired:
            self._process.terminate()
            self._process.wait()

"""A box whose console runs inside undertow-unix, behind a line that can be as bad as one likes."""

import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.host.bad_line import BadLine

from undertow import paths
from undertow.console import Console

START_S = 10.0
SUPPORT = paths.TESTS / "support" / "micropython"
MODULES = f"{paths.FIRMWARE}/lib:{paths.FIRMWARE}:{SUPPORT}:{paths.ROOT}:.frozen"


class Box:
    """The device's side: its process, its flash, its line."""

    def __init__(
        self, folder: Path, line: BadLine, *words: str, program: str = "device_side.py"
    ) -> None:
        """program: beside this file, what the box runs; words: what it is told."""
        self.line = line
        self._words = words
        self._program = Path(__file__).with_name(program)
        self.flash = folder / "flash"
        self.flash.mkdir(exist_ok=True)
        self.log = folder / "box.log"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Give it power and wait for its greeting."""
        greeted = len(self.line.heard_by_laptop)
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [
                    *(paths.UNIX_PROGRAM, "--micropython", self._program),
                    *(str(self.line.box_port), str(self.flash), *self._words),
                ],
                # The firmware of this checkout, not the one that was frozen in some time ago.
                env={**os.environ, "MICROPYPATH": MODULES},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        end = time.monotonic() + START_S
        while b" on unix" not in self.line.heard_by_laptop[greeted:]:
            assert self._process.poll() is None, self.log.read_text()
            assert time.monotonic() < end, self.log.read_text()
            time.sleep(0.01)

    def cut_power(self) -> None:
        """Take its power away."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def console(self, **options: int) -> Console:
        """Open its console, as a laptop does."""
        return Console(self.line.socket_url, **options)


@pytest.fixture
def box(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Box]:
    """A blank box that runs. Its line is good until a test says otherwise."""
    with BadLine(tmp_path, seed=sum(request.node.name.encode())) as line:
        made = Box(tmp_path, line)
        made.start()
        yield made
        made.cut_power()


@pytest.fixture
def wifi_box(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Box]:
    """A blank box whose board has Wi-Fi."""
    with BadLine(tmp_path, seed=sum(request.node.name.encode())) as line:
        made = Box(tmp_path, line, "wifi")
        made.start()
        yield made
        made.cut_power()

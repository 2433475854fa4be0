"""A person at a terminal: a program on a pseudo-terminal, what it shows, and what is typed."""

import os
import pty
import re
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Self

from undertow.run import ending_with_us

PATIENCE_S = 120.0  # an image may have to be built again, on a busy machine
ENDING_S = 5.0
_COLOURS = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


class Terminal:
    """A with block in which a program runs; at its end the program is gone."""

    def __init__(self, argv: Sequence[str], environment: Mapping[str, str] | None = None) -> None:
        """environment: besides that of the tests, which asks for no other colours here."""
        ours, theirs = pty.openpty()
        wanted = {**os.environ, "TERM": "xterm", "PYTHONIOENCODING": "utf-8", "COLUMNS": "120"}
        wanted.pop("NO_COLOR", None)
        # What a task of the tests was told is nothing for the tasks that they start.
        kept = {name: value for name, value in wanted.items() if not name.startswith("INVOKE")}
        self._screen = ours
        self._said = b""
        self._argv = list(argv)
        self._process = subprocess.Popen(
            ending_with_us(self._argv),
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
            env={**kept, **(environment or {})},
        )
        os.close(theirs)
        os.set_blocking(ours, False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is not None:  # pytest shows it with the test that has failed
            print(f"$ {' '.join(self._argv)}\n{self.shown()}", file=sys.stderr)
        if self._process.poll() is None:
            # As with Ctrl-C, so that it takes down what it has started.
            self.interrupt()
            try:
                self._process.wait(ENDING_S)
            except subprocess.TimeoutExpired:
                self._process.kill()
        self._process.wait()
        self.raw()
        os.close(self._screen)
        self._screen = -1

    def raw(self) -> str:
        """All that it has shown, with its colours."""
        try:
            while self._screen >= 0 and (data := os.read(self._screen, 65536)):
                self._said += data
        except OSError:  # nothing now, or its end of the terminal is closed
            pass
        return self._said.decode(errors="replace").replace("\r\n", "\n")

    def shown(self) -> str:
        """All that it has shown, as a person reads it."""
        return _COLOURS.sub("", self.raw())

    def wait_for(self, pattern: str, timeout_s: float = PATIENCE_S) -> re.Match[str]:
        """Wait until this is on the screen. AssertionError: it ends before, or takes too long."""
        end = time.monotonic() + timeout_s
        while True:
            has_ended = self._process.poll() is not None
            if found := re.search(pattern, self.shown()):
                return found
            assert not has_ended, f"it ended and never said {pattern!r}:\n{self.shown()}"
            assert time.monotonic() < end, f"it never said {pattern!r}:\n{self.shown()}"
            time.sleep(0.01)

    def type(self, line: str) -> None:
        """A line and Enter."""
        os.write(self._screen, line.encode() + b"\n")

    def interrupt(self) -> None:
        """Ctrl-C."""
        self._process.send_signal(signal.SIGINT)

    def wait(self, timeout_s: float = PATIENCE_S) -> int:
        """Its exit status, as soon as it has ended."""
        end = time.monotonic() + timeout_s
        while self._process.poll() is None:
            self.raw()  # who is not listened to cannot end
            assert time.monotonic() < end, f"it does not end:\n{self.shown()}"
            time.sleep(0.01)
        self.raw()
        return int(self._process.returncode)

"""The prompt of a development build, as programs use it: MicroPython's raw REPL."""

import contextlib
import socket
import time
from collections.abc import Iterator
from pathlib import Path

from undertow.board.board import Board, Wiring, firmware_file

CTRL_A, CTRL_B, CTRL_C, CTRL_D = b"\x01", b"\x02", b"\x03", b"\x04"

BANNER = b"raw REPL; CTRL-B to exit\r\n>"


class PromptError(Exception):
    """What the board said when it raised an exception, or said nothing more."""


class Prompt:
    """The console of a board that runs a development build, on a unix socket."""

    def __init__(self, path: Path) -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.connect(str(path))
        self._socket.settimeout(0.1)

    def close(self) -> None:
        self._socket.close()

    def enter(self) -> None:
        """Stop the device program, and have what is sent be run."""
        for _ in range(20):
            self.send(CTRL_C + CTRL_C + CTRL_A)
            with contextlib.suppress(PromptError):
                self.read_until(BANNER, 1.0)
                return
        raise PromptError("no prompt")

    def run(self, code: str, timeout_s: float = 10.0) -> str:
        """What the code prints. PromptError: it raised an exception."""
        self.start(code)
        self.read_until(b"OK", timeout_s)
        printed = self.read_until(CTRL_D, timeout_s)
        raised = self.read_until(CTRL_D + b">", timeout_s)
        if raised:
            raise PromptError(raised.decode())
        return printed.decode().replace("\r\n", "\n")

    def start(self, code: str) -> None:
        """Run code that does not come back."""
        self.send(code.encode() + CTRL_D)

    def send(self, data: bytes) -> None:
        self._socket.sendall(data)

    def read_until(self, end: bytes, timeout_s: float) -> bytes:
        """What comes before `end`, which is taken too. PromptError: it does not come."""
        said = b""
        until = time.monotonic() + timeout_s
        while not said.endswith(end):
            if time.monotonic() > until:
                raise PromptError(f"waited for {end!r}, got {said!r}")
            # Byte by byte: what comes after `end` is for the next one.
            with contextlib.suppress(TimeoutError):
                part = self._socket.recv(1)
                if not part:
                    raise PromptError(f"the board is gone; it said {said!r}")
                said += part
        return said[: -len(end)]


@contextlib.contextmanager
def fresh(name: str, folder: Path) -> Iterator[Prompt]:
    """The prompt of a board that runs nothing, and has all of its heap; ends with the block.

    It needs the board's development build. folder: for its console and logs.
    """
    console = folder / "console"
    firmware = firmware_file(name, dev=True)
    wiring = Wiring(console=f"unix:{console}")
    with Board(name, folder, firmware=firmware, wiring=wiring):
        prompt = Prompt(console)
        try:
            prompt.enter()
            # What the device program has made goes.
            prompt.send(CTRL_D)
            prompt.read_until(BANNER, 10.0)
            yield prompt
        finally:
            prompt.close()

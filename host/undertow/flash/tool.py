"""esptool as a program of its own: how it is called, and what is read from what it says.

Little is read: the chip's kind, its address, the size of its flash, which pieces matched, and the
per cent of progress. Everything else is told by its exit status and failure.of_esptool().
"""

import contextlib
import os
import queue
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from undertow.errors import UndertowError
from undertow.flash import failure

_FIRST_BAUD = 115_200
# A serial port has four ways to reset a chip, which esptool tries one after the other.
_ATTEMPTS = 4
_ATTEMPTS_WITHOUT_RESET = 2
# esptool has no limit of its own in some places; MD5 of a whole slot takes seconds.
PATIENCE_S = 45.0
ERASE_PATIENCE_S = 180.0

_PERCENT = re.compile(r"(\d{1,3}\.\d)%")
_SIZE = re.compile(r"^Auto-detected flash size: (\d+)(KB|MB)", re.MULTILINE)
_CHIP = re.compile(r"^Connected to (\S+) on", re.MULTILINE)
_MAC = re.compile(r"^(?:BASE )?MAC:\s+((?:[0-9a-f]{2}:){5}[0-9a-f]{2})\s*$", re.MULTILINE)
_RESULT = re.compile(r"^Verification (successful|failed) \(", re.MULTILINE)


@dataclass(frozen=True)
class Piece:
    """A file and where it is, or goes, in the flash."""

    offset: int
    file: Path

    @property
    def end(self) -> int:
        return self.offset + self.file.stat().st_size


@dataclass(frozen=True)
class Inspection:
    """What is there. chip: as esptool names it. flash_size: bytes. matches: of each piece."""

    chip: str
    mac: str
    flash_size: int
    matches: tuple[bool, ...]


class Tool:
    """esptool for one port. Every method raises an UndertowError in words."""

    def __init__(self, port: str, baud: int, patience_s: float = PATIENCE_S) -> None:
        self.port = port
        self._baud = baud
        self._patience_s = patience_s
        self._can_reset = not port.startswith("socket:")

    def inspect(self, pieces: Sequence[Piece]) -> Inspection:
        """Who is there, and which of the pieces its flash holds. Writes nothing.

        The chip stays in esptool's helper, ready for write(); or for restart(). Where its flash is
        smaller than the pieces need, there are fewer matches than pieces.
        """
        after = ("--after", "no-reset-stub")
        words = ["verify-flash", "--flash-size", "detect", *_words(pieces)]
        status, said = self._run([*self._how("default-reset"), *after, *words])
        chip, mac, size = _CHIP.search(said), _MAC.search(said), _SIZE.search(said)
        if chip is None or size is None:
            raise failure.of_esptool(self.port, said)
        matches = tuple(found == "successful" for found in _RESULT.findall(said))
        flash_size = int(size[1]) * (1 << 20 if size[2] == "MB" else 1 << 10)
        is_inside = all(piece.end <= flash_size for piece in pieces)
        if status and len(matches) < len(pieces) and is_inside:
            raise failure.of_esptool(self.port, said)
        return Inspection(chip[1], mac[1] if mac else "", flash_size, matches)

    def read(self, offset: int, size: int, file: Path) -> None:
        """A piece of the flash into a file; the chip stays in the helper."""
        words = ["read-flash", "--no-progress", hex(offset), hex(size), str(file)]
        self._finish(["--after", "no-reset-stub"], words)

    def write(
        self,
        chip: str,
        pieces: Sequence[Piece],
        is_whole: bool,
        on_progress: Callable[[int, float], None],
    ) -> None:
        """Write pieces, verify each, and start the chip.

        is_whole: erase everything first. on_progress: called with the number of the piece and how
        much of it is written, 0 to 1.
        """
        words = ["write-flash", *(("--erase-all",) if is_whole else ()), *_words(pieces)]
        watch = _Progress(on_progress)
        patience_s = ERASE_PATIENCE_S if is_whole else self._patience_s
        options = ["--chip", chip.lower().replace("-", ""), "--baud", str(self._baud)]
        self._finish(options, words, patience_s, watch.feed)

    def restart(self) -> None:
        """Have the chip start its program, if this port can do that; nothing is written."""
        if self._can_reset:
            with contextlib.suppress(UndertowError):
                self._finish(["--no-stub"], ["read-mac"])

    def _finish(
        self,
        options: Sequence[str],
        words: Sequence[str],
        patience_s: float | None = None,
        on_text: Callable[[str], None] | None = None,
    ) -> None:
        """Go on with the helper that runs since inspect(); where it is gone, with a new one."""
        patience_s = patience_s or self._patience_s
        for before in ("no-reset", "default-reset") if self._can_reset else ("no-reset",):
            command = [*self._how(before), *options, *words]
            status, said = self._run(command, patience_s, on_text)
            if status == 0:
                return
            if not failure.is_no_answer(said):
                break
        raise failure.of_esptool(self.port, said)

    def _how(self, before: str) -> list[str]:
        attempts = _ATTEMPTS if before == "default-reset" else _ATTEMPTS_WITHOUT_RESET
        if not self._can_reset:
            before, attempts = "no-reset", _ATTEMPTS_WITHOUT_RESET
        return ["--before", before, "--connect-attempts", str(attempts)]

    def _run(
        self,
        words: Sequence[str],
        patience_s: float | None = None,
        on_text: Callable[[str], None] | None = None,
    ) -> tuple[int, str]:
        """Its exit status and all that it said. UndertowError: it says nothing any more."""
        patience_s = patience_s or self._patience_s
        # --baud only where much is sent: a chip that stays in the helper keeps the rate.
        command = [sys.executable, "-m", "esptool", "--port", self.port, *words]
        with subprocess.Popen(
            command,
            env=_environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        ) as process:
            said = ""
            try:
                for text in _texts(process, patience_s):
                    said += text
                    if on_text:
                        on_text(text)
            except queue.Empty:
                raise failure.stuck(self.port, patience_s) from None
            finally:
                if process.poll() is None:
                    process.kill()
            return process.wait(), said


class _Progress:
    """From what esptool prints to how much of which piece is written."""

    def __init__(self, on_progress: Callable[[int, float], None]) -> None:
        self._on_progress = on_progress
        self._unread = ""
        self._piece = 0

    def feed(self, text: str) -> None:
        *lines, self._unread = (self._unread + text).split("\n")
        for line in lines:
            if found := _PERCENT.search(line):
                self._on_progress(self._piece, float(found[1]) / 100)
            elif line.startswith("Hash of data verified"):
                self._piece += 1


def _words(pieces: Sequence[Piece]) -> list[str]:
    return [word for piece in pieces for word in (hex(piece.offset), str(piece.file))]


def _environment() -> dict[str, str]:
    """Ours, without what would change esptool's defaults; its file of settings may be needed, for
    a board that is reset in a way of its own."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("ESPTOOL_") or name == "ESPTOOL_CFGFILE"
    }
    return {**kept, "NO_COLOR": "1", "COLUMNS": "200", "PYTHONUNBUFFERED": "1", "TERM": "dumb"}


def _texts(process: subprocess.Popen[bytes], patience_s: float) -> Iterator[str]:
    """What a process says, as it comes, until it ends. queue.Empty: nothing for patience_s."""
    came: queue.Queue[bytes] = queue.Queue()

    def read() -> None:
        assert process.stdout is not None
        with contextlib.suppress(OSError, ValueError):  # closed, because nobody listens any more
            while data := os.read(process.stdout.fileno(), 65_536):
                came.put(data)
        came.put(b"")

    threading.Thread(target=read, name="esptool's words", daemon=True).start()
    while data := came.get(timeout=patience_s):
        yield data.decode(errors="replace").replace("\r\n", "\n")

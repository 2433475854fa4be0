"""One emulated board while it runs: its process, its console, its flash, its cables."""

import itertools
import shutil
import signal
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from undertow import paths
from undertow.board import flash as flash_files
from undertow.board import machine
from undertow.board.monitor import Monitor
from undertow.errors import UndertowError
from undertow.lab.errors import LabError
from undertow.lab.process import Process


def firmware_file(name: str, dev: bool = False) -> Path:
    """Where the firmware of a board is built."""
    return paths.BUILD / (f"{name}-dev" if dev else name) / "firmware.elf"


@dataclass(frozen=True)
class Wiring:
    """What a board is plugged into. None: nothing.

    console: unix:PATH or tcp:PORT; without one, a free TCP port is taken.
    uplink, lan: tap:NAME (one that exists), dgram:PATH (the switch has PATH) or user.
    """

    console: str | None = None
    uplink: str | None = None
    lan: str | None = None


class Board:
    """A with block in which a board runs. It may lose its power and get it back in between.

    UndertowError: there is no such board, no QEMU, no firmware. LabError: QEMU did not start.
    """

    def __init__(
        self,
        name: str,
        folder: Path,
        *,
        firmware: Path | None = None,
        flash: Path | None = None,
        wiring: Wiring | None = None,
        prefix: Sequence[str] = (),
        options: Sequence[str] = (),
        environment: Mapping[str, str] | None = None,
        has_entropy: bool = True,
    ) -> None:
        """Nothing runs before the block, or start().

        folder: for the logs, and for a fresh flash when none is named.
        firmware: the release image when none is named.
        prefix: a command that runs QEMU, such as `ip netns exec NAME`.
        options: more of QEMU's.
        has_entropy: without it the machine has no source of keys.
        """
        self.name = name
        self.machine = machine.find(name)
        self.firmware = firmware or firmware_file(name)
        self.flash = flash or folder / f"{name}.flash"
        self.folder = folder
        self._wiring = wiring or Wiring()
        self.console = self._wiring.console or f"tcp:{free_port()}"
        self._prefix = tuple(prefix)
        self.options = tuple(options)  # from the next start on
        self._environment = dict(environment or {})
        self._has_entropy = has_entropy
        self.monitor = Monitor(folder / f"{name}.qmp")
        self._starts = itertools.count()
        self._process: Process | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def process(self) -> Process:
        """QEMU, while the board has power."""
        if self._process is None:
            raise LabError(f"the board {self.name}", "it was not started")
        return self._process

    @property
    def console_url(self) -> str:
        """Where the console is, for pyserial: socket://127.0.0.1:PORT; or unix:PATH."""
        kind, _, where = self.console.partition(":")
        return f"socket://127.0.0.1:{where}" if kind == "tcp" else self.console

    @property
    def console_log(self) -> Path:
        """The file that gets everything that the console says, whoever else listens."""
        return self.folder / f"{self.name}.console"

    def start(self) -> None:
        """Give it power; returns when its console can be reached. A missing flash is made blank."""
        if self.running():
            raise LabError(f"the board {self.name}", "it runs already")
        self._require()
        if not self.flash.exists():
            flash_files.plan(self.flash).carry_out()
        argv = self.machine.command(
            self.firmware,
            console=self.console,
            uplink=self._wiring.uplink,
            lan=self._wiring.lan,
            flash=self.flash,
            console_log=self.console_log,
            has_entropy=self._has_entropy,
        )
        argv += [*self.monitor.options(), *self.options]
        log = self.folder / f"{self.name}.qemu.{next(self._starts)}.log"
        self._process = Process(argv, log, self._prefix, self._environment)
        if not self.monitor.open(self.running):
            said = self._process.tail()
            self.stop()
            raise LabError(f"the board {self.name} does not start", f"QEMU said: {said}")

    def _require(self) -> None:
        program = self.machine.program
        if shutil.which(program) is None:
            raise UndertowError(
                f"{program} is not there", f"It emulates {self.name}.", "Run ./invoke setup."
            )
        if not self.firmware.exists():
            raise UndertowError(
                f"{self.firmware} is not there",
                f"It is what {self.name} runs.",
                f"Run: ./invoke build --target {self.name}",
            )

    def running(self) -> bool:
        """Whether it has power."""
        return self._process is not None and self._process.running()

    def kill(self) -> None:
        """Cut its power, in the middle of whatever it does."""
        self.monitor.close()
        if self._process is not None:
            self._process.kill()

    def stop(self) -> None:
        """Take it down: QEMU ends in order, so that its sockets are gone."""
        self.monitor.close()
        if self._process is not None:
            self._process.stop()

    def restart(self) -> None:
        """Cut its power and give it back."""
        self.kill()
        self.start()

    def set_link(self, role: str, up: bool) -> None:
        """Pull the cable out of "uplink" or "lan", so that the board notices, or put it in."""
        self.monitor.command("set_link", name=role, up=up)

    def freeze(self) -> None:
        """Have it do nothing at all, as if the world went on without it, until thaw()."""
        self.process.signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Go on."""
        self.process.signal(signal.SIGCONT)

    def said(self) -> str:
        """All that its console has said since it got power."""
        if not self.console_log.exists():
            return ""
        return self.console_log.read_text(errors="replace")


def free_port() -> int:
    """A TCP port of 127.0.0.1 that nobody has just now."""
    with socket.socket() as asker:
        asker.bind(("127.0.0.1", 0))
        return int(asker.getsockname()[1])

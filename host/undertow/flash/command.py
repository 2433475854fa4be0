"""`undertow flash` for a real board: from images and a port to a board that starts them."""

import json as json_text
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from undertow import progress
from undertow.errors import EXIT_INTERRUPTED, EXIT_USAGE, UndertowError
from undertow.flash import built, failure, plan, ports, release, report
from undertow.flash.firmware import Firmware
from undertow.flash.plan import Plan
from undertow.flash.tool import PATIENCE_S, Inspection, Tool

BAUD = 460_800
_BAUDS = range(9_600, 4_000_001)


@dataclass(frozen=True)
class Wanted:
    """What was asked for.

    board: its name; may be empty with a release. images: a folder instead of build/BOARD.
    release: a file. trust: a public key instead of the pinned ones. files: a folder for the file
    system. baud: 0: what the board's line can do. patience_s: how long the chip may be silent.
    """

    board: str = ""
    port: str = ""
    images: str = ""
    release: str = ""
    trust: str = ""
    files: str = ""
    baud: int = 0
    erase: bool = False
    dry_run: bool = False
    json: bool = False
    patience_s: float = PATIENCE_S


def main(wanted: Wanted) -> None:
    """Do it, or with dry_run show the map. UndertowError: it did not work."""
    firmware = _firmware(wanted)
    if wanted.dry_run and not wanted.port:
        _tell(wanted, firmware, None, None, "")
        return
    port = ports.choose(wanted.port)
    ports.check(port)
    tool = Tool(port, _baud(wanted, firmware), wanted.patience_s)
    with plan.Pieces() as pieces:
        try:
            _flash(wanted, firmware, tool, pieces)
        except KeyboardInterrupt:
            progress.say(failure.interrupted(port))
            raise UndertowError(
                f"Flashing at {port} was interrupted",
                "Ctrl-C was pressed.",
                failure.interrupted(port),
                EXIT_INTERRUPTED,
            ) from None


def _flash(wanted: Wanted, firmware: Firmware, tool: Tool, pieces: plan.Pieces) -> None:
    try:
        with progress.quiet_step(f"Asking the chip at {tool.port} what is on it"):
            found = plan.look(tool, firmware, pieces)
            made = plan.decide(tool, firmware, found, pieces, wanted.erase)
    except UndertowError as error:
        if error.what.startswith(_ANSWERED):
            tool.restart()  # it goes on with what it had
        raise
    _warn(made)
    to_write = made.to_write(firmware)
    if wanted.dry_run or not to_write:
        tool.restart()
        _tell(wanted, firmware, made, found.inspection, tool.port)
        return
    names = [part.name for part in to_write]
    sizes = [len(part.content) for part in to_write]
    started = time.monotonic()
    with progress.step(f"Writing {', '.join(names)}") as step:
        tool.write(
            found.inspection.chip,
            [pieces.make(part.offset, part.content) for part in to_write],
            made.is_whole,
            _shown(step, names, sizes),
        )
    seconds = time.monotonic() - started
    progress.say(f"{sum(sizes)} bytes in {seconds:.1f} s: {_rate(sum(sizes), seconds)}.")
    _tell(wanted, firmware, made, found.inspection, tool.port)


# The beginnings of the messages after which the chip waits in esptool's helper.
_ANSWERED = ("The chip at", "The flash at")


def _firmware(wanted: Wanted) -> Firmware:
    if not wanted.release:
        where = Path(wanted.images) if wanted.images else None
        files = _folder(wanted.files) if wanted.files else None
        return built.load(wanted.board, where, files)
    if wanted.images or wanted.files:
        raise UndertowError(
            "A release is flashed as it is",
            "What --images or --files would add was not signed.",
            "Leave them out, or leave out --release.",
            EXIT_USAGE,
        )
    return release.load(Path(wanted.release), wanted.board, wanted.trust)


def _folder(name: str) -> Path:
    if not Path(name).is_dir():
        raise UndertowError(
            f"{name} is not a folder",
            "The files in it would go into the box's file system.",
            "Name a folder by --files.",
            EXIT_USAGE,
        )
    return Path(name)


def _baud(wanted: Wanted, firmware: Firmware) -> int:
    if wanted.baud:
        if wanted.baud not in _BAUDS:
            raise UndertowError(
                f"{wanted.baud} is no rate of a serial line",
                f"Rates are from {_BAUDS.start} to {_BAUDS.stop - 1} baud.",
                "Leave --baud out, or give one such as 115200 or 921600.",
                EXIT_USAGE,
            )
        return wanted.baud
    board = firmware.board
    rates = [port.flash_baud for port in board.usb]
    rates += [board.uart.flash_baud] if board.uart else []
    return min(rates, default=BAUD)


def _warn(made: Plan) -> None:
    if made.loses:
        progress.say(f"--erase takes {' and '.join(made.loses)}.")
        if any("key" in lost for lost in made.loses):
            progress.say("The box will make another key, and its gateway has to be told that one.")
    elif made.is_whole:
        progress.say("--erase: nothing on this flash was a box's own.")


def _shown(step: progress.Step, names: list[str], sizes: list[int]) -> Callable[[int, float], None]:
    """Progress over all parts, by their bytes."""

    def show(number: int, fraction: float) -> None:
        if number < len(names):
            step.detail(names[number])
            step.fraction((sum(sizes[:number]) + fraction * sizes[number]) / sum(sizes))

    return show


def _rate(size: int, seconds: float) -> str:
    return f"{size / 1024 / max(seconds, 0.001):.0f} KiB/s"


def _tell(
    wanted: Wanted,
    firmware: Firmware,
    made: Plan | None,
    found: Inspection | None,
    port: str,
) -> None:
    is_done = not wanted.dry_run
    if wanted.json:
        print(json_text.dumps(report.as_object(firmware, made, found, port, is_done), indent=2))
        return
    print(report.flash_map(firmware, made.steps if made else None, is_done))
    if found:
        size = f"{found.flash_size >> 20} MiB of flash"
        print(f"At {port}: {found.chip}, {found.mac}, {size}.")
    if made and made.keeps:
        print(f"Kept: {' and '.join(made.keeps)}.")
    if is_done and port.startswith("socket:"):
        print("It was not restarted, which cannot be done over this port: press its RESET button.")

"""One `flash` for all boards: emulated ones have a file, real ones a port."""

import contextlib

from undertow.errors import EXIT_USAGE, UndertowError
from undertow.flash import command
from undertow.flash.command import Wanted
from undertow.hardware import boards


def main(wanted: Wanted, flash_file: str = "") -> None:
    """Flash a board. flash_file: of an emulated one. UndertowError: it did not work."""
    if wanted.board in boards.names() or (wanted.release and not wanted.board):
        command.main(wanted)
    elif boards.is_emulated(wanted.board) and not wanted.release:
        _emulated(wanted, flash_file)
    else:
        raise _unknown(wanted)


def _emulated(wanted: Wanted, flash_file: str) -> None:
    from undertow import setup

    setup.require_checkout(f"The emulated board {wanted.board}")
    from undertow.board import flashing

    named = {"--port": wanted.port, "--images": wanted.images, "--files": wanted.files}
    for flag, value in named.items():
        if value:
            raise UndertowError(
                f"{flag} is not for {wanted.board}",
                "An emulated board has a file instead of a port, and its firmware is built.",
                f"Leave {flag} out, or name a real board by --board.",
                EXIT_USAGE,
            )
    if not wanted.dry_run:
        setup.packages.ensure("build", "boards")
    flashing.main(
        wanted.board,
        flash_file,
        erase=wanted.erase,
        dry_run=wanted.dry_run,
        json=wanted.json,
    )


def _unknown(wanted: Wanted) -> UndertowError:
    known = ", ".join(boards.names())
    if not wanted.board:
        return UndertowError(
            "The board is not named",
            "Images are made for one board.",
            f"Name it by --board ({known}), or give --release FILE.",
            EXIT_USAGE,
        )
    emulated = ""
    with contextlib.suppress(ImportError):  # there is no emulation on Windows
        from undertow.board import machine

        emulated = f" The emulated boards are: {', '.join(machine.names())}."
    return UndertowError(
        f"There is no board '{wanted.board}'",
        "A board is named by its file in hardware/boards, or by its folder in firmware/ports.",
        f"The boards are: {known}.{emulated}",
        EXIT_USAGE,
    )

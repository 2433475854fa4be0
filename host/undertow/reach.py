"""The box that a command is about: one on a cable, or an emulated board that is started for it."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from undertow.errors import UndertowError


def running(console_url: str) -> str:
    """The URL of a box that runs: the one that is named, else the port that looks like a board's.

    UndertowError: there is none.
    """
    if console_url:
        return console_url
    from undertow.flash import ports

    try:
        return ports.choose("")
    except UndertowError as error:
        error.mend += " A board of ./invoke run has the --console that it was given."
        raise


@contextmanager
def reach(console_url: str, board: str = "", flash_file: str = "") -> Iterator[str]:
    """The URL of a box's console.

    console_url: a box that runs. board: if no console is named, an emulated board, with flash_file
    as its flash or its default one; it is stopped again afterwards. Otherwise the port that looks
    like a board's.
    UndertowError: there is none, or the board cannot be started.
    """
    if console_url:
        yield console_url
        return
    from undertow.hardware import boards

    if not boards.is_emulated(board):
        yield running("")
        return
    # Only here: who has a box on a cable may have none of what emulation needs, nor Linux.
    from undertow import build, setup

    setup.require_checkout(f"The emulated board {board}")
    from undertow.board import Board, Wiring, flash
    from undertow.lab import signals

    file = Path(flash_file) if flash_file else flash.default_file(board)
    planned = flash.plan(file)  # before minutes are spent on building
    build.build(board)
    planned.carry_out()
    # A socket in a folder of ours alone: nobody else on this machine can listen in.
    with tempfile.TemporaryDirectory(prefix="undertow-") as folder, signals.ending_by_exit():
        wiring = Wiring(console=f"unix:{folder}/console")
        with Board(board, Path(folder), flash=file, wiring=wiring) as machine:
            yield machine.console_url

"""What `./invoke build --board NAME` leaves: bootloader, partition table and program."""

from pathlib import Path

from undertow import paths, setup
from undertow.errors import EXIT_FLASH, EXIT_USAGE, UndertowError
from undertow.flash import filesystem
from undertow.flash.firmware import (
    BOOTLOADER,
    FILES,
    PROGRAM,
    TABLE,
    Firmware,
    assemble,
    place,
)
from undertow.hardware import boards

FILE_NAMES = {BOOTLOADER: "bootloader.bin", TABLE: "partitions.bin", PROGRAM: "app.bin"}


def folder(board: str) -> Path:
    """Where the build of a board is."""
    return paths.BUILD / board


def load(board: str, where: Path | None = None, files: Path | None = None) -> Firmware:
    """The images of a board, checked.

    where: another folder than the build's. files: a folder whose files go into the file system.
    """
    described = boards.load(board)
    where = where or folder(board)
    missing = [name for name in FILE_NAMES.values() if not (where / name).is_file()]
    if missing and where == folder(board) and not setup.is_checkout():
        raise UndertowError(
            "It is not said what to flash",
            "Only the program undertow is installed here, without the sources to build from.",
            "Take a release by --release FILE, or name a folder with a build by --images.",
            EXIT_USAGE,
        )
    if missing:
        raise UndertowError(
            f"There is no build of {board} in {where}",
            f"It has no {', no '.join(missing)}.",
            f"Run ./invoke build --board {board}, or take a release by --release FILE.",
            EXIT_FLASH,
        )
    contents = {part: (where / name).read_bytes() for part, name in FILE_NAMES.items()}
    contents[FILES] = filesystem.make(place(described, FILES)[1], files)
    return assemble(described, contents, str(where))

"""All that goes into a board's flash, and the checks that it belongs there."""

import hashlib
from dataclasses import dataclass

from undertow.errors import EXIT_FLASH, UndertowError
from undertow.flash import image
from undertow.hardware import partitions
from undertow.hardware.boards import Board
from undertow.hardware.partitions import Partition

SECTOR = partitions.SECTOR

BOOTLOADER, TABLE, CHOICE, PROGRAM, FILES = "bootloader", "partitions", "otadata", "app", "files"
# In the order of a flash; what a release or a build has to bring.
NAMES = (BOOTLOADER, TABLE, CHOICE, PROGRAM, FILES)
NEEDED = (BOOTLOADER, TABLE, PROGRAM)

IN_WORDS = {
    BOOTLOADER: "the bootloader",
    TABLE: "the partition table",
    CHOICE: "the choice between the programs",
    PROGRAM: "the program",
    FILES: "the file system",
}


@dataclass(frozen=True)
class Part:
    """One piece, named as in NAMES. offset: bytes from the start of the flash."""

    name: str
    offset: int
    content: bytes

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()

    @property
    def end(self) -> int:
        return self.offset + len(self.content)


@dataclass(frozen=True)
class Firmware:
    """What is written, and for which board. source: where it comes from, for people."""

    board: Board
    rows: tuple[Partition, ...]
    parts: tuple[Part, ...]
    version: str
    source: str

    def part(self, name: str) -> Part:
        return next(part for part in self.parts if part.name == name)

    def row(self, name: str) -> Partition:
        return partitions.find(self.rows, name)


def place(board: Board, name: str) -> tuple[int, int]:
    """Where a part goes, and how much room it has there: offset and bytes."""
    rows = partitions.table(board)
    if name == BOOTLOADER:
        offset = board.soc.bootloader_offset
        return offset, partitions.TABLE_OFFSET - offset
    if name == TABLE:
        return partitions.TABLE_OFFSET, SECTOR
    row = partitions.find(rows, {CHOICE: "otadata", PROGRAM: "ota_0", FILES: "vfs"}[name])
    return row.offset, row.size


def assemble(board: Board, contents: dict[str, bytes], source: str, version: str = "") -> Firmware:
    """Put the parts where they belong, after every check that needs no chip.

    contents: by name; NEEDED must be there, the rest of NAMES may be. UndertowError: one of them
    is not for this board, is damaged, or too large.
    """
    rows = partitions.table(board)
    contents = {CHOICE: b"\xff" * partitions.find(rows, "otadata").size, **contents}
    parts = []
    for name in NAMES:
        if name not in contents:
            continue
        offset, room = place(board, name)
        content = contents[name]
        _check_size(board, name, content, room)
        parts.append(Part(name, offset, content))
    for name in (BOOTLOADER, PROGRAM):
        found = _check_image(board, name, contents[name], source)
        version = version or found.version
    _check_table(board, contents[TABLE], source)
    return Firmware(board, rows, tuple(parts), version or "unknown", source)


def _check_size(board: Board, name: str, content: bytes, room: int) -> None:
    if not content:
        raise UndertowError(
            f"{IN_WORDS[name].capitalize()} is empty",
            "A box would not start with it.",
            "Build it anew, or fetch the release again.",
            EXIT_FLASH,
        )
    if len(content) > room:
        raise UndertowError(
            f"{IN_WORDS[name].capitalize()} is too large for {board.name}",
            f"It has {len(content)} bytes, and its place in the flash has {room}.",
            "Build it smaller, or for a board with more flash.",
            EXIT_FLASH,
        )


def _check_image(board: Board, name: str, content: bytes, source: str) -> image.Image:
    try:
        found = image.read(content)
    except image.ImageError as error:
        raise UndertowError(
            f"{IN_WORDS[name].capitalize()} of {source} {error}",
            "The chip would not start it.",
            "Build it anew, or fetch the release again.",
            EXIT_FLASH,
        ) from None
    if found.chip_id != board.soc.chip_id:
        raise UndertowError(
            f"{IN_WORDS[name].capitalize()} of {source} is not for {board.name}",
            f"It is for {chip_title(found.chip_id)}, and this board has an {board.soc.title}.",
            "Take the build or the release of this board, or name the right one by --board.",
            EXIT_FLASH,
        )
    return found


def _check_table(board: Board, content: bytes, source: str) -> None:
    """It is the board's; that of a build for encryption has the same places and one mark more."""
    tables = [partitions.table(board, encrypted) for encrypted in (False, True)]
    wanted = [partitions.binary(rows).rstrip(b"\xff") for rows in tables]
    if content.rstrip(b"\xff") not in wanted:
        raise UndertowError(
            f"The partition table of {source} is not that of {board.name}",
            "With another table the parts would land in each other's places.",
            "Build it anew with this checkout, or take this release's own version of undertow.",
            EXIT_FLASH,
        )


def chip_title(chip_id: int) -> str:
    """A chip's name by its number."""
    from undertow.hardware import socs

    for name in socs.names():
        if socs.load(name).chip_id == chip_id:
            return f"an {socs.load(name).title}"
    return f"another chip (number {chip_id})"

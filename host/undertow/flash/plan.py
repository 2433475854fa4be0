"""What there is to do to a flash, decided from what is on it.

What is there already is skipped. The box's keys and settings (nvs) are never touched, and a file
system that is in use neither, unless the whole flash is to be erased.
"""

import tempfile
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from undertow.flash import failure, image
from undertow.flash.firmware import BOOTLOADER, FILES, TABLE, Firmware, Part
from undertow.flash.tool import Inspection, Piece, Tool

_PAGE = 256  # what a flash chip writes at once: half of it may be lost with the power
# Partitions that are looked at for data that nobody can make again.
_PRECIOUS = ("nvs", "nvs_keys")


class Step(Enum):
    """What there is to do to a part."""

    WRITE = "write"
    SKIP = "skip"  # it is there already
    KEEP = "keep"  # the box has written to it


@dataclass(frozen=True)
class Plan:
    """steps: of each part of the firmware. loses: what erasing takes, in words; empty: nothing."""

    steps: dict[str, Step]
    is_whole: bool
    loses: tuple[str, ...]
    keeps: tuple[str, ...]

    def to_write(self, firmware: Firmware) -> list[Part]:
        return [part for part in firmware.parts if self.steps[part.name] is Step.WRITE]


class Pieces:
    """Files in a folder of ours, as esptool takes them; a with block removes them."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="undertow-")
        self._count = 0

    def __enter__(self) -> "Pieces":
        return self

    def __exit__(self, *_: object) -> None:
        self._folder.cleanup()

    def make(self, offset: int, content: bytes) -> Piece:
        file = self.file()
        file.write_bytes(content)
        return Piece(offset, file)

    def blank(self, offset: int, size: int) -> Piece:
        """A piece that matches where nothing was ever written."""
        return self.make(offset, b"\xff" * size)

    def file(self) -> Path:
        """A name for one that esptool writes."""
        self._count += 1
        return Path(self._folder.name) / f"{self._count}.bin"


@dataclass(frozen=True)
class Found:
    """What is on a flash. holds: whether it has each part, byte for byte. blank: by the names of
    regions that nothing was ever written to."""

    inspection: Inspection
    holds: dict[str, bool]
    blank: dict[str, bool]

    @property
    def files_are_blank(self) -> bool:
        return self.blank["vfs head"] and self.blank["vfs"]


def look(tool: Tool, firmware: Firmware, pieces: Pieces) -> Found:
    """Ask the chip for all that a plan needs, at once. UndertowError: it is another chip."""
    parts = [part for part in firmware.parts if part.name != FILES]
    files = firmware.part(FILES)
    rest = firmware.row("vfs").end - files.end
    asked = [_comparable(part, pieces) for part in parts]
    regions = {name: firmware.row(name) for name in _PRECIOUS}
    asked += [pieces.blank(row.offset, row.size) for row in regions.values()]
    asked.append(pieces.blank(files.offset, len(files.content)))
    if rest:
        asked.append(pieces.blank(files.end, rest))
    inspection = tool.inspect(asked)
    _require_fit(tool.port, firmware, inspection)
    answers = [*inspection.matches, *([] if rest else [True])]
    names = [part.name for part in parts]
    holds = dict(zip(names, answers[: len(names)], strict=True))
    others = answers[len(names) :]
    blank = dict(zip([*_PRECIOUS, "vfs head", "vfs"], others, strict=True))
    return Found(inspection, holds, blank)


def _comparable(part: Part, pieces: Pieces) -> Piece:
    """A part as it is looked for. Asked for the flash's size, esptool puts it into a bootloader's
    first four bytes before it compares; the digest at the end says as much about them."""
    skipped = 4 if part.name == BOOTLOADER and image.read(part.content).has_digest else 0
    return pieces.make(part.offset + skipped, part.content[skipped:])


def _require_fit(port: str, firmware: Firmware, found: Inspection) -> None:
    board, soc = firmware.board, firmware.board.soc
    if found.chip.lower().replace("-", "") != soc.esptool:
        raise failure.wrong_chip(port, found.chip, board.name, soc.title)
    needed = max(row.end for row in firmware.rows)
    if found.flash_size < needed:
        raise failure.small_flash(port, found.flash_size, board.name, needed)


def decide(tool: Tool, firmware: Firmware, found: Found, pieces: Pieces, erase: bool) -> Plan:
    """What to do. UndertowError: something foreign is where a box's keys and files go."""
    full = [name for name in _PRECIOUS if not found.blank[name]]
    has_files = not found.files_are_blank
    if erase and (full or has_files or not all(found.holds.values())):
        loses = [*(["the box's private key and settings"] if "nvs" in full else [])]
        loses += ["the keys that encrypt its settings"] if "nvs_keys" in full else []
        loses += ["its files"] if has_files else []
        return Plan({part.name: Step.WRITE for part in firmware.parts}, True, tuple(loses), ())
    steps = {name: Step.SKIP if there else Step.WRITE for name, there in found.holds.items()}
    steps[FILES] = Step.WRITE
    if has_files:
        steps[FILES] = _files_step(tool, firmware, found, pieces)
    if not found.holds[TABLE] and (full or steps[FILES] is Step.KEEP):
        raise failure.other_layout(tool.port)
    keeps = ["the box's private key and settings"] if full else []
    keeps += ["its files"] if steps[FILES] is Step.KEEP else []
    return Plan(steps, False, (), tuple(keeps))


def _files_step(tool: Tool, firmware: Firmware, found: Found, pieces: Pieces) -> Step:
    """What to do to a file system that is not blank: ours, a part of ours, or one in use."""
    if found.blank["vfs head"] or not found.blank["vfs"]:
        return Step.KEEP
    if not found.holds[TABLE]:  # the table is written before: then this is not a part of ours
        return Step.KEEP
    wanted = firmware.part(FILES)
    file = pieces.file()
    tool.read(wanted.offset, len(wanted.content), file)
    there = file.read_bytes()
    if there == wanted.content:
        return Step.SKIP
    return Step.WRITE if is_beginning(there, wanted.content) else Step.KEEP


def is_beginning(there: bytes, wanted: bytes) -> bool:
    """Whether writing `wanted` was interrupted here: its start, then perhaps one page of which
    only some bits were taken away, then nothing."""
    same = 0
    while same < len(wanted) and there[same : same + _PAGE] == wanted[same : same + _PAGE]:
        same += _PAGE
    behind = same + _PAGE
    pairs = zip(there[same:behind], wanted[same:behind], strict=True)
    return there[behind:] == b"\xff" * len(there[behind:]) and all(a & b == b for a, b in pairs)

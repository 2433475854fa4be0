"""The flash of an emulated board: a file as large as the chip, which only its owner may read.

It begins erased (all ones), as a chip comes from the factory; the box makes its file system when
it boots for the first time. Afterwards it holds the box's private key.
"""

import contextlib
import fcntl
import os
import struct
import tempfile
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from undertow import paths
from undertow.errors import EXIT_FLASH, UndertowError

BLOCK_SIZE = 4096
SIZE = 1 << 20
ERASED = b"\xff" * BLOCK_SIZE

# struct flock of Linux on 64 bits: type, whence, start, length, pid.
_FLOCK = struct.Struct("hhqqi4x")


class Step(Enum):
    """What there is to do to a flash."""

    MAKE = "made"
    KEEP = "kept"
    ERASE = "erased"


@dataclass(frozen=True)
class Plan:
    """What is to be done to which file."""

    file: Path
    step: Step

    def carry_out(self) -> None:
        """Do it: the file is the old one or the new one, never a part. UndertowError: it failed."""
        if self.step is Step.KEEP:
            return
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            _write(self.file)
        except OSError as error:
            raise UndertowError(
                f"The flash {self.file} cannot be written",
                f"The system says: {error.strerror}.",
                "Name another file by --flash, or make room for 1 MiB there.",
                EXIT_FLASH,
            ) from error


def default_file(board: str) -> Path:
    """Where the flash of a board is unless another file is named."""
    return paths.BUILD / "flash" / f"{board}.img"


def plan(file: Path, erase: bool = False) -> Plan:
    """What `invoke flash` does to a file. What is in use or on it is never touched unasked.

    UndertowError: the file is no flash of ours, or a board runs on it.
    """
    if not file.exists():
        return Plan(file, Step.MAKE)
    if not file.is_file():
        raise UndertowError(
            f"{file} is not a file",
            "An emulated board keeps its flash in one.",
            "Name a file by --flash.",
            EXIT_FLASH,
        )
    if is_in_use(file):
        raise UndertowError(
            f"The flash {file} is in use",
            "A board runs on it.",
            "Talk to that board by --console, stop it, or name another file by --flash.",
            EXIT_FLASH,
        )
    size = file.stat().st_size
    if size != SIZE:
        # Not overwritten, whatever was asked: it may be anything.
        raise UndertowError(
            f"{file} is not the flash of a board",
            f"It has {size} bytes, and a flash has {SIZE}.",
            "Name another file by --flash, or remove this one.",
            EXIT_FLASH,
        )
    return Plan(file, Step.ERASE if erase else Step.KEEP)


def is_blank(file: Path) -> bool:
    """Whether nothing was ever written to a flash."""
    with file.open("rb") as flash:
        return all(block == ERASED for block in iter(lambda: flash.read(BLOCK_SIZE), b""))


def is_in_use(file: Path) -> bool:
    """Whether another process holds a lock on a file, as QEMU does on the flash that it runs on."""
    with contextlib.suppress(OSError), file.open("rb") as flash:
        question = _FLOCK.pack(fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0)
        answer = fcntl.fcntl(flash, fcntl.F_OFD_GETLK, question)
        return bool(_FLOCK.unpack(answer)[0] != fcntl.F_UNLCK)
    return False


def _write(file: Path) -> None:
    # mkstemp: for nobody but the owner, from the first byte on.
    descriptor, name = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)
    try:
        with open(descriptor, "wb") as flash:
            for _ in range(SIZE // BLOCK_SIZE):
                flash.write(ERASED)
            flash.flush()
            os.fsync(flash.fileno())
        os.replace(name, file)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise

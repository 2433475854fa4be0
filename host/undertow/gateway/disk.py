"""Writing a file so that a power cut leaves the old one or the new one, and nothing in between."""

import contextlib
import os
from pathlib import Path

MODE_FILE = 0o600
MODE_FOLDER = 0o700
TEMPORARY = ".new"


class Disk:
    """What is asked of the file system, one step each: tests cut the power between any two."""

    def create(self, path: Path) -> int:
        """A new empty file for its owner alone; one of that name is a rest and goes first."""
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)
        return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, MODE_FILE)

    def write(self, descriptor: int, data: bytes | bytearray | memoryview) -> None:
        view = memoryview(data)
        while view:
            view = view[os.write(descriptor, view) :]

    def sync(self, descriptor: int) -> None:
        os.fsync(descriptor)

    def close(self, descriptor: int) -> None:
        os.close(descriptor)

    def rename(self, old: Path, new: Path) -> None:
        os.rename(old, new)

    def sync_folder(self, path: Path) -> None:
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def remove(self, path: Path) -> None:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)


def replace(disk: Disk, path: Path, data: bytes | bytearray) -> None:
    """Put data into the file in place of what is there. OSError: nothing has changed."""
    temporary = path.with_name(path.name + TEMPORARY)
    descriptor = disk.create(temporary)
    try:
        try:
            disk.write(descriptor, data)
            # Before the name: else the new name may stand for an empty file after a power cut.
            disk.sync(descriptor)
        finally:
            disk.close(descriptor)
        disk.rename(temporary, path)
    except OSError:
        with contextlib.suppress(OSError):
            disk.remove(temporary)
        raise
    disk.sync_folder(path.parent)

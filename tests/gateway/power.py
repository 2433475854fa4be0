"""A disk whose power is cut between two steps, and which then has what disks may have.

What was written and not synced may be lost in whole or in part; a new name may be lost as long as
its folder was not synced, or may have come first.
"""

import os
from pathlib import Path

from undertow.gateway.disk import Disk


class PowerCutError(Exception):
    """The power is gone."""


class PowerCut(Disk):
    LOSES = ("nothing", "data", "half of the data", "names", "names and data")

    def __init__(self, at_step: int, loses: str) -> None:
        """at_step: the power goes before this one, counted from 1. loses: one of LOSES."""
        self.at_step = at_step
        self.loses = loses
        self.steps = 0
        self.is_cut = False
        self._paths: dict[int, Path] = {}
        self._unsynced: set[Path] = set()
        # New name, and what it stood for before (None: nothing).
        self._unsynced_names: list[tuple[Path, Path, bytes | None]] = []

    def _step(self) -> None:
        self.steps += 1
        if self.steps >= self.at_step:
            self.is_cut = True
            raise PowerCutError

    def create(self, path: Path) -> int:
        self._step()
        descriptor = super().create(path)
        self._paths[descriptor] = path
        return descriptor

    def write(self, descriptor: int, data: bytes | bytearray | memoryview) -> None:
        self._step()
        super().write(descriptor, data)
        self._unsynced.add(self._paths[descriptor])

    def sync(self, descriptor: int) -> None:
        self._step()
        self._unsynced.discard(self._paths[descriptor])

    def rename(self, old: Path, new: Path) -> None:
        self._step()
        before = new.read_bytes() if new.exists() else None
        super().rename(old, new)
        self._unsynced_names.append((old, new, before))
        if old in self._unsynced:
            self._unsynced.discard(old)
            self._unsynced.add(new)

    def sync_folder(self, path: Path) -> None:
        self._step()
        self._unsynced_names.clear()

    def remove(self, path: Path) -> None:
        # Undoing after an error is not what a machine without power does.
        if not self.is_cut:
            self._step()
            super().remove(path)

    def settle(self) -> None:
        """What the disk has when the power is back."""
        if "data" in self.loses:
            for path in self._unsynced:
                if path.exists():
                    kept = path.stat().st_size // 2 if "half" in self.loses else 0
                    os.truncate(path, kept)
        if "names" in self.loses:
            for old, new, before in reversed(self._unsynced_names):
                os.rename(new, old)
                if before is not None:
                    new.write_bytes(before)
                    new.chmod(0o600)

"""Every instruction that an emulated board retires, counted from outside while it runs.

A plugin of QEMU counts (tests/bench/count.c): the firmware is the one that users get, its devices
are QEMU's, and a sleeping processor counts nothing.
"""

import struct
from pathlib import Path

from undertow import paths
from undertow.run import run

_SOURCE = paths.TESTS / "bench" / "count.c"
_NUMBER = struct.Struct("=Q")


class Counter:
    """The count of one board, from each of its starts on."""

    def __init__(self, folder: Path) -> None:
        """folder: for the plugin and its file."""
        self._file = folder / "count"
        self._file.write_bytes(bytes(_NUMBER.size))
        self._plugin = folder / "count.so"
        flags = ("-std=c11", "-O2", "-Wall", "-Wextra", "-Werror", "-fPIC", "-shared")
        words = ["gcc", *flags, "-fvisibility=hidden", str(_SOURCE), "-o", str(self._plugin)]
        run(words, why="It counts a board's instructions.")

    def options(self) -> tuple[str, ...]:
        """QEMU's."""
        return "-plugin", f"{self._plugin},into={self._file}"

    def read(self) -> int:
        """How many until now."""
        return int(_NUMBER.unpack(self._file.read_bytes())[0])

"""Files that Wireshark reads."""

import struct
from collections.abc import Iterable
from pathlib import Path

_MAGIC = 0xA1B23C4D  # nanoseconds
_LIMIT = 65_600
_ETHERNET = 1


def write(path: Path, frames: Iterable[tuple[int, bytes]]) -> None:
    """Save Ethernet frames with their times in nanoseconds since 1970."""
    with path.open("wb") as file:
        file.write(struct.pack("<IHHiIII", _MAGIC, 2, 4, 0, 0, _LIMIT, _ETHERNET))
        for time_ns, data in frames:
            seconds, nanoseconds = divmod(time_ns, 1_000_000_000)
            file.write(struct.pack("<IIII", seconds, nanoseconds, len(data), len(data)) + data)

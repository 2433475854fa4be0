"""A board's file system, made on the laptop: LittleFS, as large as its partition says.

The number of blocks is part of the format and has to be that of the partition. Only the blocks
from the first to the last used one are written: the rest stays erased.
"""

from pathlib import Path

from littlefs import LittleFS

from undertow.errors import EXIT_FLASH, UndertowError

BLOCK = 4096
_ERASED = b"\xff" * BLOCK


def make(size: int, folder: Path | None = None) -> bytes:
    """A file system for a partition of `size` bytes, with all that is in a folder.

    Its bytes up to the last used block. The same files give the same bytes. UndertowError: they
    do not fit, or one cannot be read.
    """
    # As MicroPython mounts it on a flash: it reads and writes pieces of 32 bytes.
    system = LittleFS(
        block_size=BLOCK,
        block_count=size // BLOCK,
        read_size=32,
        prog_size=32,
        cache_size=128,
        lookahead_size=32,
    )
    for path in sorted(folder.rglob("*")) if folder else ():
        name = "/" + path.relative_to(folder or path).as_posix()
        try:
            if path.is_dir():
                system.mkdir(name)
            else:
                with system.open(name, "wb") as file:
                    file.write(path.read_bytes())
        except OSError as error:
            raise UndertowError(
                f"{path} does not go into the file system",
                f"It has {size // 1024} KiB; the system says: {error}.",
                "Put fewer files there.",
                EXIT_FLASH,
            ) from error
    content = bytes(system.context.buffer)
    used = len(content) // BLOCK
    while used > 1 and content[(used - 1) * BLOCK : used * BLOCK] == _ERASED:
        used -= 1
    return content[: used * BLOCK]

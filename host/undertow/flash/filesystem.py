"""A board's file system, made on the laptop: LittleFS, as large as its partition says.

The number of blocks is part of the format and has to be that of the partition. What is used is at
its start, and only that is written: the rest stays erased.
"""

from collections.abc import Sequence
from pathlib import Path

from littlefs import LittleFS
from littlefs.errors import LittleFSError

from undertow.errors import EXIT_FLASH, UndertowError

BLOCK = 4096


def make(size: int, folder: Path | None = None) -> bytes:
    """A file system for a partition of `size` bytes, with all that is in a folder.

    Its bytes up to the last used block. The same files give the same bytes. UndertowError: they
    do not fit, or one cannot be read.
    """
    paths = sorted(folder.rglob("*")) if folder else []
    blocks = size // BLOCK
    # Where LittleFS puts a file is spread over all there is. So the first one tells how many blocks
    # are needed; another has only these, and is then told how many there are.
    needed = _filled(blocks, folder, paths).used_block_count
    while needed < blocks:
        try:
            system = _filled(needed, folder, paths)
            system.fs_grow(blocks)
            return bytes(system.context.buffer)
        except (UndertowError, LittleFSError):  # as full as that it has no room to move
            needed += 1
    return bytes(_filled(blocks, folder, paths).context.buffer)


def _filled(blocks: int, folder: Path | None, paths: Sequence[Path]) -> LittleFS:
    """A file system of so many blocks with these files of a folder."""
    # As MicroPython mounts it on a flash: it reads and writes pieces of 32 bytes.
    system = LittleFS(
        block_size=BLOCK,
        block_count=blocks,
        read_size=32,
        prog_size=32,
        cache_size=128,
        lookahead_size=32,
    )
    for path in paths:
        name = "/" + path.relative_to(folder or path).as_posix()
        try:
            if path.is_dir():
                system.mkdir(name)
            else:
                with system.open(name, "wb") as file:
                    file.write(path.read_bytes())
        except (OSError, LittleFSError) as error:
            raise UndertowError(
                f"{path} does not go into the file system",
                f"It has {blocks * BLOCK // 1024} KiB; the system says: {error}.",
                "Put fewer files there.",
                EXIT_FLASH,
            ) from error
    return system


def opened(content: bytes) -> LittleFS:
    """The file system in all the bytes of a partition; LittleFSError: there is none."""
    system = LittleFS(block_size=BLOCK, block_count=len(content) // BLOCK, mount=False)
    system.context.buffer = bytearray(content)
    system.mount()
    return system

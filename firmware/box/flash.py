"""The flash of a board: one LittleFS on the whole disk, mounted at /flash.

It is made where nothing ever was, and nowhere else: a file system that cannot be read is told, and
the box then runs without settings until somebody wipes it.
"""

import _board
import vfs

from wg.compat import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

    from box.status import Problem

FOLDER = "/flash"

# Operations of a block device (MicroPython's vfs.AbstractBlockDev).
_BLOCK_COUNT = 4
_BLOCK_SIZE = 5
_BLOCK_ERASE = 6

_BLANK = b"\xff" * 16
# LittleFS begins with two blocks; all that a file needs is behind them.
_HEAD_BLOCKS = 2


def mount() -> "Problem | None":
    """Mount it, and make it first on a new disk. What is wrong, in words; None: nothing."""
    try:
        device = _board.Flash()
    except OSError:
        return (
            "the flash",
            "this machine has no disk, so nothing survives a restart",
            "Give it one; an emulated board has --flash.",
        )
    try:
        _mount(device)
        return None
    except OSError:
        pass
    try:
        if not _is_new(device):
            return (
                "the flash",
                "its file system cannot be read",
                "Wipe the box and provision it again; if that does not help, it is worn out.",
            )
        _make(device)
        return None
    except OSError as error:
        return (
            "the flash",
            "it cannot be read or written: %s" % error,
            "Restart the box; if it stays so, the flash is worn out.",
        )


def erase() -> None:
    """Forget everything: each block is written over before there is a new, empty file system.

    OSError: it could not be, and keys may still be there.
    """
    device = _board.Flash()
    try:
        vfs.umount(FOLDER)
    except OSError:
        pass  # it was not mounted
    blank = b"\xff" * (device.ioctl(_BLOCK_SIZE, 0) or 0)
    # From behind: as long as there are keys, the blocks before them do not look like a new disk.
    for block in range(_block_count(device) - 1, -1, -1):
        # Some devices erase, others take the next write without it.
        device.ioctl(_BLOCK_ERASE, block)
        status = device.writeblocks(block, blank, 0)
        if status:
            raise OSError(-status)
        _board.feed()
    _make(device)


def _block_count(device: "_board.Flash") -> int:
    return device.ioctl(_BLOCK_COUNT, 0) or 0


def _mount(device: "Any") -> None:
    vfs.mount(vfs.VfsLfs2(device), FOLDER)


def _make(device: "Any") -> None:
    vfs.VfsLfs2.mkfs(device)
    _mount(device)


def _is_new(device: "_board.Flash") -> bool:
    """Whether there never was a file; making the file system may have begun."""
    start = bytearray(len(_BLANK))
    for block in range(_HEAD_BLOCKS, _block_count(device)):
        status = device.readblocks(block, start, 0)
        if status:
            raise OSError(-status)
        if start != _BLANK:
            return False
    return True

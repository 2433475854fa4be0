"""Flash as a board has it, in memory, with a power supply that can fail at any write.

For MicroPython's LittleFS; on CPython and the unix port the same tests run in a folder.
"""

import os

BLOCK_LEN = 4096


class PowerCutError(Exception):
    pass


class Flash:
    """A block device for vfs.VfsLfs2. Erased bytes are 0xff, and writing only clears bits."""

    def __init__(self, blocks=16, content=None):
        self.content = bytearray(b"\xff" * (blocks * BLOCK_LEN)) if content is None else content
        self.changes = 0  # writes and erasures so far
        self.cut_after = -1  # so many more of them succeed; -1: all
        self.torn = 0  # of the one that fails, so many sixteenths happen

    def copy(self):
        """A device with the same content, and power."""
        return Flash(content=bytearray(self.content))

    def readblocks(self, block, buffer, offset=0):
        start = block * BLOCK_LEN + offset
        memoryview(buffer)[:] = memoryview(self.content)[start : start + len(buffer)]

    def writeblocks(self, block, buffer, offset=0):
        start = block * BLOCK_LEN + offset
        length = self._powered(len(buffer))
        for i in range(length):
            self.content[start + i] &= buffer[i]
        self._fail(length < len(buffer) or self.cut_after == -2)

    def ioctl(self, operation, argument):
        if operation == 4:
            return len(self.content) // BLOCK_LEN
        if operation == 5:
            return BLOCK_LEN
        if operation == 6:
            length = self._powered(BLOCK_LEN)
            start = argument * BLOCK_LEN
            self.content[start : start + length] = b"\xff" * length
            self._fail(length < BLOCK_LEN or self.cut_after == -2)
        return 0

    def _powered(self, length):
        """How much of a change happens."""
        if self.cut_after == -2:
            raise PowerCutError
        self.changes += 1
        if self.cut_after == 0:
            self.cut_after = -2
            return length * self.torn // 16
        if self.cut_after > 0:
            self.cut_after -= 1
        return length

    def _fail(self, failed):
        if failed:
            raise PowerCutError


class Folder:
    """A fresh folder for one test: `path`, and close()."""

    def __init__(self):
        self._temporary = None
        try:
            import tempfile
        except ImportError:
            self.path = _unix_folder() or mount(Flash())
        else:
            self._temporary = tempfile.TemporaryDirectory()
            self.path = self._temporary.name

    def close(self):
        if self._temporary is not None:
            self._temporary.cleanup()
        elif self.path == MOUNTED:
            unmount()
        else:
            _remove(self.path)


MOUNTED = "/flash"


def has_littlefs():
    try:
        import vfs
    except ImportError:
        return False
    return hasattr(vfs, "VfsLfs2")


def mount(flash):
    """Mount it, formatted if it is blank; the path. OSError: what is on it is no file system."""
    import vfs

    if all(byte == 0xFF for byte in flash.content[:16]):
        vfs.VfsLfs2.mkfs(flash)
    vfs.mount(vfs.VfsLfs2(flash), MOUNTED)
    return MOUNTED


def unmount():
    import vfs

    vfs.umount(MOUNTED)


def _unix_folder():
    """On the unix port; None: this target has no files of its own."""
    try:
        os.stat("/tmp")
    except OSError:
        return None
    number = 0
    while True:
        path = "/tmp/undertow-test-" + str(number)
        try:
            os.mkdir(path)
            return path
        except OSError:
            number += 1


def _remove(path):
    for name in os.listdir(path):
        inner = path + "/" + name
        if os.stat(inner)[0] & 0x4000:
            _remove(inner)
        else:
            os.remove(inner)
    os.rmdir(path)

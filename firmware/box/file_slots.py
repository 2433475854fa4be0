"""The slots of the state as files of a folder.

Between the two renamings of take_over() there is no file for what is in force, and the one before
is the old state; a file system such as LittleFS does each of them whole or not at all.
"""

import os

from box.files import exists, make_folder
from box.record import BrokenRecordError
from wg.compat import TYPE_CHECKING
from wg.keytext import wipe

if TYPE_CHECKING:
    from typing import BinaryIO

FOLDER = "/flash/state"

CURRENT = "current"
PREVIOUS = "previous"
NEW = "new"
NEWER = "newer"
# The one in force goes last: none of the others may take its place when the power goes in between.
TO_ERASE = (NEW, NEWER, PREVIOUS, CURRENT)

_ENOENT = 2


class FileSlots:
    """What a StateStore needs, and an object of a port may give it instead (box.state_store).

    CURRENT is in force, PREVIOUS was before it, NEW is being written, and NEWER is of a later
    firmware. Every OSError says what the flash said.
    """

    def __init__(self, folder: str = FOLDER) -> None:
        self._folder = folder

    def read(self, name: str, longest: int) -> "bytearray | None":
        """What is in a slot, for the caller to wipe; None: nothing. OSError, BrokenRecordError."""
        data = bytearray()
        try:
            length = os.stat(self._path(name))[6]
            if length > longest:
                raise BrokenRecordError("it has %d bytes" % length)
            data = bytearray(length)
            with open(self._path(name), "rb") as file:
                count = file.readinto(data)
                _rinse(file)
        except OSError as error:
            wipe(data)
            if error.errno == _ENOENT:
                return None
            raise
        if count != length:
            wipe(data)
            raise BrokenRecordError("it ends early")
        return data

    def write(self, data: bytearray, spare: "tuple[str, ...]") -> None:
        """Fill NEW, beside the others. OSError: it could not be.

        spare: slots that may be given up, in this order, where there is no room for all. Here
        there always is.
        """
        make_folder(self._folder)
        with open(self._path(NEW), "w+b") as file:
            file.write(data)
            file.flush()
            _rinse(file)

    def take_over(self, keep: "str | None") -> None:
        """NEW becomes CURRENT. keep: PREVIOUS or NEWER, which CURRENT becomes; None: it goes."""
        if keep is not None:
            os.rename(self._path(CURRENT), self._path(keep))
        os.rename(self._path(NEW), self._path(CURRENT))

    def erase(self) -> None:
        """Write over all of them and remove them, so that nothing older ever is in force.

        What writing over does in flash is the file system's affair: box.flash.erase() leaves
        nothing behind. OSError: not all could be removed.
        """
        for name in TO_ERASE:
            path = self._path(name)
            if exists(path):
                length = os.stat(path)[6]
                with open(path, "r+b") as file:
                    file.write(bytes(length))
                os.remove(path)

    def _path(self, name: str) -> str:
        return "%s/%s" % (self._folder, name)


def _rinse(file: "BinaryIO") -> None:
    """Have the caches of file and file system hold its beginning: the key is at its end."""
    file.seek(0)
    file.read(1)

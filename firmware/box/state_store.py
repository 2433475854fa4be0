"""The state of a box in flash: always the old one or the new one, whenever the power goes.

A new state is written beside the others and read back. Then the one in force becomes the previous
one, and the new one takes its place; a file system such as LittleFS does each of these renamings
whole or not at all. Between the two there is only the previous one, which then is the old state.
"""

import os

from box import record, state
from box.files import exists, make_folder
from box.record import BrokenRecordError
from box.state import State
from wg.compat import TYPE_CHECKING
from wg.keytext import wipe

if TYPE_CHECKING:
    from typing import BinaryIO

    Problem = tuple[str, str, str]

FOLDER = "/flash/state"
# No state is longer; what is has been written by something else.
FILE_LEN_MAX = 16384

_CURRENT = "current"
_PREVIOUS = "previous"
_NEW = "new"
_NEWER = "newer"
# The one in force goes last: none of the others may take its place when the power goes in between.
_TO_ERASE = (_NEW, _NEWER, _PREVIOUS, _CURRENT)

_ENOENT = 2


class StateStore:
    def __init__(self, folder: str = FOLDER) -> None:
        self._folder = folder
        # What was wrong when the state was loaded: what, why, mend. None: nothing.
        self.problem: "Problem | None" = None

    def load(self) -> State:
        """The state in force, or the previous one, or a blank one; `problem` says which and why.

        Never raises, whatever the files hold. The caller wipes the state.
        """
        self.problem = None
        loaded, why, _ = self._read(_CURRENT)
        if loaded is not None:
            return loaded
        previous, why_previous, _ = self._read(_PREVIOUS)
        if previous is not None:
            # No file at all: the power went between the two renamings.
            if why is not None:
                self.problem = (
                    "the settings",
                    "they cannot be read: %s; those before them are used" % why,
                    "Provision the box again.",
                )
            return previous
        if why is not None or why_previous is not None:
            self.problem = (
                "the settings",
                "they cannot be read: %s, and there are none before them" % (why or why_previous),
                "Provision the box again.",
            )
        return State()

    def save(self, new: State) -> None:
        """Put a new state in force. OSError: it could not be written, and the old one stands."""
        make_folder(self._folder)
        data = new.encode()
        try:
            self._write(_NEW, data)
        finally:
            wipe(data)
        current, _, is_newer = self._read(_CURRENT)
        if current is not None:
            current.wipe()
            os.rename(self._path(_CURRENT), self._path(_PREVIOUS))
        elif is_newer:
            # Of a later firmware, which may come back. It must not displace the previous one.
            os.rename(self._path(_CURRENT), self._path(_NEWER))
        os.rename(self._path(_NEW), self._path(_CURRENT))
        self.problem = None

    def erase(self) -> None:
        """Forget everything. OSError: not all could be removed.

        Contents are written over first. What that does in flash is the file system's affair:
        box.flash.erase() leaves nothing behind.
        """
        for name in _TO_ERASE:
            path = self._path(name)
            if exists(path):
                length = os.stat(path)[6]
                with open(path, "r+b") as file:
                    file.write(bytes(length))
                os.remove(path)

    def _write(self, name: str, data: bytearray) -> None:
        """Write and read back. OSError: it is not there as it should be."""
        path = self._path(name)
        with open(path, "w+b") as file:
            file.write(data)
            file.flush()
            _rinse(file)
        written, why, _ = self._read(name)
        if written is None:
            raise OSError("what was written cannot be read back: %s" % why)
        written.wipe()

    def _read(self, name: str) -> "tuple[State | None, str | None, bool]":
        """(state, why there is none, whether it is of a later version); no why: no file."""
        data = bytearray()
        try:
            length = os.stat(self._path(name))[6]
            if not record.OVERHEAD <= length <= FILE_LEN_MAX:
                return None, "'%s' has %d bytes" % (name, length), False
            data = bytearray(length)
            with open(self._path(name), "rb") as file:
                count = file.readinto(data)
                _rinse(file)
            if count != length:
                return None, "'%s' ends early" % name, False
            return state.decode(data), None, False
        except OSError as error:
            if error.errno == _ENOENT:
                return None, None, False
            return None, "'%s' gives an error (%s)" % (name, error), False
        except BrokenRecordError as broken:
            return None, "'%s': %s" % (name, broken.why), broken.is_newer
        except (ValueError, MemoryError):
            return None, "'%s' is not built as it should be" % name, False
        finally:
            wipe(data)

    def _path(self, name: str) -> str:
        return "%s/%s" % (self._folder, name)


def _rinse(file: "BinaryIO") -> None:
    """Have the caches of file and file system hold its beginning: the key is at its end."""
    file.seek(0)
    file.read(1)

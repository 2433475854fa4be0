"""The state of a box in flash: always the old one or the new one, whenever the power goes.

A new state is written beside the others and read back. Then the one in force becomes the previous
one, and the new one takes its place. Where they lie is the slots' affair: files (box.file_slots),
or what a port brings.
"""

from box import record, state
from box.file_slots import CURRENT, FOLDER, NEW, NEWER, PREVIOUS, FileSlots
from box.record import BrokenRecordError
from box.state import State
from wg.compat import TYPE_CHECKING
from wg.keytext import wipe

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Protocol, TypeVar

    T = TypeVar("T")
    Problem = tuple[str, str, str]

    class Slots(Protocol):
        """As box.file_slots.FileSlots says it."""

        def read(self, name: str, longest: int) -> "bytearray | None": ...
        def write(self, data: bytearray, spare: "tuple[str, ...]") -> None: ...
        def take_over(self, keep: "str | None") -> None: ...
        def erase(self) -> None: ...


# No state is longer; what is has been written by something else.
LEN_MAX = 16384
_NO_MEMORY = "there was no memory left to read it"


class StateStore:
    def __init__(self, folder: str = FOLDER, slots: "Slots | None" = None) -> None:
        """folder: of the files. slots: where else the state is kept, and no files then."""
        self._slots: "Slots" = slots or FileSlots(folder)
        # Rises whenever something else is to be loaded.
        self.changes = 0
        # What was wrong when the state was loaded: what, why, mend. None: nothing.
        self.problem: "Problem | None" = None

    def load(self) -> State:
        """The state in force, or the previous one, or a blank one; `problem` says which and why.

        Never raises, whatever the slots hold. The caller wipes the state.
        """
        self.problem = None
        loaded, why, _ = self._read(CURRENT)
        if loaded is not None:
            return loaded
        previous, why_previous, _ = self._read(PREVIOUS)
        if previous is not None:
            # Nothing there at all: the power went while the new one took over.
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
        current, why, is_newer = self._read(CURRENT)
        if why is not None and why.endswith(_NO_MEMORY):
            raise OSError(why)  # it may be good, and is not given up
        if current is not None:
            current.wipe()
        # What cannot be used goes first when there is no room, and never what is in force.
        spare = (NEWER, CURRENT if current is None else PREVIOUS)
        data = new.encode()
        try:
            self._slots.write(data, spare)
        finally:
            wipe(data)
        self._check()
        keep = None
        if current is not None:
            keep = PREVIOUS
        elif is_newer:
            # Of a later firmware, which may come back. It must not displace the previous one.
            keep = NEWER
        self.changes += 1
        self._slots.take_over(keep)
        self.problem = None

    def erase(self) -> None:
        """Forget everything. OSError: not all could be removed."""
        self.changes += 1
        self._slots.erase()

    def _check(self) -> None:
        """Read back what was written. OSError: it is not there as it should be.

        Its checksum is right or not: nothing is taken out of it, which would want memory for two.
        """
        is_there, why, _ = self._read(NEW, _is_whole)
        if not is_there:
            raise OSError("what was written cannot be read back: %s" % why)

    def _read(
        self,
        name: str,
        take: "Callable[[bytearray], T]" = state.decode,  # type: ignore[assignment]
    ) -> "tuple[T | None, str | None, bool]":
        """(state, why there is none, whether it is of a later version); no why: it is empty."""
        data: "bytearray | None" = None
        try:
            data = self._slots.read(name, LEN_MAX)
            return (None if data is None else take(data)), None, False
        except OSError as error:
            return None, "'%s' gives an error (%s)" % (name, error), False
        except BrokenRecordError as broken:
            return None, "'%s': %s" % (name, broken.why), broken.is_newer
        except MemoryError:
            return None, "'%s': %s" % (name, _NO_MEMORY), False
        except ValueError:
            return None, "'%s' is not built as it should be" % name, False
        finally:
            if data is not None:
                wipe(data)


def _is_whole(data: bytearray) -> bool:
    """BrokenRecordError: it is not."""
    record.open_(data, state.KIND, state.VERSION)
    return True

"""The slots of the state (box.file_slots) in NVS, ESP-IDF's store of keys and values.

NVS writes a new value beside the old one and keeps the old one when the power goes meanwhile; what
it promises is all but the key that is being written. So a state is written to a slot that nothing
points to, and what points to it, the index, is written by turns to two keys: the younger counts.
Where ESP-IDF encrypts NVS, all of this is encrypted.
"""

import esp32
from box.file_slots import CURRENT, NEW, NEWER, PREVIOUS
from box.record import BrokenRecordError

from wg.compat import TYPE_CHECKING
from wg.keytext import wipe

if TYPE_CHECKING:
    from collections.abc import Callable

    Roles = dict[str, int]  # to the number of the slot, from 1 on; what has none is not there

NAMESPACE = "undertow"
# The partition, and what its blocks are.
PARTITION = "nvs"
_BLOCK_COUNT = 4
_BLOCK_ERASE = 6

SLOTS = 4
INDEXES = ("index0", "index1")
# An index is a generation of 16 bits and a slot of 3 bits for each of these; 0: none.
_ROLES = (CURRENT, PREVIOUS, NEWER)
_GENERATIONS = 1 << 16
_SHIFT = 3 * len(_ROLES)

# ESP-IDF's error codes, as OSErrors have them (check_esp_err_ in mphalport.c).
_NOT_FOUND = -0x1102
_NO_SPACE = -0x1105
_TOO_SHORT = -0x110C
# How much is read at first. The length of what is there is not told by MicroPython.
_BUFFER_LEN = 2048


class NvsSlots:
    """As box.file_slots.FileSlots says it. OSError: what NVS said."""

    def __init__(self) -> None:
        self._nvs: "esp32.NVS | None" = None
        self._new = 0  # the slot that was written and has not taken over

    def read(self, name: str, longest: int) -> "bytearray | None":
        """What is in a slot, for the caller to wipe; None: nothing. OSError, BrokenRecordError."""
        number = self._new if name == NEW else self._index()[1].get(name, 0)
        if not number:
            return None
        length = _BUFFER_LEN
        while length <= longest:
            buffer = bytearray(length)
            try:
                count = self._open().get_blob(_slot(number), buffer)
                return bytearray(memoryview(buffer)[:count])
            except OSError as error:
                if error.errno == _NOT_FOUND:
                    return None
                if error.errno != _TOO_SHORT:
                    raise
            finally:
                wipe(buffer)
            length *= 2
        raise BrokenRecordError("it has more than %d bytes" % longest)

    def write(self, data: bytearray, spare: "tuple[str, ...]") -> None:
        """Fill NEW, beside the others; where there is no room, spare slots are given up for it."""
        roles = self._index()[1]
        taken = list(roles.values())
        self._new = 0
        free = [number for number in range(1, SLOTS + 1) if number not in taken]
        for number in free:
            self._erase(_slot(number))
        to_give_up = [name for name in spare if name in roles]
        while True:
            try:
                self._open().set_blob(_slot(free[0]), data)
                self._open().commit()
                self._new = free[0]
                return
            except OSError as error:
                if error.errno != _NO_SPACE or not to_give_up:
                    raise
            self._erase(_slot(roles[to_give_up.pop(0)]))

    def take_over(self, keep: "str | None") -> None:
        """NEW becomes CURRENT. keep: PREVIOUS or NEWER, which CURRENT becomes; None: it goes."""
        generation, roles = self._index()
        current = roles.get(CURRENT, 0)
        if keep is not None:
            roles[keep] = current
        roles[CURRENT] = self._new
        self._point((generation + 1) % _GENERATIONS, roles)
        self._new = 0
        taken = list(roles.values())
        for number in range(1, SLOTS + 1):
            if number not in taken:
                self._erase(_slot(number))

    def erase(self) -> None:
        """Remove all of them, so that nothing older ever is in force.

        NVS only marks what it removes: erase_partition() leaves nothing behind.
        """
        current = self._index()[1].get(CURRENT, 0)
        for number in range(1, SLOTS + 1):
            if number != current:
                self._erase(_slot(number))
        self._erase(_slot(current))
        for name in INDEXES:
            self._erase(name)
        self._open().commit()
        self._new = 0

    def _open(self) -> "esp32.NVS":
        if self._nvs is None:
            self._nvs = esp32.NVS(NAMESPACE)
        return self._nvs

    def _index(self) -> "tuple[int, Roles]":
        """The younger index: its generation, and the slot of each role."""
        found = [self._read_index(name) for name in INDEXES]
        there = [value for value in found if value >= 0]
        if not there:
            return 0, {}
        youngest = there[0]
        for value in there[1:]:
            if 0 < ((value >> _SHIFT) - (youngest >> _SHIFT)) % _GENERATIONS < _GENERATIONS // 2:
                youngest = value
        roles = {}
        for place, name in enumerate(_ROLES):
            number = youngest >> 3 * place & 7
            if 0 < number <= SLOTS:
                roles[name] = number
        return youngest >> _SHIFT, roles

    def _read_index(self, name: str) -> int:
        """-1: there is none."""
        try:
            return self._open().get_i32(name)
        except OSError as error:
            if error.errno == _NOT_FOUND:
                return -1
            raise

    def _point(self, generation: int, roles: "Roles") -> None:
        """Write the next index, to the key that does not have the one in force."""
        value = generation << _SHIFT
        for place, name in enumerate(_ROLES):
            value |= roles.get(name, 0) << 3 * place
        nvs = self._open()
        nvs.set_i32(INDEXES[generation % 2], value)
        nvs.commit()
        if nvs.get_i32(INDEXES[generation % 2]) != value:
            raise OSError("the index of the settings cannot be written")

    def _erase(self, key: str) -> None:
        """Remove a key, whether it is there or not."""
        try:
            self._open().erase_key(key)
        except OSError as error:
            if error.errno != _NOT_FOUND:
                raise


def _slot(number: int) -> str:
    return "slot%d" % number


def erase_partition(feed: "Callable[[], object]") -> None:
    """Erase every block of NVS. The chip must be reset at once: the driver does not know.

    feed: called after each block, for the watchdog. OSError: keys may still be there.
    """
    for partition in esp32.Partition.find(esp32.Partition.TYPE_DATA, label=PARTITION):
        for block in range(partition.ioctl(_BLOCK_COUNT, 0) or 0):
            partition.ioctl(_BLOCK_ERASE, block)
            feed()

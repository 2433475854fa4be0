"""The module esp32: NVS (esp32_nvs.c on ESP-IDF's nvs_flash) and partitions, in memory.

NVS is a log: a value is written beside the old one, in chunks of up to 4000 bytes, and counts once
its last entry is there; then the old one is marked as erased, and its bytes stay in flash. The
power can go at each of these writes. What ESP-IDF does not promise is the key that is being
written: with `forgets` it is gone altogether when the power goes meanwhile.
"""

NOT_FOUND = 0x1102
NOT_ENOUGH_SPACE = 0x1105
KEY_TOO_LONG = 0x1109
INVALID_LENGTH = 0x110C
KEY_LEN_MAX = 15
CHUNK_LEN = 4000
ENTRY_LEN = 32
NAMES = {
    NOT_FOUND: "ESP_ERR_NVS_NOT_FOUND",
    NOT_ENOUGH_SPACE: "ESP_ERR_NVS_NOT_ENOUGH_SPACE",
    KEY_TOO_LONG: "ESP_ERR_NVS_KEY_TOO_LONG",
    INVALID_LENGTH: "ESP_ERR_NVS_INVALID_LENGTH",
}


class PowerCutError(Exception):
    pass


def _error(code):
    return OSError(-code, NAMES[code])


class Store:
    """Flash of a chip. values: (namespace, key) to bytes or an int. traces: what erased values
    have left in flash. room: bytes that NVS has for values and what is beside them."""

    def __init__(self, room=60_000, forgets=False):
        self.values = {}
        self.traces = []
        self.room = room
        self.forgets = forgets
        self.changes = 0
        self.cut_after = -1  # so many more writes succeed; -1: all
        self.works = True
        self.is_valid = False  # whether the running program was declared good
        self.buffers = []  # that values were read into

    def copy(self):
        """A chip with the same flash, and power."""
        other = Store(self.room, self.forgets)
        other.values = dict(self.values)
        other.traces = list(self.traces)
        return other

    # --- the module ---

    def NVS(self, namespace):  # noqa: N802 -- a class of the module
        if len(namespace) > KEY_LEN_MAX:
            raise _error(KEY_TOO_LONG)
        return Namespace(self, namespace)

    @property
    def Partition(self):  # noqa: N802 -- a class of the module
        return Partitions(self)

    # --- flash ---

    def write(self, key, value):
        self._spend(key, value)
        count = 1 if isinstance(value, int) else 1 + (len(value) + CHUNK_LEN - 1) // CHUNK_LEN
        for _ in range(count):
            self._change(key)
        before = self.values.get(key)
        self.values[key] = value
        if before is not None:
            self._leave(before)
            self._change(None)

    def erase(self, key):
        value = self.values.pop(key)
        self._leave(value)
        self._change(None)

    def erase_block(self, number):
        self.changes += 1
        self.traces = []
        if number == 0:
            self.values = {}

    def _leave(self, value):
        if not isinstance(value, int):
            self.traces.append(bytes(value))

    def _change(self, key):
        """One write. key: the one that is being written."""
        self.changes += 1
        if self.cut_after == 0:
            if self.forgets and key is not None:
                self.values.pop(key, None)
            raise PowerCutError
        if self.cut_after > 0:
            self.cut_after -= 1

    def _spend(self, key, value):
        used = 0
        values = list(self.values.values())
        values.append(value)
        for each in values:
            used += ENTRY_LEN if isinstance(each, int) else len(each) + 2 * ENTRY_LEN
        if used > self.room:
            raise _error(NOT_ENOUGH_SPACE)


class Namespace:
    def __init__(self, store, name):
        self._store = store
        self._name = name

    def _key(self, key):
        if not self._store.works:
            raise OSError(-0x1101, "ESP_ERR_NVS_NOT_INITIALIZED")
        if len(key) > KEY_LEN_MAX:
            raise _error(KEY_TOO_LONG)
        return (self._name, key)

    def _value(self, key, is_wanted):
        value = self._store.values.get(self._key(key))
        if value is None or not is_wanted(value):
            raise _error(NOT_FOUND)  # also when it is there and of the other type
        return value

    def get_i32(self, key):
        return self._value(key, lambda value: isinstance(value, int))

    def set_i32(self, key, value):
        if not -(1 << 31) <= value < 1 << 31:
            raise OverflowError
        self._store.write(self._key(key), value)

    def get_blob(self, key, buffer):
        value = self._value(key, lambda value: not isinstance(value, int))
        self._store.buffers.append(buffer)
        if len(value) > len(buffer):
            raise _error(INVALID_LENGTH)
        memoryview(buffer)[: len(value)] = value
        return len(value)

    def set_blob(self, key, value):
        self._store.write(self._key(key), bytes(value))

    def erase_key(self, key):
        if self._key(key) not in self._store.values:
            raise _error(NOT_FOUND)
        self._store.erase(self._key(key))

    def commit(self):
        pass


class Partitions:
    """The class Partition."""

    TYPE_APP, TYPE_DATA = 0, 1

    def __init__(self, store):
        self._store = store

    def find(self, type=0, subtype=0xFF, label=None):
        return [Partition(self._store)] if (type, label) == (1, "nvs") else []

    def mark_app_valid_cancel_rollback(self):
        self._store.is_valid = True


class Partition:
    """Of NVS: 16 blocks."""

    def __init__(self, store):
        self._store = store

    def ioctl(self, operation, argument):
        if operation == 4:
            return 16
        if operation == 6:
            self._store.erase_block(argument)
            return 0
        return None

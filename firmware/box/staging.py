"""What the console was given and nobody has committed yet: in memory, and in force nowhere.

It outlives a broken serial line, but not the power.
"""

from box.state import BOX, ITEMS, KEY, PAIRING, TUNNEL, State
from ut1 import base64
from ut1.errors import FULL, STATE, VALUE, RefusedError
from ut1.errors import KEY as NO_SUCH_DOCUMENT
from ut1.payload import CHUNK_LEN_MAX
from wg.compat import TYPE_CHECKING
from wg.keytext import is_base64_key, is_zero_text, wipe

if TYPE_CHECKING:
    from ut1.payload import Object

# What the other end of a pairing answered: taken by box.pair, and never part of a state.
ANSWER = "answer"
# All that can be put. Whom the box trusts cannot: only a pairing makes that.
LEN_MAX = {TUNNEL: 4096, BOX: 2048, KEY: 44, ANSWER: 1536}


class Staging:
    """The items that have arrived whole, and at most one that is arriving."""

    def __init__(self) -> None:
        self.state = State()
        # Whether its key came over the line; else the box made it.
        self.has_given_key = False
        self._answer: "bytearray | None" = None
        self._name = ""
        self._buffer = bytearray()
        self._length = 0
        self._next = 0
        self._count = 0

    def put(self, arguments: "Object", data: "memoryview | None") -> "Object":
        """Take chunk i of n of the document k; the first one begins it anew.

        RefusedError: what is wrong with it; the other documents stay.
        """
        name, index, count = arguments.get("k"), arguments.get("i"), arguments.get("n")
        if not isinstance(name, str) or name not in LEN_MAX:
            mend = "The documents are 'box', 'tunnel', 'key' and 'answer'."
            raise RefusedError(NO_SUCH_DOCUMENT, "there is no such document", mend)
        if not isinstance(index, int) or not isinstance(count, int) or data is None:
            mend = "Use a host program of the same version."
            raise RefusedError(VALUE, "a chunk has 'i', 'n' and 'd'", mend)
        if not 0 <= index < count or len(data) > CHUNK_LEN_MAX:
            raise RefusedError(VALUE, "there can be no such chunk", "Begin again with chunk 0.")
        if index == 0:
            self._begin(name, count)
        elif (name, count, index) != (self._name, self._count, self._next):
            raise RefusedError(
                STATE, "chunk %d of '%s' is not the next one" % (index, name), "Begin with chunk 0."
            )
        self._append(data)
        if self._next == count:
            self._finish()
        return {"next": index + 1}

    def drop(self, name: object) -> None:
        """Take back an item that was given: what is in force stays. RefusedError: no such item."""
        if name not in ITEMS:
            mend = "The items are %s." % ", ".join(["'%s'" % item for item in ITEMS])
            raise RefusedError(NO_SUCH_DOCUMENT, "there is no such item", mend)
        self._forget(str(name))
        if name == KEY:
            self.has_given_key = False
        if name == TUNNEL:
            self._forget(PAIRING)  # which says with whom that tunnel is
        if name == self._name:
            self._drop()

    def set_key(self, key: bytearray) -> None:
        """Take a private key of 32 bytes."""
        self.set(KEY, key)
        self.has_given_key = False

    def set(self, name: str, data: bytearray) -> None:
        """Take an item of the state whole; the one before is wiped."""
        self._forget(name)
        self.state.put(name, data)

    def take_answer(self) -> "bytearray | None":
        """What the other end of a pairing answered, once; None: nothing whole has come."""
        answer, self._answer = self._answer, None
        return answer

    def forget(self) -> None:
        """Wipe all of it."""
        self.state.wipe()
        self.has_given_key = False
        self._answer = None
        self._drop()

    def _forget(self, name: str) -> None:
        before = self.state.document(name)
        if before is not None:
            wipe(before)
        self.state.put(name, None)

    def _begin(self, name: str, count: int) -> None:
        self._drop()
        # One buffer of the full size: one that grows would leave copies behind.
        size = min(count * CHUNK_LEN_MAX, LEN_MAX[name])
        if (count - 1) * CHUNK_LEN_MAX > LEN_MAX[name]:
            self._refuse_length(name)
        self._buffer = bytearray(size)
        self._name = name
        self._count = count

    def _append(self, data: memoryview) -> None:
        end = self._length + len(data)
        if end > len(self._buffer):
            name = self._name
            self._drop()
            self._refuse_length(name)
        memoryview(self._buffer)[self._length : end] = data
        self._length = end
        self._next += 1

    def _finish(self) -> None:
        view = memoryview(self._buffer)[: self._length]
        try:
            if self._name == KEY:
                self.set(KEY, _raw_key(view))
                self.has_given_key = True
            elif self._name == ANSWER:
                self._answer = bytearray(view)
            else:
                self.set(self._name, bytearray(view))
        finally:
            self._drop()

    def _drop(self) -> None:
        wipe(self._buffer)
        self._buffer = bytearray()
        self._name = ""
        self._length = self._next = self._count = 0

    def _refuse_length(self, name: str) -> None:
        raise RefusedError(
            FULL,
            "a box has room for %d bytes of '%s'" % (LEN_MAX[name], name),
            "Leave out comments, and what is not needed.",
        )


def _raw_key(text: memoryview) -> bytearray:
    """The 32 bytes of a key's text, which is decoded in place. RefusedError: it is none."""
    if not is_base64_key(text) or is_zero_text(text):
        raise RefusedError(
            VALUE, "'key' is not a private key", "Give the 44 characters that `wg genkey` printed."
        )
    return bytearray(text[: base64.decode_in_place(text)])

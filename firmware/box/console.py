"""The console: the serial line's bytes to requests, and their answers back.

Two protocols share the line: ut1, and the packets of Improv, which are taken out before ut1 sees
what is left. The latter is loaded when the first of them comes.
"""

from improv.packets import OTHER, Reader
from ut1.device import Session
from wg.compat import TYPE_CHECKING
from wg.keytext import wipe

if TYPE_CHECKING:
    from collections.abc import Callable

    from box.improv import Improv
    from box.verbs import Verbs

    Read = Callable[[bytearray], int]
    Write = Callable[[memoryview], int]
    Send = Callable[[bytes], object]

READ_LEN = 256
# So much is read before packets move again.
READS_AT_ONCE = 8
# So often a line that takes nothing is tried before the answer is given up; the host asks again.
WRITES_IN_VAIN = 1000


class Console:
    """Call receive() whenever bytes wait."""

    def __init__(
        self,
        read: "Read",
        write: "Write",
        verbs: "Verbs",
        reset: "Callable[[], object]",
        make_improv: "Callable[[Send], Improv] | None" = None,
    ) -> None:
        """read: fills a buffer with what has come, without waiting; how much. write: how much it
        took. reset: starts the box anew, once an answer that announces it is out. make_improv:
        what handles packets of Improv, and sends by what it is given; None: nobody does.
        """
        self._read = read
        self._write = write
        self._verbs = verbs
        self._reset = reset
        self._make_improv = make_improv
        self._improv: "Improv | None" = None
        self._packets = Reader()
        self._session = Session(verbs.handle)
        self._buffer = bytearray(READ_LEN)

    def receive(self) -> None:
        """Take what has come and answer it. It can be a key: what was read is wiped."""
        for _ in range(READS_AT_ONCE):
            count = self._read(self._buffer)
            if count <= 0:
                return
            try:
                for kind, data, length in self._packets.feed(self._buffer, count):
                    self._take(kind, data, length)
            finally:
                wipe(memoryview(self._buffer)[:count])
            if self._verbs.is_leaving:
                self._reset()
                return

    def _take(self, kind: int, data: "bytes | bytearray", length: int) -> None:
        if kind == OTHER:
            self._send(self._session.receive(data, length))
        elif self._make_improv is not None:
            if self._improv is None:
                self._improv = self._make_improv(self._send)
            self._improv.receive(kind, data)

    def tell(self, text: str) -> None:
        """A line for people, such as a greeting; hosts pass over it."""
        self._send(("\r\n%s\r\n" % text).encode())

    def _send(self, data: bytes) -> None:
        rest = memoryview(data)
        in_vain = 0
        while len(rest) and in_vain < WRITES_IN_VAIN:
            count = self._write(rest)
            in_vain = 0 if count > 0 else in_vain + 1
            rest = rest[max(count, 0) :]

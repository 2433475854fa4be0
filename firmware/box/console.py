"""The console: the serial line's bytes to requests, and their answers back."""

from ut1.device import Session
from wg.compat import TYPE_CHECKING
from wg.keytext import wipe

if TYPE_CHECKING:
    from collections.abc import Callable

    from box.verbs import Verbs

    Reader = Callable[[bytearray], int]
    Writer = Callable[[memoryview], int]

READ_LEN = 256
# So much is read before packets move again.
READS_AT_ONCE = 8
# So often a line that takes nothing is tried before the answer is given up; the host asks again.
WRITES_IN_VAIN = 1000


class Console:
    """Call receive() whenever bytes wait."""

    def __init__(
        self,
        read: "Reader",
        write: "Writer",
        verbs: "Verbs",
        reset: "Callable[[], object]",
    ) -> None:
        """read: fills a buffer with what has come, without waiting; how much. write: how much it
        took. reset: starts the box anew, once an answer that announces it is out.
        """
        self._read = read
        self._write = write
        self._verbs = verbs
        self._reset = reset
        self._session = Session(verbs.handle)
        self._buffer = bytearray(READ_LEN)

    def receive(self) -> None:
        """Take what has come and answer it. It can be a key: what was read is wiped."""
        for _ in range(READS_AT_ONCE):
            count = self._read(self._buffer)
            if count <= 0:
                return
            try:
                answer = self._session.receive(self._buffer, count)
            finally:
                wipe(memoryview(self._buffer)[:count])
            self._send(answer)
            if self._verbs.is_leaving:
                self._reset()
                return

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

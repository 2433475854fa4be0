"""One TCP connection of the doctor's, to see whether somebody is there, and what he says."""

from box.climb_streams import CONNECTING, ENDED, OPEN
from carrier.http import Asking
from wg.compat import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from box.board import Board
    from box.carriers import Path
    from box.climb import Climb
    from box.doctor_answer import Answer
    from carrier.http import Response

CONNECT_MS = 3_000
READ_LEN = 512
# Asked for like any phone does that looks for a sign-in page.
PAGE = "/generate_204"
REFUSED = 2  # native/carrier/cr_end.h


class _Page(Asking):
    """response: None: what came is none. Whatever it is, it is an answer."""

    response: "Response | None" = None

    def _judge(self, response: "Response | None") -> None:
        self.response = response
        self.is_done = True


class Dial:
    """is_there: somebody answered, if only to say that nobody listens. status: of HTTP; 0: none.

    location: where it says to go instead; None: it does not.

    is_busy: nobody was asked, for a board has one stream, and the search for a way was using it.
    """

    def __init__(self, board: "Board", climb: "Climb | None", address: bytes, port: int) -> None:
        """climb: what the box looks for its gateway by; None: the document names one way."""
        self.is_there = False
        self.is_busy = False
        self.status = 0
        self.location: "str | None" = None
        self._board = board
        self._router: "Path" = board.router if climb is None else climb.path
        self._browser = None if climb is None else climb.carriers.browser
        self._address = address
        self._port = port

    def fetch(self, host: str = "", page: str = PAGE) -> "Iterator[Answer | None]":
        """See whether somebody is there, and ask him for a page; only the head of it is read.

        host: "": he is asked for nothing.
        """
        number = yield from self._open()
        if number < 0:
            return
        try:
            yield from self._wait(number)
            if host and self._router.stream_state(number) == OPEN:
                yield from self._read(number, host, page)
        finally:
            self._router.stream_close(number)

    def _open(self) -> "Generator[Answer | None, None, int]":
        """The stream's number, as soon as one is free; -1: none was."""
        ends_ms = self._board.control.now_ms() + CONNECT_MS
        while True:
            try:
                return self._router.stream_open(self._address, self._port)
            except OSError:
                self.is_busy = self._board.control.now_ms() >= ends_ms
            if self.is_busy:
                return -1
            yield None

    def _wait(self, number: int) -> "Iterator[Answer | None]":
        ends_ms = self._board.control.now_ms() + CONNECT_MS
        while self._board.control.now_ms() < ends_ms:
            state = self._router.stream_state(number)
            if state != CONNECTING:
                refused = state == ENDED and self._router.stream_end(number) == REFUSED
                self.is_there = refused or state == OPEN
                return
            yield None

    def _read(self, number: int, host: str, page: str) -> "Iterator[Answer | None]":
        """Piece by piece: whoever talks without an end has the box wait for him no longer."""
        text = "GET %s HTTP/1.1\r\n" % page
        plain = [("Host", host), ("Accept", "*/*"), ("Connection", "close")]
        for each in plain if self._browser is None else self._browser.page_headers(host):
            text += "%s: %s\r\n" % each
        rest = memoryview((text + "\r\n").encode())
        asking = _Page(self._browser)  # type: ignore[arg-type]
        buffer = bytearray(READ_LEN)
        ends_ms = self._board.control.now_ms() + CONNECT_MS
        while not asking.is_done and self._board.control.now_ms() < ends_ms:
            rest = rest[self._router.stream_write(number, rest) :] if rest else rest
            count = self._router.stream_read(number, buffer)
            asking.feed(memoryview(buffer)[:count])
            if not count and self._router.stream_state(number) == ENDED:
                return
            if not asking.is_done:
                yield None
        if asking.response is not None:
            self.status = asking.response.status
            self.location = asking.response.header("location")

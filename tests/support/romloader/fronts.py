"""A chip on a line: a pseudo-terminal, or a socket as a port server lends one."""

import contextlib
import os
import select
import socket
import threading
import time
import tty
from types import TracebackType
from typing import Self

from tests.support.romloader.faults import UnpluggedError
from tests.support.romloader.loader import RomLoader

_READ_LEN = 4096
_BITS_PER_BYTE = 10  # with start and stop bit


class _Front:
    """A with block in which the chip can be reached. It can be entered again when unplugged.

    is_slow: bytes take as long as they do at the chip's baud rate, in both directions.
    """

    def __init__(self, loader: RomLoader, is_slow: bool = False) -> None:
        self.loader = loader
        self.bytes_in = 0
        self._is_slow = is_slow
        self._due = 0.0
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        self._ended.clear()
        self._open()
        self._thread = threading.Thread(target=self._serve, name="rom loader")
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ended.set()
        if self._thread is not None:
            self._thread.join()

    def _open(self) -> None:
        raise NotImplementedError

    def _serve(self) -> None:
        raise NotImplementedError

    def _converse(self, data: bytes) -> bytes:
        """What the chip says, when the bytes both ways have had their time."""
        self.bytes_in += len(data)
        if not self._is_slow:
            return self.loader.feed(data)
        # At the rate at which they come, which the request itself may change.
        self._take_time(len(data))
        baud = self.loader.baud
        answer = self.loader.feed(data)
        self._take_time(len(answer), baud)
        return answer

    def _take_time(self, count: int, baud: int = 0) -> None:
        self._due += count * _BITS_PER_BYTE / (baud or self.loader.baud)
        now = time.monotonic()
        if self._due > now:
            time.sleep(self._due - now)

    def _wait(self, source: socket.socket | int) -> bool:
        """Until there is something to read; False: it is over. What waits already goes on coming
        while this machine does something else, so that only a pause lets the line begin anew."""
        if select.select([source], [], [], 0)[0]:
            return not self._ended.is_set()
        while not self._ended.is_set():
            if select.select([source], [], [], 0.05)[0]:
                self._due = max(self._due, time.monotonic())
                return True
        return False


class SocketFront(_Front):
    """On 127.0.0.1; url is for pyserial. Ends its line and listens no more when unplugged."""

    url = ""

    def _open(self) -> None:
        self._server = socket.create_server(("127.0.0.1", 0))
        self.url = f"socket://127.0.0.1:{self._server.getsockname()[1]}"

    def _serve(self) -> None:
        with self._server, contextlib.suppress(UnpluggedError):
            while self._wait(self._server):
                with self._server.accept()[0] as line:
                    line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                    self._serve_line(line)

    def _serve_line(self, line: socket.socket) -> None:
        with contextlib.suppress(ConnectionError):
            while self._wait(line) and (data := line.recv(_READ_LEN)):
                line.sendall(self._converse(data))


class PtyFront(_Front):
    """On a pseudo-terminal; url is its path. It goes away when unplugged."""

    url = ""

    def _open(self) -> None:
        self._line, other = os.openpty()
        tty.setraw(self._line)
        tty.setraw(other)
        self.url = os.ttyname(other)
        self._other = other  # held, so that the line stays while nobody has it open

    def _serve(self) -> None:
        try:
            with contextlib.suppress(UnpluggedError):
                while self._wait(self._line):
                    os.write(self._line, self._converse(os.read(self._line, _READ_LEN)))
        finally:
            os.close(self._other)
            os.close(self._line)

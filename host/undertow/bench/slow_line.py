"""A serial line in front of an emulated board, whose own console is as quick as this machine."""

import contextlib
import socket
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Self

# Little enough that a byte is hardly late, and enough that sleeping is exact.
_CHUNK_LEN = 64


class SlowLine:
    """A with block in which somebody may connect to `url`, as often as he likes, one at a time.

    rate: bytes in a second, in each direction by itself, as a UART has it. counts: the bytes that
    went to the box, and from it.
    """

    def __init__(self, folder: Path, board: str, rate: float) -> None:
        """folder: for the socket. board: the console of a board, unix:PATH."""
        self.url = f"unix:{folder / 'slow-line'}"
        self.rate = rate
        self.counts = [0, 0]
        self._board = board.removeprefix("unix:")
        self._server = socket.socket(socket.AF_UNIX)
        self._server.bind(self.url.removeprefix("unix:"))
        self._server.listen()
        self._thread = threading.Thread(target=self._serve)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with contextlib.suppress(OSError):
            self._server.shutdown(socket.SHUT_RDWR)  # which wakes accept() up
        self._thread.join()
        self._server.close()

    def _serve(self) -> None:
        while True:
            try:
                laptop, _ = self._server.accept()
            except OSError:
                return
            with laptop, socket.socket(socket.AF_UNIX) as box:
                box.connect(self._board)
                ways = [
                    threading.Thread(target=self._carry, args=(0, laptop, box)),
                    threading.Thread(target=self._carry, args=(1, box, laptop)),
                ]
                for way in ways:
                    way.start()
                for way in ways:
                    way.join()

    def _carry(self, way: int, source: socket.socket, sink: socket.socket) -> None:
        """Pass on what comes, each chunk when its last byte would have arrived."""
        free_at = 0.0
        with contextlib.suppress(OSError):
            while data := source.recv(_CHUNK_LEN):
                free_at = max(free_at, time.monotonic()) + len(data) / self.rate
                time.sleep(max(0.0, free_at - time.monotonic()))
                sink.sendall(data)
                self.counts[way] += len(data)
        for each in (source, sink):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

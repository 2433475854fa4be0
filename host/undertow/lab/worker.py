"""Parts of a lab that work in a thread of their own."""

import socket
import threading
from abc import ABC, abstractmethod
from types import TracebackType
from typing import Self


class Worker(ABC):
    """A with block during which _work() runs in a thread."""

    def __init__(self, name: str, *sockets: socket.socket) -> None:
        """sockets: closed when the work has ended."""
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._work, name=name)
        self._sockets = sockets

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Have the work end, and wait for it. More than once is as good as once."""
        self._ended.set()
        self._thread.join()
        for each in self._sockets:
            each.close()

    @abstractmethod
    def _work(self) -> None:
        """Go on until _ended is set; look at least ten times a second."""

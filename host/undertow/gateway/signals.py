"""What wakes a running gateway: signals; a change in its folder becomes one, too."""

import contextlib
import fcntl
import os
import signal
import socket
from pathlib import Path
from types import FrameType

ENDING = (signal.SIGINT, signal.SIGTERM)


class Signals:
    """A with block in which signals are readable, and end nothing by themselves."""

    def __init__(self, folder: Path) -> None:
        """folder: to be woken when a file comes or gets another name there."""
        self.is_ending = False
        self._folder = folder
        self._hung_up = False
        self._ours, self._kernels = socket.socketpair()

    def __enter__(self) -> "Signals":
        self._ours.setblocking(False)
        self._kernels.setblocking(False)
        numbers = (*ENDING, signal.SIGHUP, signal.SIGIO)
        self._before = [(number, signal.signal(number, self._take)) for number in numbers]
        self._watched = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        with contextlib.suppress(OSError):  # not every file system tells
            what = fcntl.DN_CREATE | fcntl.DN_RENAME | fcntl.DN_MULTISHOT
            fcntl.fcntl(self._watched, fcntl.F_NOTIFY, what)
        self._fd_before = signal.set_wakeup_fd(self._kernels.fileno(), warn_on_full_buffer=False)
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._watched)
        signal.set_wakeup_fd(self._fd_before)
        for number, handler in self._before:
            signal.signal(number, handler)
        self._ours.close()
        self._kernels.close()

    def _take(self, number: int, _frame: FrameType | None) -> None:
        if number == signal.SIGHUP:
            self._hung_up = True
        elif number in ENDING:
            self.is_ending = True

    def fileno(self) -> int:
        return self._ours.fileno()

    def drain(self) -> None:
        with contextlib.suppress(BlockingIOError):
            while self._ours.recv(64):
                pass

    def take_hangup(self) -> bool:
        """Whether SIGHUP came, once."""
        took, self._hung_up = self._hung_up, False
        return took

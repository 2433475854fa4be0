"""QEMU's side of a port: unix datagram sockets, one datagram a frame (`-netdev dgram`)."""

import collections
import contextlib
import os
import socket
from collections.abc import Callable
from pathlib import Path

from undertow.lab.ethernet.loop import Loop

MAX_FRAME = 65_600
# QEMU's socket has this behind the path of ours (undertow.board.machine).
BOARD_SUFFIX = ".board"
# What a board that does not listen just now may miss; the rest is lost, as on a cable.
QUEUE = 1024
# A burst is taken at once, but not so much that the other ports starve.
_AT_ONCE = 64
_SOCKET_BUFFER = 1 << 20


class DatagramCable:
    """A socket at path whose far end is path.board.

    The far end may come, go and come again; without it frames are lost.
    """

    def __init__(self, loop: Loop, path: Path) -> None:
        self.path = path
        self.dropped = 0
        self._loop = loop
        self._far = f"{path}{BOARD_SUFFIX}"
        self._waiting: collections.deque[bytes] = collections.deque()
        with contextlib.suppress(FileNotFoundError):
            path.unlink()
        self._in = _socket()
        self._in.bind(os.fspath(path))
        # A socket of its own for the way out: connected, it can tell when the far end takes more,
        # but a connected socket would not take frames of a far end that was started anew.
        self._out: socket.socket | None = None

    def start(self, receive: Callable[[bytes], None]) -> None:
        """Call receive with each frame from the far end, in the loop's thread."""

        def take() -> None:
            with contextlib.suppress(BlockingIOError):
                for _ in range(_AT_ONCE):
                    receive(self._in.recv(MAX_FRAME))

        self._loop.call(lambda: self._loop.watch(self._in, take))

    def stall(self) -> None:
        """Take nothing more from the far end, which has to wait with what it sends."""
        self._loop.forget(self._in)

    def close(self) -> None:
        """Take the socket away."""
        self._loop.forget(self._in)
        self._in.close()
        self._hang_up()
        self.path.unlink(missing_ok=True)

    def send(self, frame: bytes) -> None:
        """Give a frame to the far end, later if it is busy. In the loop's thread."""
        if self._waiting:
            self._queue(frame)
        elif not self._send(frame):
            self._queue(frame)
            assert self._out is not None
            self._loop.watch(self._out, self._ignore, self._send_waiting)

    def _queue(self, frame: bytes) -> None:
        if len(self._waiting) < QUEUE:
            self._waiting.append(frame)
        else:
            self.dropped += 1

    def _send(self, frame: bytes) -> bool:
        """False: the far end is there but takes nothing just now."""
        for _ in range(2):  # the second time to one that was started anew
            if self._out is None and not self._connect():
                break
            assert self._out is not None
            try:
                self._out.send(frame)
                return True
            except BlockingIOError:
                return False
            except OSError:  # it went away
                self._hang_up()
        self.dropped += 1
        return True

    def _connect(self) -> bool:
        self._out = _socket()
        try:
            self._out.connect(self._far)
        except OSError:  # nobody is there
            self._hang_up()
            return False
        return True

    def _hang_up(self) -> None:
        if self._out is not None:
            self._loop.forget(self._out)
            self._out.close()
            self._out = None

    def _send_waiting(self) -> None:
        while self._waiting and self._send(self._waiting[0]):
            self._waiting.popleft()
        if not self._waiting and self._out is not None:
            self._loop.forget(self._out)

    def _ignore(self) -> None:
        """Nothing comes this way; but a far end that went away is told as readable."""
        if self._out is None:
            return
        try:
            self._out.recv(1)
        except BlockingIOError:
            return
        except OSError:
            self._hang_up()
            self.dropped += len(self._waiting)
            self._waiting.clear()


def _socket() -> socket.socket:
    made = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    made.setblocking(False)
    for buffer in (socket.SO_SNDBUF, socket.SO_RCVBUF):
        made.setsockopt(socket.SOL_SOCKET, buffer, _SOCKET_BUFFER)
    return made

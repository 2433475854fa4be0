"""One thread in which everything of an emulated network happens: sockets, timers, calls."""

import collections
import contextlib
import heapq
import itertools
import selectors
import socket
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from types import TracebackType
from typing import TypeVar

from undertow.lab.errors import LabError
from undertow.lab.worker import Worker

T = TypeVar("T")

_READABLE = selectors.EVENT_READ
_WRITABLE = selectors.EVENT_WRITE
_IDLE_S = 0.1
PATIENCE_S = 20.0


class Timer:
    """Something that will happen; cancel() keeps it from happening."""

    def __init__(self, action: Callable[[], None]) -> None:
        self.action: Callable[[], None] | None = action

    def cancel(self) -> None:
        """More than once is as good as once."""
        self.action = None


class Loop(Worker):
    """A with block during which the network runs.

    What belongs to the network is touched in its thread alone: from elsewhere by call().
    A bug in a callback ends the loop; whoever calls afterwards, and the end of the block, tell it.
    """

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()
        self._timers: list[tuple[float, int, Timer]] = []
        self._order = itertools.count()
        self._posted: collections.deque[Callable[[], None]] = collections.deque()
        self._bell, self._ringer = socket.socketpair()
        self._failure: BaseException | None = None
        self._bell.setblocking(False)
        self._ringer.setblocking(False)
        super().__init__("ethernet", self._bell, self._ringer)
        self.watch(self._bell, self._hear_bell)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        super().__exit__(kind, error, trace)
        self._selector.close()
        if self._failure is not None and error is None:
            raise LabError("the emulated network broke", str(self._failure)) from self._failure

    def stop(self) -> None:
        """Have it end, and wait for it."""
        with contextlib.suppress(OSError):  # it was stopped before
            self._ringer.send(b"!")
        super().stop()

    def watch(
        self,
        watched: socket.socket,
        on_readable: Callable[[], None] | None,
        on_writable: Callable[[], None] | None = None,
    ) -> None:
        """Call on_readable whenever a socket has something; replaces what was wanted before.

        on_writable: called whenever it takes something. None: not wanted; one of them is.
        """
        events = (_READABLE if on_readable else 0) | (_WRITABLE if on_writable else 0)
        with contextlib.suppress(KeyError):
            self._selector.unregister(watched)
        self._selector.register(watched, events, (on_readable, on_writable))

    def forget(self, watched: socket.socket) -> None:
        """No longer watch a socket; close it after that."""
        with contextlib.suppress(KeyError):
            self._selector.unregister(watched)

    def after(self, seconds: float, action: Callable[[], None]) -> Timer:
        """Call action in so many seconds."""
        return self.at(time.monotonic() + seconds, action)

    def at(self, moment: float, action: Callable[[], None]) -> Timer:
        """Call action at a time of time.monotonic(); in order of making where times are equal."""
        timer = Timer(action)
        heapq.heappush(self._timers, (moment, next(self._order), timer))
        return timer

    def call(self, action: Callable[[], T]) -> T:
        """Run action in the loop's thread, from any thread, and return what it returns."""
        if threading.current_thread() is self._thread or not self._thread.is_alive():
            self._complain()
            return action()
        future: Future[T] = Future()

        def run() -> None:
            try:
                future.set_result(action())
            except BaseException as error:  # the caller's, not the loop's
                future.set_exception(error)

        self._posted.append(run)
        with contextlib.suppress(BlockingIOError):  # it rings already
            self._ringer.send(b"!")
        try:
            return future.result(PATIENCE_S)
        except TimeoutError:
            self._complain()
            raise

    def wait_until(
        self, condition: Callable[[], object], timeout_s: float, complaint: Callable[[], str]
    ) -> None:
        """Wait, in another thread, until condition() is true in the loop's; LabError if never."""
        end = time.monotonic() + timeout_s
        while not self.call(condition):
            if time.monotonic() > end:
                raise LabError(self.call(complaint), f"waited for {timeout_s:.1f} s")
            time.sleep(0.005)

    def _complain(self) -> None:
        if self._failure is not None:
            raise LabError("the emulated network broke", str(self._failure)) from self._failure

    def _hear_bell(self) -> None:
        self._bell.recv(4096)
        while self._posted:
            self._posted.popleft()()

    def _work(self) -> None:
        try:
            while not self._ended.is_set():
                for key, events in self._selector.select(self._run_timers()):
                    on_readable, on_writable = key.data
                    if events & _READABLE and on_readable:
                        on_readable()
                    if events & _WRITABLE and on_writable:
                        on_writable()
        except BaseException as error:  # told to whoever calls, in their thread
            self._failure = error

    def _run_timers(self) -> float:
        """Do what is due; the seconds until something is again."""
        while self._timers:
            moment, _, timer = self._timers[0]
            left = moment - time.monotonic()
            if timer.action is not None and left > 0:
                return min(left, _IDLE_S)
            heapq.heappop(self._timers)
            if timer.action is not None:
                timer.action()
        return _IDLE_S

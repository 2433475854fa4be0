"""What blocks for seconds, beside the control loop: packets, console and watchdog go on meanwhile.

Listening on all channels takes more than two seconds, and WLAN.active(True) spins until an event
comes that may never come. MicroPython lets other threads run during both.
"""

import _thread

from wg.compat import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    Work = Callable[[], Any]
    Done = Callable[[Any, Exception | None], object]

# Of the thread: the driver's start runs on it, and the default of 5 KB is near to what that takes.
STACK_LEN = 8192


class Worker:
    """One thing at a time. Nothing else may use the radio while `is_busy`."""

    def __init__(self) -> None:
        self._lock = _thread.allocate_lock()
        self._done: "Done | None" = None
        self._result: "object" = None
        self._error: "Exception | None" = None

    @property
    def is_busy(self) -> bool:
        return self._done is not None

    def start(self, work: "Work", done: "Done") -> bool:
        """Have work() done; then look() calls done(what it returned, what it raised).

        False: there is something else to do first, and nothing was begun.
        """
        if self._done is not None:
            return False
        self._lock.acquire()
        self._done = done
        try:
            _thread.stack_size(STACK_LEN)
            _thread.start_new_thread(self._run, (work,))
        except (OSError, RuntimeError, MemoryError) as error:  # there is no room for a thread
            self._finish(None, error)
        return True

    def look(self) -> None:
        """Call back, if it is done."""
        if self._done is None or self._lock.locked():
            return
        done, result, error = self._done, self._result, self._error
        self._done = self._result = self._error = None
        done(result, error)

    def _run(self, work: "Work") -> None:
        try:
            result = work()
        except Exception as error:
            self._finish(None, error)
        else:
            self._finish(result, None)

    def _finish(self, result: object, error: "Exception | None") -> None:
        self._result = result
        self._error = error
        self._lock.release()

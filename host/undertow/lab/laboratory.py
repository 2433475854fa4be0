"""The lab itself: it makes computers and takes everything down again, also when interrupted."""

import contextlib
import os
import secrets
import signal
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType, TracebackType
from typing import Self

from undertow.lab import isolation
from undertow.lab.namespace import Namespace

_ENDING_SIGNALS = (signal.SIGTERM, signal.SIGHUP)


class Lab:
    """A with block that owns namespaces, processes and a folder for their files.

    SIGTERM and SIGHUP end the block like an exception (SystemExit), as Ctrl-C does by itself.
    """

    def __init__(self) -> None:
        self._stack = contextlib.ExitStack()
        self._tag = f"{os.getpid()}-{secrets.token_hex(2)}"
        self._interfaces = 0
        self.folder = Path()

    def __enter__(self) -> Self:
        isolation.isolate()
        with self._stack:
            self._end_on_signals()
            # In /run, which is private by now: even after SIGKILL nothing of it stays.
            folder = tempfile.TemporaryDirectory(prefix="undertow-lab-", dir="/run")
            self.folder = Path(self._stack.enter_context(folder))
            self._stack = self._stack.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        # A second Ctrl-C must not stop the cleaning up half-way.
        with _deaf_to(signal.SIGINT, *_ENDING_SIGNALS):
            self._stack.__exit__(kind, error, trace)

    def _end_on_signals(self) -> None:
        if threading.current_thread() is not threading.main_thread():
            return
        for number in _ENDING_SIGNALS:
            before = signal.signal(number, _exit_by_signal)
            self._stack.callback(signal.signal, number, before)

    def namespace(self, label: str) -> Namespace:
        """A new computer. label: a word for its name."""
        made = Namespace(f"{label}-{self._tag}", self.folder)
        self._stack.callback(made.close)
        return made

    def interface_name(self, label: str) -> str:
        """A name for a tunnel interface that no other in the lab has: sockets share a folder."""
        self._interfaces += 1
        return f"{label}{self._interfaces}"

    def at_end(self, action: Callable[[], object]) -> None:
        """Call action when the lab is taken down, before what was made earlier."""
        self._stack.callback(action)


def _exit_by_signal(number: int, _frame: FrameType | None) -> None:
    raise SystemExit(128 + number)


@contextlib.contextmanager
def _deaf_to(*numbers: signal.Signals) -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = [(number, signal.signal(number, signal.SIG_IGN)) for number in numbers]
    try:
        yield
    finally:
        for number, handler in before:
            signal.signal(number, handler)

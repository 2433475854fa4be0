"""The lab itself: it makes computers and takes everything down again, also when interrupted."""

import contextlib
import itertools
import os
import secrets
import tempfile
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from undertow.lab import isolation, signals
from undertow.lab.namespace import Namespace

# Of all labs of this process: there can be two at a time.
_INTERFACES = itertools.count(1)


class Lab:
    """A with block that owns namespaces, processes and a folder for their files.

    SIGTERM and SIGHUP end the block like an exception (SystemExit), as Ctrl-C does by itself.
    """

    def __init__(self) -> None:
        self._stack = contextlib.ExitStack()
        self._tag = f"{os.getpid()}-{secrets.token_hex(2)}"
        self.folder = Path()

    def __enter__(self) -> Self:
        isolation.isolate()
        with self._stack:
            self._stack.enter_context(signals.ending_by_exit())
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
        with signals.deaf():
            self._stack.__exit__(kind, error, trace)

    def namespace(self, label: str) -> Namespace:
        """A new computer. label: a word for its name."""
        made = Namespace(f"{label}-{self._tag}", self.folder)
        self._stack.callback(made.close)
        return made

    def interface_name(self, label: str) -> str:
        """A name for a tunnel interface that no other of ours has: sockets share a folder."""
        return f"{label}{next(_INTERFACES)}"

    def at_end(self, action: Callable[[], object]) -> None:
        """Call action when the lab is taken down, before what was made earlier."""
        self._stack.callback(action)

"""The log: one line for each thing worth telling, with its time and level, and never a secret."""

import time

from wg.compat import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Protocol

    class Writer(Protocol):
        def write(self, text: str) -> object: ...


LEVELS = ("debug", "info", "warning", "error", "silent")


class Log:
    def __init__(self, level: str, stream: "Writer") -> None:
        """level: the least that is told, one of LEVELS. stream: something with write(str)."""
        self.least = LEVELS.index(level)
        self.stream = stream

    def __call__(self, level: str, text: str) -> None:
        if LEVELS.index(level) < self.least:
            return
        now = time.localtime()
        stamp = "%04d-%02d-%02d %02d:%02d:%02d" % tuple(now[:6])
        try:
            self.stream.write("%s %-7s %s\n" % (stamp, level, text))
        except OSError:
            pass  # whoever read the log has gone; the tunnel goes on

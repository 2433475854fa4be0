"""What a running gateway says: a line for each thing worth telling, and never a secret."""

import contextlib
import json
import sys
import time
from typing import TextIO


class Log:
    """Plain lines on standard error, or with as_json an object a line on standard output."""

    def __init__(self, as_json: bool, stream: TextIO | None = None) -> None:
        self.as_json = as_json
        self.stream = stream or (sys.stdout if as_json else sys.stderr)

    def __call__(self, level: str, event: str, text: str, **details: object) -> None:
        """level: info, warning or error. event: a word for programs. text: a sentence."""
        # Whoever read the log may have gone; the gateway goes on.
        with contextlib.suppress(OSError, ValueError):
            print(self._line(level, event, text, details), file=self.stream, flush=True)

    def _line(self, level: str, event: str, text: str, details: dict[str, object]) -> str:
        now = time.localtime()
        if not self.as_json:
            return f"{time.strftime('%Y-%m-%d %H:%M:%S', now)} {level:<7} {text}"
        stamp = time.strftime("%Y-%m-%dT%H:%M:%S%z", now)
        return json.dumps({"time": stamp, "level": level, "event": event, "text": text, **details})

"""Lines for people, in colour where colour is allowed: on a terminal, and without NO_COLOR.

Rich decides that, and knows how the terminals of Windows are spoken to. It is loaded with the
first line that is said, not with `--help`.
"""

import sys
from typing import IO

GOOD = "bold green"
WARNING = "bold yellow"
ALARM = "bold red"
BOLD = "bold"
PLAIN = ""


def say(text: str, style: str = PLAIN, stream: IO[str] | None = None) -> None:
    """Print a line, to standard error unless told otherwise: standard output is for results."""
    from rich.console import Console
    from rich.text import Text

    terminal = Console(file=stream or sys.stderr, highlight=False, soft_wrap=True)
    if terminal.is_terminal:
        terminal.print(Text(text, style=style))
    else:
        print(text, file=stream or sys.stderr, flush=True)


def is_allowed(stream: IO[str]) -> bool:
    """Whether colours may go to a stream."""
    from rich.console import Console

    terminal = Console(file=stream)
    return terminal.is_terminal and not terminal.no_color and terminal.color_system is not None


def can_show(text: str, stream: IO[str]) -> bool:
    """Whether a stream has these characters: a terminal of plain ASCII has no blocks."""
    try:
        text.encode(getattr(stream, "encoding", None) or "ascii")
    except (UnicodeError, LookupError):
        return False
    return True

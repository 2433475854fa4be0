"""Tells what happens: live on a terminal, in plain lines elsewhere."""

import contextlib
import textwrap
from collections.abc import Callable, Iterator, Sequence

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

Row = tuple[str, ...]

_INDENT = 24
_NARROW = 20


class Narrator:
    """Speaks on stdout; NO_COLOR and dumb terminals are heeded by rich."""

    def __init__(self, quiet: bool = False, console: Console | None = None) -> None:
        self._quiet = quiet
        self._console = console or Console(highlight=False, soft_wrap=True)

    def chapter(self, title: str) -> None:
        """Begin a part of the story."""
        self._print(Text(f"\n{title}", style="bold cyan"))

    def say(self, text: str, style: str = "") -> None:
        """One sentence."""
        self._print(Text(f"  {text}", style=style))

    def fact(self, name: str, value: str) -> None:
        """One thing that was seen or measured. On a terminal long ones stay in their column."""
        room = self._console.width - _INDENT - 1
        lines = [value]
        if self._console.is_terminal and room > _NARROW:
            lines = textwrap.wrap(value, room) or [""]
        for i, line in enumerate(lines):
            left = "" if i else name
            self._print(Text.assemble("  ", (f"{left:<22}", "dim"), (line, "bold")))

    def end(self, text: str) -> None:
        """The last sentence."""
        self._print(Text(f"\n{text}", style="bold green"))

    def table(self, head: Row, rows: Sequence[Row]) -> None:
        """What belongs side by side."""
        widths = [max(len(row[i]) for row in (head, *rows)) for i in range(len(head))]
        for number, row in enumerate((head, *rows)):
            cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
            self._print(Text("  " + "  ".join(cells).rstrip(), style="dim" if number == 0 else ""))

    def _print(self, text: Text) -> None:
        if not self._quiet:
            self._console.print(text)

    @contextlib.contextmanager
    def watching(self, look: Callable[[], list[Row]]) -> Iterator[Callable[[], None]]:
        """A block in which the caller says when to look again: its rows are shown live.

        Only on a terminal; elsewhere nothing is shown and look() is never called.
        """
        if self._quiet or not self._console.is_terminal:
            yield lambda: None
            return

        def picture() -> Table:
            table = Table.grid(padding=(0, 2))
            for row in look():
                table.add_row("", *row)
            return table

        with Live(picture(), console=self._console, transient=True, auto_refresh=False) as live:
            yield lambda: live.update(picture(), refresh=True)

"""A table of results beside their targets."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.text import Text


@dataclass(frozen=True)
class Line:
    """One result. met: None where there is no target."""

    name: str
    value: str
    note: str = ""
    target: str = ""
    met: bool | None = None


@dataclass(frozen=True)
class Table:
    """Results that belong together."""

    title: str
    lines: Sequence[Line]

    def show(self, console: Console | None = None) -> None:
        """Print it on stdout, with colours on a terminal."""
        out = console or Console(highlight=False, soft_wrap=True)
        out.print(Text(f"\n{self.title}", style="bold cyan"))
        head = ("", "result", "target", "")
        rows = [(line.name, line.value, line.target, _verdict(line)) for line in self.lines]
        widths = [max(len(row[i]) for row in (head, *rows)) for i in range(len(head))]
        out.print(Text("  " + _join(head, widths), style="dim"))
        for line, row in zip(self.lines, rows, strict=True):
            style = {None: "", True: "green", False: "yellow"}[line.met]
            text = Text("  " + _join(row, widths), style=style)
            if line.note:
                text.pad_right(2 + sum(widths) + 2 * len(widths) - len(text))
                text.append(line.note, style="dim")
            out.print(text)


def _join(row: tuple[str, str, str, str], widths: list[int]) -> str:
    name, value, target, verdict = row
    return "  ".join(
        (
            name.ljust(widths[0]),
            value.rjust(widths[1]),
            target.rjust(widths[2]),
            verdict.ljust(widths[3]),
        )
    ).rstrip()


def _verdict(line: Line) -> str:
    return {None: "", True: "met", False: "missed"}[line.met]

"""QR codes on a terminal, two rows of modules in one line of half blocks."""

import sys
from collections.abc import Iterator
from typing import TextIO

from undertow.terminal import colour

QUIET = 4  # modules of nothing around it, as ISO 18004 asks for
_HALVES = {(0, 0): " ", (1, 0): "▀", (0, 1): "▄", (1, 1): "█"}
_BLACK_ON_WHITE = "\x1b[30;107m"
_AS_BEFORE = "\x1b[0m"


def show(text: str, stream: TextIO | None = None) -> None:
    """Print a text as a QR code. ValueError: it is too long for one."""
    out = stream or sys.stdout
    for line in lines(text, colour.is_allowed(out), colour.can_show("▀▄█", out)):
        print(line, file=out)


def lines(text: str, has_colour: bool, has_blocks: bool = True) -> Iterator[str]:
    """The lines of a code.

    has_colour: dark modules are black on white, as a camera expects them. Without, light ones are
    drawn, which is the same on the dark terminals that most have.
    """
    rows = _matrix(text)
    if not has_blocks:
        for row in rows:
            yield "".join("  " if module else "##" for module in row).rstrip()
        return
    if len(rows) % 2:
        rows.append([0] * len(rows[0]))
    for upper, lower in zip(rows[::2], rows[1::2], strict=True):
        if has_colour:
            halves = "".join(_HALVES[pair] for pair in zip(upper, lower, strict=True))
            yield f"{_BLACK_ON_WHITE}{halves}{_AS_BEFORE}"
        else:
            yield "".join(_HALVES[1 - a, 1 - b] for a, b in zip(upper, lower, strict=True))


def _matrix(text: str) -> list[list[int]]:
    """Rows of modules with the quiet zone, 1 for dark."""
    import segno

    code = segno.make(text, error="m", micro=False)
    return [[int(module) for module in row] for row in code.matrix_iter(border=QUIET)]

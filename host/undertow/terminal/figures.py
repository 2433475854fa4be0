"""Digits and letters so large that they can be read from the other side of a room."""

import sys
from collections.abc import Sequence
from typing import IO

from undertow.terminal import colour

ROWS = 5
GAP = 3  # digits in a group
_FIGURES = {
    "0": ("###", "# #", "# #", "# #", "###"),
    "1": (" # ", "## ", " # ", " # ", "###"),
    "2": ("###", "  #", "###", "#  ", "###"),
    "3": ("###", "  #", "###", "  #", "###"),
    "4": ("# #", "# #", "###", "  #", "  #"),
    "5": ("###", "#  ", "###", "  #", "###"),
    "6": ("###", "#  ", "###", "# #", "###"),
    "7": ("###", "  #", "  #", " # ", " # "),
    "8": ("###", "# #", "###", "# #", "###"),
    "9": ("###", "# #", "###", "  #", "###"),
    # The letters of codes (ut1.doctor_code): nobody takes one for a digit.
    "A": (" # ", "# #", "###", "# #", "# #"),
    "B": ("## ", "# #", "## ", "# #", "## "),
    "C": (" ##", "#  ", "#  ", "#  ", " ##"),
    "D": ("## ", "# #", "# #", "# #", "## "),
    "E": ("###", "#  ", "## ", "#  ", "###"),
    "F": ("###", "#  ", "## ", "#  ", "#  "),
    "G": (" ###", "#   ", "# ##", "#  #", " ## "),
    "H": ("# #", "# #", "###", "# #", "# #"),
    "J": ("  #", "  #", "  #", "# #", " # "),
    "K": ("#  #", "# # ", "##  ", "# # ", "#  #"),
    "M": ("#   #", "## ##", "# # #", "#   #", "#   #"),
    "N": ("#   #", "##  #", "# # #", "#  ##", "#   #"),
    "P": ("## ", "# #", "## ", "#  ", "#  "),
    "Q": (" ## ", "#  #", "#  #", " ## ", "   #"),
    "R": ("### ", "#  #", "### ", "# # ", "#  #"),
    "S": (" ##", "#  ", " # ", "  #", "## "),
    "T": ("###", " # ", " # ", " # ", " # "),
    "V": ("#   #", "#   #", " # # ", " # # ", "  #  "),
    "W": ("#   #", "#   #", "# # #", "## ##", "#   #"),
    "X": ("#   #", " # # ", "  #  ", " # # ", "#   #"),
    "Y": ("#   #", " # # ", "  #  ", "  #  ", "  #  "),
    "Z": ("####", "   #", " ## ", "#   ", "####"),
}


def show(digits: str, stream: IO[str] | None = None) -> None:
    """Digits, or a code, as large as the terminal can show them; on standard error unless told."""
    out = stream or sys.stderr
    block = "█" if colour.can_show("█", out) else "#"
    for line in large(digits, block):
        colour.say(f"    {line}", colour.BOLD, out)


def show_code(digits: str, words: Sequence[str]) -> None:
    """The code of a pairing, the same at both ends; in no colour that says that it is right."""
    show(digits)
    colour.say(f"\n    {grouped(digits)}     {'  '.join(words)}\n", colour.BOLD)


def large(digits: str, block: str = "█") -> list[str]:
    """The lines of digits in block figures, in groups of three. KeyError: nothing of ours."""
    lines = []
    for row in range(ROWS):
        line = ""
        for index, digit in enumerate(digits):
            if index:
                line += " " * (6 if index % GAP == 0 else 2)
            # Two characters wide: a character is about twice as high as it is wide.
            line += "".join(cell * 2 for cell in _FIGURES[digit][row]).replace("#", block)
        lines.append(line.rstrip())
    return lines


def grouped(digits: str) -> str:
    """Digits as they are read out: 370 855."""
    return " ".join(digits[start : start + GAP] for start in range(0, len(digits), GAP))

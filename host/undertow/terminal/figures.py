"""Digits so large that they can be read from the other side of a room."""

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
}


def large(digits: str, block: str = "█") -> list[str]:
    """The lines of digits in block figures, in groups of three. KeyError: not a digit."""
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

"""What came of each box on each network: kept by the tests, shown at the end.

UNDERTOW_SCORECARD=FILE has it written there as JSON, too.
"""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

NOTHING, SMALL, ALL = "nothing", "small pages", "everything"


@dataclass
class Row:
    """One box on one network. Times in seconds; None: not measured.

    plain: what a plain WireGuard box reaches there. first_s: from the cable to the first page on a
    network never seen; second_s: the next time on it. large: 300 kB came whole. leaks: frames on
    the uplink that should not be. way: by which the box got out. deeds, plain_deeds: how often the
    censor did anything to the box, and to the plain one.
    """

    box: str
    network: str
    plain: str = ""
    first_s: float | None = None
    second_s: float | None = None
    large: bool | None = None
    leaks: int | None = None
    way: str = ""
    deeds: int | None = None
    plain_deeds: int | None = None


@dataclass
class Scorecard:
    """Rows in the order in which they were measured."""

    rows: list[Row] = field(default_factory=list)

    def row(self, box: str, network: str) -> Row:
        """The row of a box on a network, made when it is asked for first."""
        for row in self.rows:
            if (row.box, row.network) == (box, network):
                return row
        self.rows.append(Row(box, network))
        return self.rows[-1]

    def table(self) -> list[str]:
        """For people: a line for each row, under a head."""
        head = (
            *("box", "network", "plain WireGuard", "first", "again", "300 kB", "leaks"),
            *("censored, plain", "way out"),
        )
        cells = [head, *(_cells(row) for row in self.rows)]
        widths = [max(len(row[column]) for row in cells) for column in range(len(head))]
        return [
            "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip()
            for row in cells
        ]

    def write(self, file: Path) -> None:
        """As JSON."""
        rows = [asdict(row) for row in self.rows]
        file.write_text(json.dumps({"rows": rows}, indent=2) + "\n")


def _cells(row: Row) -> tuple[str, ...]:
    large = {None: "", True: "yes", False: "no"}[row.large]
    leaks, deeds, plain_deeds = map(_count, (row.leaks, row.deeds, row.plain_deeds))
    return (
        *(row.box, row.network, row.plain),
        *(_seconds(row.first_s), _seconds(row.second_s), large, leaks),
        *(f"{deeds:>8}, {plain_deeds}", row.way),
    )


def _count(value: int | None) -> str:
    return "" if value is None else str(value)


def _seconds(value: float | None) -> str:
    return "" if value is None else f"{value:.1f} s"

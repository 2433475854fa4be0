"""The table of what each way costs a board; counting takes a minute, and is for bench."""

from undertow.bench import board_carriers
from undertow.bench.board_carriers import PLAIN, WAYS


def test_the_report_has_a_line_for_each_way_and_holds_them_to_plain_udp() -> None:
    counts = {way: 100_000 * number for number, way in enumerate(WAYS, start=1)}
    lines = board_carriers.report({"a board": {**counts, "lost": 3}}).lines
    assert [line.name for line in lines[:-1]] == [f"a board: {way}" for way in WAYS]
    assert lines[0].note.startswith("x 1.00 of plain UDP; 36 Mbit/s")
    assert lines[-1].value == "3"


def test_plain_udp_is_what_any_wireguard_speaks() -> None:
    assert "Shapes = plain" in WAYS[PLAIN]
    assert all("Shapes = shaped" in lines for way, lines in WAYS.items() if way != PLAIN)

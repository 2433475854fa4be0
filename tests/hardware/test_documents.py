"""What people read and buy from: the parts' list, the pages and their links."""

import csv
import re
from pathlib import Path

import pytest

from undertow.hardware import boards, facts

COLUMNS = ["for", "part", "manufacturer", "part number", "quantity", "alternatives", "note"]
PAGES = sorted(facts.FOLDER.rglob("*.md"))


def parts() -> list[dict[str, str]]:
    with (facts.FOLDER / "bom.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def test_the_parts_list_has_its_columns_and_fills_them() -> None:
    with (facts.FOLDER / "bom.csv").open(newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0] == COLUMNS
    assert [row for row in rows if len(row) != len(COLUMNS)] == []
    for row in parts():
        assert all(row[name] for name in ("for", "part", "manufacturer", "part number")), row
        assert int(row["quantity"]) > 0


def test_the_parts_list_has_every_board_as_its_file_names_it() -> None:
    rows = parts()
    assert {row["for"] for row in rows} == {*boards.names(), "all"}
    for name in boards.names():
        board = boards.load(name)
        own = [row for row in rows if row["for"] == name]
        assert [row["part number"] for row in own].count(board.buying.part) == 1
        listed = next(row for row in own if row["part number"] == board.buying.part)
        wanted = "; ".join(board.buying.alternatives)
        assert listed["alternatives"] == wanted and listed["manufacturer"] == board.maker


@pytest.mark.parametrize("name", boards.names())
def test_what_is_wired_to_a_board_is_in_its_parts(name: str) -> None:
    board = boards.load(name)
    own = " ".join(row["part"] for row in parts() if row["for"] in (name, "all"))
    assert board.display.kind in own
    assert ("LED" in own.replace("OLED", "")) == (not board.led.is_on_board)
    assert ("push button" in own) == (not board.button.is_on_board)
    assert ("USB-UART" in own) == (board.uart is not None)
    for resistor in (board.led.resistor, board.button.resistor):
        if "Ohm" in resistor:
            assert f"resistor {resistor.split(' to ')[0]}" in own


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_of_a_page_go_to_files_that_are_there(page: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)\)", page.read_text())
    here = [link for link in links if not link.startswith("https://")]
    assert here, "a page without any link of its own"
    assert [link for link in here if not (page.parent / link).exists()] == []


def test_the_page_says_what_nobody_has_tried_and_what_is_dangerous() -> None:
    text = (facts.FOLDER / "README.md").read_text()
    assert "Nothing here has met silicon" in text
    unsafe = [boards.load(name) for name in boards.names()]
    unsafe = [board for board in unsafe if not board.power.isolated]
    assert [board.title for board in unsafe] == ["Olimex ESP32-POE"]
    assert "**Olimex ESP32-POE (not -ISO): never USB and PoE at the same time.**" in text


def test_the_licence_is_the_whole_text_of_the_one_that_is_named() -> None:
    text = (facts.FOLDER / "LICENSE").read_text()
    assert text.startswith("CERN Open Hardware Licence Version 2 - Permissive\n")
    assert "7.4 This Licence shall not be enforceable except by a Licensor" in text
    assert "CERN-OHL-P-2.0" in (facts.FOLDER / "README.md").read_text()

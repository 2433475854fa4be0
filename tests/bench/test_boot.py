"""A board's start, in instructions, which are the same on every machine."""

import shutil

import pytest
from tests.support.absence import cannot_run

from undertow.bench import boot
from undertow.board import firmware_file, machine

# At the ESP32-C3's 160 MHz the target of 300 ms is 48 million, if each took one tick.
INSTRUCTIONS_MAX = 24_000_000


@pytest.mark.parametrize("name", machine.names())
def test_a_blank_board_soon_answers_on_its_console(name: str) -> None:
    if shutil.which(machine.find(name).program) is None:
        cannot_run("QEMU is missing: run ./invoke setup")
    if not firmware_file(name).exists():
        cannot_run(f"{name} is not built: run ./invoke build --target {name}")
    assert 1_000_000 < boot.count_board(name) <= INSTRUCTIONS_MAX


def test_the_report_has_a_line_for_each_time() -> None:
    run = {"emulator": 1.0, "console": 2.0, "address": 3.0, "packet": 4.0, "whole": 5.0}
    lines = boot.report({"a board": {"runs": [run, run], "instructions": 7_000_000}}).lines
    assert [line.value for line in lines] == [
        *("1 ms", "2 ms", "3 ms", "4 ms", "5 ms"),
        "7.0 million",
    ]
    assert [line.met for line in lines] == [None, True, None, True, None, None]

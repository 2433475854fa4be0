"""The ladder itself: its lanes, what it tells of them, and how it ends."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from undertow import ladder, paths, rungs
from undertow.rungs import SHOWN, Suite

# It says when it begins and ends, and waits for a line in between.
TEST = """
import time
def test_{name}():
    with open({log!r}, "a") as log:
        print("{name} begins", file=log, flush=True)
    while {until!r} not in open({log!r}).read():
        time.sleep(0.05)
    with open({log!r}, "a") as log:
        print("{name} ends", file=log, flush=True)
    assert {right}
"""


def suite(folder: Path, name: str, lane: str, until: str = "", right: bool = True) -> Suite:
    file = folder / f"test_{name}.py"
    file.write_text(
        TEST.format(name=name, log=str(folder / "log"), until=until, right=right),
    )
    return Suite(name, f"Is {name} right?", (str(file),), lane=lane)


def climb(folder: Path, monkeypatch: pytest.MonkeyPatch, *suites: Suite) -> tuple[bool, list[str]]:
    """Whether nothing failed, and what the tests wrote."""
    monkeypatch.setattr(ladder, "SUITES", suites)
    monkeypatch.setattr(ladder, "REPORTS", folder / "reports")
    return ladder.climb(), (folder / "log").read_text().splitlines()


def test_lanes_run_beside_one_another_and_a_lane_in_its_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    went, log = climb(
        tmp_path,
        monkeypatch,
        suite(tmp_path, "first", SHOWN, until="slow begins"),
        suite(tmp_path, "slow", "aside", until="second begins"),
        suite(tmp_path, "after", "aside"),
        suite(tmp_path, "second", SHOWN),
    )
    assert went
    assert log.index("slow begins") < log.index("second begins") < log.index("slow ends")
    assert log.index("slow ends") < log.index("after begins")
    assert log.index("first ends") < log.index("second begins")
    said = capfd.readouterr()
    assert "(beside: slow, 1 passed, 0 failed)" in said.err
    assert [line.split()[:3] for line in said.err.splitlines() if line.endswith(" right?")][
        -4:
    ] == [[name, "1", "0"] for name in ("first", "slow", "after", "second")]
    assert said.out.splitlines()[-1] == "4 passed, 0 failed, 0 skipped"


def test_a_failure_beside_the_others_is_shown_and_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    went, _ = climb(
        tmp_path,
        monkeypatch,
        suite(tmp_path, "right", SHOWN),
        suite(tmp_path, "wrong", "aside", right=False),
    )
    assert not went
    said = capfd.readouterr()
    assert "FAILED" in said.err
    assert "(beside: wrong, 0 passed, 1 failed)" in said.err
    assert said.out.splitlines()[-1] == "1 passed, 1 failed, 0 skipped"


def test_after_ctrl_c_no_lane_goes_on(tmp_path: Path) -> None:
    suites = [
        suite(tmp_path, "here", SHOWN, "for ever"),
        suite(tmp_path, "there", "aside", "for ever"),
        suite(tmp_path, "never", "aside"),
    ]
    program = (
        "import pathlib, sys\n"
        "from undertow import ladder\n"
        "from undertow.rungs import Suite\n"
        f"ladder.SUITES = {suites!r}\n"
        f"ladder.REPORTS = pathlib.Path({str(tmp_path / 'reports')!r})\n"
        "ladder.climb()\n"
    )
    running = subprocess.Popen(
        [sys.executable, "-c", program],
        cwd=paths.ROOT,
        stderr=subprocess.PIPE,
        start_new_session=True,
        text=True,
    )
    log = tmp_path / "log"
    end = time.monotonic() + 60.0
    while not log.exists() or log.read_text().count("begins") < 2:
        assert time.monotonic() < end, "the suites did not begin"
        time.sleep(0.05)
    # As a terminal does: to everything that runs in it.
    os.killpg(running.pid, signal.SIGINT)
    _, said = running.communicate(timeout=60)
    assert running.returncode != 0
    assert "KeyboardInterrupt" in said
    assert sorted(log.read_text().splitlines()) == ["here begins", "there begins"]


def test_every_suite_is_in_a_lane_and_one_lane_is_shown() -> None:
    lanes = {suite.lane for suite in rungs.SUITES}
    assert SHOWN in lanes
    assert rungs.SUITES[0].lane == SHOWN

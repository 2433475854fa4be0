"""The runner inside MicroPython: what fails there fails here, and what breaks off never passes."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from undertow import paths, testing

ENDS = paths.TESTS / "support" / "outcomes.py"
CRASH = paths.TESTS / "support" / "outcomes_crash.py"
Run = Callable[[Path], Mapping[str, testing.Outcome]]

pytestmark = pytest.mark.parametrize(
    "run", [testing.on_unix, testing.on_rv32], ids=["unix", "rv32"]
)


@pytest.mark.parametrize("name", testing.names(ENDS))
def test_an_outcome_is_what_the_name_of_the_test_says(run: Run, name: str) -> None:
    outcome = run(ENDS)[name]
    expected = {"passes": "passed", "fails": "failed", "is": "skipped"}[name.split("_")[1]]
    assert outcome.outcome == expected


def test_all_failed_subtests_are_told_with_a_traceback(run: Run) -> None:
    text = run(ENDS)["OutcomeTest.test_fails_in_a_subtest_and_goes_on"].text
    assert "number=0" in text
    assert "number=2" in text
    assert "Traceback" in text


def test_a_run_that_breaks_off_fails_every_test_that_it_did_not_reach(run: Run) -> None:
    outcomes = run(CRASH)
    assert outcomes["CrashTest.test_a_passes"].outcome == "passed"
    assert outcomes["the run"].outcome == "failed"
    with pytest.raises(pytest.fail.Exception):
        testing.check(outcomes, "CrashTest.test_b_ends_the_program")


def test_a_test_that_the_target_does_not_know_fails(run: Run) -> None:
    with pytest.raises(pytest.fail.Exception):
        testing.check(run(ENDS), "OutcomeTest.test_that_is_nowhere")

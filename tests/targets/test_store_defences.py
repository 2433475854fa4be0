"""The slots' order of writing, turned into a worse one: a cut of the power must show it."""

from pathlib import Path

import pytest
from tests.support import mutant

from undertow import paths, testing

TESTS = paths.TESTS / "box" / "test_state.py"
STORE = "box/state_store.py"
SLOTS = "box/file_slots.py"

TAKE_OVER = "        os.rename(self._path(NEW), self._path(CURRENT))\n"
KEEP = "            os.rename(self._path(CURRENT), self._path(keep))\n"

ROWS = [
    (
        SLOTS,
        "the state in force is removed before there is another",
        KEEP,
        "            os.remove(self._path(CURRENT))\n",
        "test_a_commit_leaves_the_old_state_or_the_new_one",
    ),
    (
        SLOTS,
        "the new state is copied instead of renamed",
        TAKE_OVER,
        "        with open(self._path(NEW), 'rb') as a, open(self._path(CURRENT), 'wb') as b:\n"
        "            b.write(a.read())\n",
        "test_a_commit_leaves_the_old_state_or_the_new_one",
    ),
    (
        STORE,
        "the previous state is not looked for",
        "previous, why_previous, _ = self._read(PREVIOUS)",
        "previous, why_previous, _ = self._read(NEWER)",
        "test_a_commit_leaves_the_old_state_or_the_new_one",
    ),
]


@pytest.mark.parametrize(
    ("file", "old", "new", "test"),
    [pytest.param(file, old, new, t, id=what) for file, what, old, new, t in ROWS],
)
def test_a_power_cut_shows_it(tmp_path: Path, file: str, old: str, new: str, test: str) -> None:
    lib = mutant.copy(tmp_path)
    source = lib / file
    text = source.read_text()
    assert text.count(old) == 1, f"not exactly once, the row has to follow: {old}"
    source.write_text(text.replace(old, new))
    outcome = testing.on_rv32(TESTS, lib)[f"PowerCutTest.{test}"]
    assert outcome.outcome == "failed"
    assert "AssertionError" in outcome.text, outcome.text


def test_without_such_a_change_no_cut_shows_anything(tmp_path: Path) -> None:
    outcomes = testing.on_rv32(TESTS, mutant.copy(tmp_path))
    assert {outcome.outcome for outcome in outcomes.values()} == {"passed"}

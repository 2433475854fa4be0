"""The store's order of writing, turned into a worse one: a cut of the power must show it."""

from pathlib import Path

import pytest
from tests.support import mutant

from undertow import paths, testing

TESTS = paths.TESTS / "box" / "test_state.py"
STORE = "box/state_store.py"

TAKE_OVER = "        os.rename(self._path(_NEW), self._path(_CURRENT))\n"
KEEP = "            os.rename(self._path(_CURRENT), self._path(_PREVIOUS))\n"

ROWS = [
    (
        "the state in force is removed before there is another",
        KEEP,
        "            os.remove(self._path(_CURRENT))\n",
        "test_a_commit_leaves_the_old_state_or_the_new_one",
    ),
    (
        "the new state is copied instead of renamed",
        TAKE_OVER,
        "        with open(self._path(_NEW), 'rb') as a, open(self._path(_CURRENT), 'wb') as b:\n"
        "            b.write(a.read())\n",
        "test_a_commit_leaves_the_old_state_or_the_new_one",
    ),
    (
        "the previous state is not looked for",
        "previous, why_previous, _ = self._read(_PREVIOUS)",
        "previous, why_previous, _ = self._read(_NEWER)",
        "test_a_commit_leaves_the_old_state_or_the_new_one",
    ),
]


@pytest.mark.parametrize(
    ("old", "new", "test"), [pytest.param(old, new, t, id=what) for what, old, new, t in ROWS]
)
def test_a_power_cut_shows_it(tmp_path: Path, old: str, new: str, test: str) -> None:
    lib = mutant.copy(tmp_path)
    source = lib / STORE
    text = source.read_text()
    assert text.count(old) == 1, f"not exactly once, the row has to follow: {old}"
    source.write_text(text.replace(old, new))
    outcome = testing.on_rv32(TESTS, lib)[f"PowerCutTest.{test}"]
    assert outcome.outcome == "failed"
    assert "AssertionError" in outcome.text, outcome.text


def test_without_such_a_change_no_cut_shows_anything(tmp_path: Path) -> None:
    outcomes = testing.on_rv32(TESTS, mutant.copy(tmp_path))
    assert {outcome.outcome for outcome in outcomes.values()} == {"passed"}

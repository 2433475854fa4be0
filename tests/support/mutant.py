"""A copy of the shared packages with one defence switched off, and the test that must notice."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from undertow import paths

FAILED = 1
# What a copy has: packages by their name, from the firmware's folders.
PACKAGES = {
    "carrier": paths.FIRMWARE / "lib" / "carrier",
    "wg": paths.FIRMWARE / "lib" / "wg",
    "improv": paths.FIRMWARE / "lib" / "improv",
    "pairing": paths.FIRMWARE / "lib" / "pairing",
    "ut1": paths.FIRMWARE / "lib" / "ut1",
    "box": paths.FIRMWARE / "box",
}


def copy(folder: Path) -> Path:
    """The packages, copied into the folder, to be changed."""
    for name, package in PACKAGES.items():
        shutil.copytree(package, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def run(lib: Path, *tests: str) -> subprocess.CompletedProcess[str]:
    """Run tests, by their names below `tests`, with the packages of this folder."""
    search = [str(lib), str(paths.ROOT / "host"), str(paths.ROOT)]
    return subprocess.run(
        [sys.executable, "-m", "unittest", *("tests." + test for test in tests)],
        cwd=lib,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(search), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def assert_noticed(lib: Path, file: str, old: str, new: str, test: str) -> None:
    """Change a file, "wg/noise.py", of the copy: this test must fail, and by its own assertion.

    Afterwards the copy is as it was.
    """
    source = lib / file
    text = source.read_text()
    assert text.count(old) == 1, f"not exactly once in {file}, the row has to follow: {old}"
    source.write_text(text.replace(old, new))
    try:
        result = run(lib, test)
    finally:
        source.write_text(text)
    said = result.stdout + result.stderr
    assert result.returncode == FAILED, f"{test} passed all the same"
    assert "Ran 1 test" in said, said
    for broken in ("_FailedTest", "SyntaxError", "NameError", "IndentationError"):
        assert broken not in said, said


class Defences:
    """Tests of rows: the file, what it does without the defence, the old text, the new, the test.

    A subclass `Test...` has the rows; `lib` and `row` are from tests/defences/conftest.py.
    """

    rows: Iterable[tuple[str, str, str, str, str]]

    def test_all_these_tests_pass_with_the_defences_on(self, lib: Path) -> None:
        result = run(lib, *sorted({test for _, _, _, _, test in self.rows}))
        assert result.returncode == 0, result.stderr

    def test_a_test_notices(self, lib: Path, row: tuple[str, str, str, str, str]) -> None:
        file, _, old, new, test = row
        assert_noticed(lib, file, old, new, test)

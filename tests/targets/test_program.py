"""undertow-unix as a program: what it runs, and what it never runs."""

import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from undertow import paths


def run(
    arguments: Sequence[str], folder: Path, **environment: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [paths.UNIX_PROGRAM, *arguments],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )


@pytest.fixture
def hostile(tmp_path: Path) -> Path:
    """A folder with files that stand in for our modules."""
    planted = "print('planted')\nraise SystemExit(77)\n"
    for name in ("main.py", "sys.py", "os.py", "box/__init__.py", "wg/__init__.py", "linux.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(planted)
    return tmp_path


def test_modules_of_the_folder_it_starts_in_are_never_run(hostile: Path) -> None:
    done = run(["--version"], hostile)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("undertow-unix ")


def test_modules_named_by_the_environment_are_never_run(hostile: Path, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    done = run(["--version"], empty, MICROPYPATH=str(hostile), HOME=str(hostile))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("undertow-unix ")


def test_it_never_opens_a_prompt(tmp_path: Path) -> None:
    done = run(["--version"], tmp_path, MICROPYINSPECT="1")
    assert done.returncode == 0
    assert len(done.stdout.splitlines()) == 1


@pytest.mark.parametrize("arguments", [[], ["-c", "print(1)"], ["-m", "wg"], ["run"], ["a", "b"]])
def test_wrong_usage_is_said_and_has_status_2(arguments: list[str], tmp_path: Path) -> None:
    done = run(arguments, tmp_path)
    assert done.returncode == 2
    assert done.stderr.startswith("Usage:")
    assert done.stdout == ""


def test_micropython_itself_is_there_for_the_tests(tmp_path: Path) -> None:
    done = run(["--micropython", "-c", "import sys; print(sys.implementation.name)"], tmp_path)
    assert done.stdout == "micropython\n"

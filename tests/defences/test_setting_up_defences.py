"""Each defence of the laptop's side is switched off in a copy: the named test must notice."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from undertow import paths

LINKED = ("firmware", "build", "tests", "pyproject.toml", "tasks.py")

# (file, what is there, what is put in its place, the test that must fail)
ROWS = {
    "comments go to the box": (
        "provisioning/tunnel_file.py",
        "_trimmed(view, start, _before_comment(text, start, end))",
        "_trimmed(view, start, end)",
        "test_tunnel_file.py::"
        "test_the_box_gets_the_lines_at_their_numbers_without_comments_and_private_key",
    ),
    "the private key goes to the box unasked": (
        "provisioning/tunnel_file.py",
        "if value is not None:",
        "if False:",
        "test_provisioning.py::test_a_blank_box_becomes_one_that_runs",
    ),
    "everything is sent each time": (
        "provisioning/provisioner.py",
        "if before.documents.get(name) == hashlib.sha256(content).hexdigest():",
        "if False:",
        "test_provisioning.py::test_doing_it_again_changes_nothing_and_sends_no_document",
    ),
    "the box makes a new key each time": (
        "provisioning/provisioner.py",
        "elif before.public is None:",
        "else:",
        "test_provisioning.py::test_only_what_differs_is_sent",
    ),
    "Ctrl-C ends a commit": (
        "provisioning/provisioner.py",
        "with interrupt.delayed():",
        "if True:",
        "test_provisioning.py::test_ctrl_c_at_the_last_moment_waits_until_the_box_has_all_of_it",
    ),
    "what the box finds wrong is passed over": (
        "provisioning/provisioner.py",
        "for each in check.problems]",
        "for each in ()]",
        "test_provisioning.py::"
        "test_everything_that_the_box_finds_wrong_is_told_with_the_files_line",
    ),
    "two programs share a port": (
        "console/line.py",
        "port.exclusive = True",
        "port.exclusive = False",
        "test_line.py::test_a_port_is_held_alone_and_given_back",
    ),
    "opening a port resets the box": (
        "console/line.py",
        "port.dtr = False",
        "port.dtr = True",
        "test_line.py::test_opening_a_port_leaves_the_lines_alone_that_could_reset_the_box",
    ),
    "a flash in use is written": (
        "board/flash.py",
        "if is_in_use(file):",
        "if False:",
        "test_flash.py::test_a_flash_that_a_board_runs_on_is_left_alone",
    ),
    "a flash is erased unasked": (
        "board/flash.py",
        "Step.ERASE if erase else Step.KEEP",
        "Step.ERASE",
        "test_flash.py::test_a_flash_that_is_there_is_kept_byte_for_byte",
    ),
    "any file is taken for a flash": (
        "board/flash.py",
        "if size != SIZE:",
        "if False:",
        "test_flash.py::test_a_file_that_is_no_flash_is_never_touched",
    ),
    "a flash is written in place": (
        "board/flash.py",
        'tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)',
        "os.open(file, os.O_RDWR | os.O_CREAT, 0o600), str(file)",
        "test_flash.py::test_a_flash_that_cannot_be_written_leaves_the_old_one",
    ),
}


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of the host's side, beside everything else."""
    unwanted = shutil.ignore_patterns("__pycache__", "*.egg-info")
    shutil.copytree(paths.ROOT / "host", tmp_path / "host", ignore=unwanted)
    for name in LINKED:
        (tmp_path / name).symlink_to(paths.ROOT / name)
    return tmp_path


def run(checkout: Path, *tests: str) -> str:
    """Run tests of tests/host on the copy; what pytest said."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", *(f"tests/host/{test}" for test in tests)],
        cwd=checkout,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return done.stdout + done.stderr


def test_all_these_tests_pass_with_the_defences_on(checkout: Path) -> None:
    said = run(checkout, *sorted({row[3] for row in ROWS.values()}))
    assert " passed" in said
    assert "failed" not in said and "error" not in said, said


@pytest.mark.parametrize("defence", ROWS)
def test_a_test_notices(checkout: Path, defence: str) -> None:
    file, old, new, test = ROWS[defence]
    source = checkout / "host" / "undertow" / file
    text = source.read_text()
    assert text.count(old) == 1, f"not exactly once in {file}, the row has to follow: {old}"
    source.write_text(text.replace(old, new))
    said = run(checkout, test)
    assert " failed" in said, f"{test} passed all the same:\n{said}"
    for broken in ("SyntaxError", "NameError", "ImportError", "IndentationError"):
        assert broken not in said, said

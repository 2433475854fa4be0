"""The program undertow without a checkout: what works there, and what says what it lacks."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.support.esp_build import make as make_build

from undertow import paths
from undertow.errors import EXIT_USAGE

BOARD = "olimex_esp32_poe"


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what `pip install` puts beside other packages."""
    folder = tmp_path_factory.mktemp("installed")
    command = [sys.executable, "setup.py", "-q", "build_py", "--build-lib", str(folder)]
    environment = {**os.environ, "UNDERTOW_WITHOUT_EXTENSION": "1"}
    subprocess.run(command, cwd=paths.ROOT, env=environment, check=True, capture_output=True)
    for extension in (paths.ROOT / "host").glob("_wg*.so"):
        shutil.copy(extension, folder)
    return folder


def undertow(installed: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "undertow.cli", *words],
        cwd=installed,
        env={"PYTHONPATH": str(installed), "PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("words", [["--help"], ["ports"], ["gateway", "--help"], ["verify", "-h"]])
def test_what_a_person_with_a_box_needs_is_there(installed: Path, words: list[str]) -> None:
    done = undertow(installed, *words)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("words", [["flash"], ["provision", "--name", "attic"], ["verify"]])
def test_an_emulated_board_needs_the_sources(installed: Path, words: list[str]) -> None:
    done = undertow(installed, *words, "--board", "virt_rv32")
    assert done.returncode == EXIT_USAGE
    assert done.stderr.startswith(
        "error: The emulated board virt_rv32 needs a checkout of Undertow.\n"
    )


def test_without_a_build_it_says_what_else_can_be_flashed(installed: Path, tmp_path: Path) -> None:
    done = undertow(installed, "flash", "--board", BOARD, "--dry-run")
    assert done.returncode == EXIT_USAGE
    assert "Take a release by --release FILE" in done.stderr
    build = make_build(tmp_path / "build")
    done = undertow(installed, "flash", "--board", BOARD, "--dry-run", "--images", str(build))
    assert done.returncode == 0, done.stderr


def test_a_release_is_signed_and_read_without_the_sources(installed: Path, tmp_path: Path) -> None:
    build, key, file = make_build(tmp_path / "build"), tmp_path / "key.pem", tmp_path / "r.zip"
    public = undertow(installed, "release", "--new-key", str(key)).stdout.split()[-1]
    words = ["--board", BOARD, "--version", "0.1.0", "--key", str(key), "--images", str(build)]
    done = undertow(installed, "release", *words, "--out", str(file))
    assert done.returncode == 0, done.stderr
    done = undertow(installed, "flash", "--release", str(file), "--trust", public, "--dry-run")
    assert done.returncode == 0, done.stderr
    assert "bootloader" in done.stdout

"""Format, lint and types of everything that we wrote."""

import subprocess
import sys
import tomllib
from collections.abc import Callable, Sequence
from pathlib import Path

from undertow import paths, progress
from undertow.build import stubs
from undertow.run import run

# Where our C is; clang-format's settings are in .clang-format.
C_FOLDERS = (paths.NATIVE, paths.PORTS, paths.TESTS / "native")
# What only runs on MicroPython is checked with its stubs, by a settings file of its own.
MICROPYTHON_SETTINGS = paths.FIRMWARE / "mypy.ini"
MICROPYTHON_STUBS = paths.BUILD / "micropython-stubs"


def check() -> dict[str, str]:
    """Run every check; for each its name and what it complained of, empty when it passed."""
    checks: dict[str, Callable[[], str]] = {
        "format of Python": lambda: _complaints("ruff", "format", "--check", "--diff", "-q"),
        "format of C": lambda: _complaints("clang-format", "--dry-run", "-Werror", *_c_files()),
        # Without the cache, which misses that a module has gone, and so other imports' order.
        "lint": lambda: _complaints("ruff", "check", "-q", "--no-cache", "--output-format=concise"),
        "types of the host and the protocol": lambda: _complaints("mypy", "--no-error-summary"),
        "types of the device program": _device_types,
        "stubs of the C modules": stubs.drift,
        "the scripts' syntax": lambda: _told(["sh", "-n", "invoke", ".ci/run"]),
    }
    return {name: complain() for name, complain in checks.items()}


def rewrite() -> None:
    """Format all Python and C, and mend what the linter can mend."""
    _complaints("ruff", "check", "-q", "--fix-only", "--select", "I")
    _complaints("ruff", "format", "-q")
    _complaints("clang-format", "-i", *_c_files())


def _device_types() -> str:
    _install_stubs()
    return _complaints("mypy", "--no-error-summary", "--config-file", str(MICROPYTHON_SETTINGS))


def _install_stubs() -> None:
    """MicroPython's stubs, in a folder of their own (pyproject.toml says why)."""
    with (paths.ROOT / "pyproject.toml").open("rb") as file:
        pins = tomllib.load(file)["project"]["optional-dependencies"]["stubs"]
    stamp = MICROPYTHON_STUBS / "installed"
    if stamp.exists() and stamp.read_text() == "\n".join(pins):
        return
    with progress.step("Installing the stubs of MicroPython") as step:
        run(
            [
                sys.executable,
                "-m",
                "pip",
                "install",
                "-q",
                "--target",
                MICROPYTHON_STUBS,
                "--upgrade",
                *pins,
            ],
            why="to check the types of the device program",
            on_line=step.detail,
        )
    stamp.write_text("\n".join(pins))


def _c_files() -> list[str]:
    files = (f for folder in C_FOLDERS for kind in ("c", "h") for f in folder.rglob(f"*.{kind}"))
    return sorted(str(file.relative_to(paths.ROOT)) for file in files)


def _complaints(tool: str, *arguments: str) -> str:
    """What a tool of this environment complained of."""
    return _told([str(Path(sys.executable).parent / tool), *arguments])


def _told(command: Sequence[str]) -> str:
    """A command's output when it failed, else nothing."""
    result = subprocess.run(
        command,
        cwd=paths.ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return (result.stdout.strip() or f"status {result.returncode}") if result.returncode else ""

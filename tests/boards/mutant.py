"""Firmware with a defence taken out, built in a copy of the checkout that later runs go on with."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from undertow import paths

CHECKOUT = paths.BUILD / "mutants" / "checkout"
COPIED = ("firmware", "host")
# File below firmware/: what is replaced in it, and by what.
Changes = dict[str, tuple[str, str]]


def build(board: str, changes: Changes) -> Path:
    """The image of a board with these changes. AssertionError: one fits nowhere, or no build."""
    with paths.locked(CHECKOUT.with_suffix(".lock")):
        _synchronize()
        for name, (old, new) in changes.items():
            file = CHECKOUT / "firmware" / name
            text = file.read_text()
            assert text.count(old) == 1, f"{name} has no longer, or more than once: {old}"
            file.write_text(text.replace(old, new))
        done = subprocess.run(
            [sys.executable, "-c", f"from undertow import build; build.build({board!r})"],
            cwd=CHECKOUT,
            env={**os.environ, "PYTHONPATH": f"{CHECKOUT}/host:{CHECKOUT}/firmware/lib"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-3000:]
        image = CHECKOUT.parent / f"{board}.elf"
        shutil.copyfile(CHECKOUT / "build" / board / "firmware.elf", image)
        return image


def _synchronize() -> None:
    """Make the copy equal to the checkout; what is equal keeps its time, so that make trusts it."""
    wanted = {
        file.relative_to(paths.ROOT)
        for folder in COPIED
        for file in (paths.ROOT / folder).rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    }
    wanted.add(Path("pyproject.toml"))
    for folder in COPIED:
        for file in [file for file in (CHECKOUT / folder).rglob("*") if file.is_file()]:
            if file.relative_to(CHECKOUT) not in wanted and "__pycache__" not in file.parts:
                file.unlink()
    for name in sorted(wanted):
        source, copy = paths.ROOT / name, CHECKOUT / name
        data = source.read_bytes()
        if not copy.exists() or copy.read_bytes() != data:
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(data)
            copy.chmod(source.stat().st_mode)

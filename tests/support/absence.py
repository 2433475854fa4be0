"""What a test does where something that it needs is missing."""

import os
import shutil

import pytest

from undertow.lab import LabError, isolation


def cannot_run(reason: str) -> None:
    """Skip and say why; fail on CI, where a suite that skips itself would prove nothing."""
    if os.environ.get("CI"):
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


def require_lab(*programs: str) -> None:
    """Network namespaces for this process, and programs by their name or path."""
    missing = [program for program in programs if shutil.which(program) is None]
    if missing:
        cannot_run(f"not there: {', '.join(missing)}; run ./invoke setup and ./invoke build")
    try:
        isolation.isolate()
    except LabError as error:
        cannot_run(str(error))

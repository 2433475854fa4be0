"""Faults of our own inside undertow-unix: the tests of unix_run.py."""

import pytest

from undertow import paths, testing

FILE = paths.TESTS / "targets" / "unix_run.py"


@pytest.mark.parametrize("name", testing.names(FILE))
def test_run_fault(name: str) -> None:
    testing.check(testing.on_unix(FILE), name)

"""Streams that are handed over, inside undertow-unix: the tests of unix_adopter.py."""

import pytest

from undertow import paths, testing

FILE = paths.TESTS / "targets" / "unix_adopter.py"


@pytest.mark.parametrize("name", testing.names(FILE))
def test_adopter(name: str) -> None:
    testing.check(testing.on_unix(FILE), name)

"""The service inside, as undertow-unix speaks with it: the tests of unix_inside.py."""

import pytest

from undertow import paths, testing

FILE = paths.TESTS / "targets" / "unix_inside.py"


@pytest.mark.parametrize("name", testing.names(FILE))
def test_inside(name: str) -> None:
    testing.check(testing.on_unix(FILE), name)

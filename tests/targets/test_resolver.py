"""Looking up names inside undertow-unix: the tests of unix_resolver.py."""

import pytest

from undertow import paths, testing

FILE = paths.TESTS / "targets" / "unix_resolver.py"


@pytest.mark.parametrize("name", testing.names(FILE))
def test_resolver(name: str) -> None:
    testing.check(testing.on_unix(FILE), name)

"""The data path's module inside undertow-unix: the tests of unix_datapath.py."""

import pytest

from undertow import paths, testing

FILE = paths.TESTS / "targets" / "unix_datapath.py"


@pytest.mark.parametrize("name", testing.names(FILE))
def test_data_path(name: str) -> None:
    testing.check(testing.on_unix(FILE), name)

"""tests/wg and the contract again, inside undertow-unix: MicroPython with 64-bit words."""

from pathlib import Path

import pytest

from undertow import testing

FILES = testing.portable_files()


@pytest.mark.parametrize(
    ("file", "name"),
    [pytest.param(f, name, id=f"{f.stem}-{name}") for f in FILES for name in testing.names(f)],
)
def test_on_the_unix_port(file: Path, name: str) -> None:
    testing.check(testing.on_unix(file), name)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_the_unix_port_ran_every_test_of_the_file(file: Path) -> None:
    assert sorted(testing.on_unix(file)) == testing.names(file)

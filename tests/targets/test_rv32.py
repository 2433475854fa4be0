"""tests/wg and the contract again, on bare RV32 in QEMU.

MicroPython with 32-bit words and 31-bit small integers.
"""

from pathlib import Path

import pytest

from undertow import testing

FILES = testing.portable_files()


@pytest.mark.parametrize(
    ("file", "name"),
    [pytest.param(f, name, id=f"{f.stem}-{name}") for f in FILES for name in testing.names(f)],
)
def test_on_bare_rv32(file: Path, name: str) -> None:
    testing.check(testing.on_rv32(file), name)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_bare_rv32_ran_every_test_of_the_file(file: Path) -> None:
    assert sorted(testing.on_rv32(file)) == testing.names(file)

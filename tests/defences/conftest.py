"""What the rows of defences have in common: one copy of the packages, and a test for each row."""

from pathlib import Path

import pytest
from tests.support import mutant


@pytest.fixture(scope="session")
def lib(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the packages; who changes it puts it back."""
    return mutant.copy(tmp_path_factory.mktemp("lib"))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """`row` is each row of the class in turn."""
    if "row" in metafunc.fixturenames and metafunc.cls is not None:
        rows = list(metafunc.cls.rows)
        metafunc.parametrize("row", rows, ids=[without for _, without, _, _, _ in rows])

"""Pairs of implementations, and the networks between them.

Every test of this folder runs real programs in network namespaces. UNDERTOW_PAIRS chooses other
pairs than the default, for example UNDERTOW_PAIRS=go-go to try the lab without our program.
"""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from undertow.lab import Lab, LabError, isolation
from undertow.lab.pair import Pair, build_implementations

DEFAULT_PAIRS = "undertow-go,go-undertow"
PAIRS = os.environ.get("UNDERTOW_PAIRS", DEFAULT_PAIRS).split(",")
TOOLS = ("ip", "nft", "wg", "wg-quick", "setpriv")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """`pair` is every pair in turn: the first is the initiator, the second the responder."""
    if "pair" in metafunc.fixturenames:
        metafunc.parametrize("pair", PAIRS, indirect=True)


@pytest.fixture(scope="session")
def _namespaces() -> None:
    missing = [tool for tool in TOOLS if shutil.which(tool) is None]
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)}; run ./invoke setup")
    try:
        isolation.isolate()
    except LabError as error:
        pytest.skip(str(error))


@pytest.fixture
def pair(request: pytest.FixtureRequest) -> Pair:
    """The implementations of the initiator and of the responder."""
    known = build_implementations(Path(str(request.config.rootpath)))
    initiator, responder = request.param.split("-")
    for name in (initiator, responder):
        program = known[name].program
        if shutil.which(program) is None:
            pytest.skip(f"{program} is missing: run ./invoke build (or ./invoke setup)")
    return Pair(known[initiator], known[responder])


@pytest.fixture
def lab(_namespaces: None) -> Iterator[Lab]:
    """An empty lab."""
    with Lab() as made:
        yield made

"""Pairs of implementations, and the networks between them.

Every test of this folder runs real programs in network namespaces. UNDERTOW_PAIRS chooses other
pairs than the default, for example UNDERTOW_PAIRS=go-go to try the lab without our program.
"""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.absence import cannot_run, require_lab

from undertow.lab import Implementation, Lab
from undertow.lab.pair import Pair, build_implementations

DEFAULT_PAIRS = "undertow-go,go-undertow"
PAIRS = os.environ.get("UNDERTOW_PAIRS", DEFAULT_PAIRS).split(",")
TOOLS = ("ip", "nft", "wg", "wg-quick", "setpriv")


def pytest_configure(config: pytest.Config) -> None:
    """Name the mark of this folder."""
    config.addinivalue_line("markers", "ours(role): only pairs in which our program has that role")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """`pair` is every pair in turn: the first is the initiator, the second the responder.

    `program` is the one that is tested with the tools: ours, unless it is in no pair.
    """
    if "pair" in metafunc.fixturenames:
        metafunc.parametrize("pair", _pairs_of(metafunc), indirect=True)
    if "program" in metafunc.fixturenames:
        names = {name for pair in PAIRS for name in pair.split("-")}
        metafunc.parametrize(
            "program", ["undertow" if "undertow" in names else "go"], indirect=True
        )


def _pairs_of(metafunc: pytest.Metafunc) -> list[str]:
    ours = metafunc.definition.get_closest_marker("ours")
    if ours is None:
        return PAIRS
    role = ("initiator", "responder").index(ours.args[0])
    return [pair for pair in PAIRS if pair.split("-")[role] == "undertow"]


@pytest.fixture(scope="session")
def _namespaces() -> None:
    require_lab(*TOOLS)


def implementation(request: pytest.FixtureRequest, name: str) -> Implementation:
    """The program of that short name; the test is skipped where it is missing."""
    found = build_implementations(Path(str(request.config.rootpath)))[name]
    if shutil.which(found.program) is None:
        cannot_run(f"{found.program} is missing: run ./invoke build (or ./invoke setup)")
    return found


@pytest.fixture
def pair(request: pytest.FixtureRequest) -> Pair:
    """The implementations of the initiator and of the responder."""
    initiator, responder = request.param.split("-")
    return Pair(implementation(request, initiator), implementation(request, responder))


@pytest.fixture
def program(request: pytest.FixtureRequest) -> Implementation:
    """The implementation that the tools are tried on."""
    return implementation(request, request.param)


@pytest.fixture
def lab(_namespaces: None) -> Iterator[Lab]:
    """An empty lab."""
    with Lab() as made:
        yield made

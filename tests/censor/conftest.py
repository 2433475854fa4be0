"""What stands between a box and the world, on each of the ways that the lab has."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.censor.scorecard import Scorecard
from tests.support.absence import require_lab

from undertow.lab import Lab

TOOLS = ("ip", "nft", "wg", "setpriv", "wireguard-go")


def pytest_configure(config: pytest.Config) -> None:
    """pytest-embedded uses an interface of pytest that is called experimental."""
    config.addinivalue_line("filterwarnings", "ignore::pytest.PytestExperimentalApiWarning")


@pytest.fixture(scope="session")
def _namespaces() -> None:
    require_lab(*TOOLS)


@pytest.fixture
def lab(_namespaces: None) -> Iterator[Lab]:
    """An empty lab."""
    with Lab() as made:
        yield made


@pytest.fixture(scope="module")
def module_lab(_namespaces: None) -> Iterator[Lab]:
    """The same for all tests of a file."""
    with Lab() as made:
        yield made


@pytest.fixture(scope="session")
def scorecard() -> Scorecard:
    """What all tests of this run found."""
    return _SCORECARD


_SCORECARD = Scorecard()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Show it, and write it where it is wanted."""
    if not _SCORECARD.rows:
        return
    terminalreporter.section("scorecard")
    for line in _SCORECARD.table():
        terminalreporter.write_line(line)
    if wanted := os.environ.get("UNDERTOW_SCORECARD"):
        _SCORECARD.write(Path(wanted))

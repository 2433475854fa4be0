"""What stands between a box and the world, on each of the ways that the lab has."""

import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from tests.censor.journeys import AT_ONCE, PLAIN_AT_ONCE, Journeys, look, travel
from tests.censor.moves import MOVES
from tests.censor.networks import LAPTOPS
from tests.censor.scorecard import Scorecard
from tests.censor.town import Town
from tests.censor.traveller import proxy_lines
from tests.support.absence import require_lab

from undertow import paths
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


@pytest.fixture(scope="session")
def _under_way(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[bool, Journeys] | None]:
    """Journeys of laptops, by whether they are plain; None: no test of this run wants any."""
    wanted = _wanted(request.session.items)
    if not wanted:
        yield None
        return
    require_lab(str(paths.UNIX_PROGRAM), *TOOLS)
    with (
        Lab() as lab,
        Town(lab, tmp_path_factory.mktemp("town")) as town,
        Journeys(AT_ONCE) as ours,
        Journeys(PLAIN_AT_ONCE) as plain,
    ):
        for name, move in MOVES.items():  # the longest first
            for is_plain in (False, True):
                if (is_plain, name) in wanted:
                    laptop = town.laptop(is_plain=is_plain)
                    (plain if is_plain else ours).begin(name, partial(move, laptop))
        for network in LAPTOPS:
            if (False, network.name) in wanted:
                carriers = proxy_lines(network.proxy) if network.proxy else ""
                laptop = town.laptop(network.endpoints, carriers)
                ours.begin(network.name, partial(travel, laptop, network))
            if (True, network.name) in wanted:
                laptop = town.laptop(network.endpoints, is_plain=True)
                plain.begin(network.name, partial(look, laptop, network))
        yield {False: ours, True: plain}


def _wanted(items: list[pytest.Item]) -> set[tuple[bool, str]]:
    """(whether it is plain, name of network or move) of all tests of laptops in this run."""
    found = set()
    for item in items:
        if item.path.name == "test_laptop.py" and isinstance(item, pytest.Function):
            (value,) = item.callspec.params.values()
            found.add(("plain" in item.name.partition("[")[0], str(getattr(value, "name", value))))
    return found


@pytest.fixture(scope="session", autouse=True)
def _begin(_under_way: dict[bool, Journeys] | None) -> None:
    """They take their time, which others can use meanwhile."""


@pytest.fixture
def journeys(_under_way: dict[bool, Journeys]) -> Journeys:
    """Those of our own laptops."""
    return _under_way[False]


@pytest.fixture
def plain_journeys(_under_way: dict[bool, Journeys]) -> Journeys:
    """Those of laptops with wireguard-go."""
    return _under_way[True]


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

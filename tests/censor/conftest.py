"""What stands between a box and the world, on each of the ways that the lab has."""

import os
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import pytest
from tests.boards.conftest import require_built
from tests.censor import board_tour, sameness_board
from tests.censor.journeys import AT_ONCE, PLAIN_AT_ONCE, Journeys, look, travel
from tests.censor.moves import MOVES, PLANTED
from tests.censor.networks import LAPTOPS
from tests.censor.sameness import Parts
from tests.censor.scorecard import Scorecard
from tests.censor.town import Town
from tests.censor.traveller import proxy_lines
from tests.support.absence import require_lab

from undertow import paths
from undertow.gateway.carriers import SIZES
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
        for name, move in {**MOVES, **PLANTED}.items():  # the longest first
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


@pytest.fixture(scope="session")
def _tours(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Journeys, Journeys] | None]:
    """Of our box on a board and of a plain one; None: no test of this run wants any."""
    if not any(item.path.name == "test_board_tour.py" for item in request.session.items):
        yield None
        return
    require_built(board_tour.BOARD)
    folders = tmp_path_factory.mktemp("ours"), tmp_path_factory.mktemp("plain")
    with ExitStack() as stack, Journeys(1) as ours, Journeys(1) as plain:
        board_tour.begin_ours(ours, folders[0], stack)
        board_tour.begin_plain(plain, folders[1], stack)
        yield ours, plain


@pytest.fixture(scope="session")
def board_samples(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[list[Future[dict[str, list[Parts]]]]]:
    """Of two boxes at two gateways; none: no test of this run wants any."""
    wanted = any("RV32" in item.name and "sameness" in item.path.name for item in _items(request))
    if wanted:
        require_built(board_tour.BOARD)
    with ThreadPoolExecutor(2, "sameness") as pool:
        folders = [tmp_path_factory.mktemp(name) for name in ("one", "other")] if wanted else []
        sizes = zip(folders, SIZES, strict=False)
        yield [pool.submit(sameness_board.record, folder, size) for folder, size in sizes]
        pool.shutdown(cancel_futures=True)


def _items(request: pytest.FixtureRequest) -> list[pytest.Item]:
    return request.session.items


@pytest.fixture
def tour(_tours: tuple[Journeys, Journeys]) -> Journeys:
    """Our box's."""
    return _tours[0]


@pytest.fixture
def plain_tour(_tours: tuple[Journeys, Journeys]) -> Journeys:
    """The plain box's."""
    return _tours[1]


@pytest.fixture(scope="session", autouse=True)
def _begin(
    _under_way: dict[bool, Journeys] | None,
    _tours: tuple[Journeys, Journeys] | None,
    board_samples: list[Future[dict[str, list[Parts]]]],
) -> None:
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

"""The scorecard of a laptop: the real programs, on each network, new and known, small and large."""

from collections.abc import Iterator
from functools import partial

import pytest
from tests.censor.journeys import Journey, Journeys, look, travel
from tests.censor.moves import MOVES
from tests.censor.networks import BAD, CLOSED, OF_LAPTOPS, Network
from tests.censor.scorecard import ALL, NOTHING, Scorecard
from tests.censor.town import Town
from tests.censor.traveller import proxy_lines
from tests.support.absence import require_lab

from undertow import paths
from undertow.lab import Lab

NETWORKS = (*CLOSED, *OF_LAPTOPS, *BAD)
PLAIN = "wireguard-go: "


def _key(item: pytest.Item) -> str:
    """By which a test asks for its journey."""
    (value,) = item.callspec.params.values()
    name = str(getattr(value, "name", value))
    return PLAIN + name if "plain" in item.name.partition("[")[0] else name


@pytest.fixture(scope="module")
def journeys(
    module_lab: Lab, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Journeys]:
    """All that are wanted, under way."""
    require_lab(str(paths.UNIX_PROGRAM), "wireguard-go")
    wanted = {_key(item) for item in request.session.items if item.path == request.path}
    with Town(module_lab, tmp_path_factory.mktemp("town")) as town, Journeys() as made:
        for name, move in MOVES.items():  # the longest first
            for key in {name, PLAIN + name} & wanted:
                made.begin(key, partial(move, town.laptop(is_plain=key != name)))
        for network in NETWORKS:
            if network.name in wanted:
                carriers = proxy_lines(network.proxy) if network.proxy else ""
                laptop = town.laptop(network.endpoints, carriers)
                made.begin(network.name, partial(travel, laptop, network))
            if PLAIN + network.name in wanted:
                laptop = town.laptop(network.endpoints, is_plain=True)
                made.begin(PLAIN + network.name, partial(look, laptop, network))
        yield made


def _judge(found: Journey, scorecard: Scorecard, network: str) -> None:
    row = scorecard.row("unix", network)
    row.first_s, row.second_s, row.large = found.first_s, found.second_s, found.large
    row.way, row.leaks = found.way, len(found.leaks)
    assert found.first_s is not None, f"no page\n{found.log[-3000:]}"
    assert found.second_s is not None, f"no page the next time\n{found.log[-3000:]}"
    assert found.large, f"300 kB did not come\n{found.log[-3000:]}"
    assert found.leaks == ()


@pytest.mark.parametrize("network", NETWORKS, ids=lambda network: network.name)
def test_a_page_comes_on_every_network_and_nothing_leaks(
    journeys: Journeys, network: Network, scorecard: Scorecard
) -> None:
    _judge(journeys.of(network.name), scorecard, network.name)


@pytest.mark.parametrize("network", OF_LAPTOPS, ids=lambda network: network.name)
def test_a_plain_laptop_reaches_nothing(
    journeys: Journeys, network: Network, scorecard: Scorecard
) -> None:
    assert journeys.of(PLAIN + network.name).first_s is None
    scorecard.row("unix", network.name).plain = NOTHING


@pytest.mark.parametrize("move", MOVES)
def test_a_laptop_that_is_out_stays_out_and_nothing_leaks(
    journeys: Journeys, move: str, scorecard: Scorecard
) -> None:
    _judge(journeys.of(move), scorecard, move)


@pytest.mark.parametrize("move", [name for name in MOVES if "doors" not in name])
def test_a_plain_laptop_comes_back_by_itself(
    journeys: Journeys, move: str, scorecard: Scorecard
) -> None:
    """What ours is measured by, on the networks on which a plain one comes back."""
    found = journeys.of(PLAIN + move)
    scorecard.row("unix", move).plain = ALL
    row = scorecard.row("wireguard-go", move)
    row.plain, row.first_s, row.second_s, row.large = ALL, *found.times(), found.large
    assert found.second_s is not None

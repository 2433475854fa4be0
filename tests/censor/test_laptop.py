"""The scorecard of a laptop: the real programs, on each network, new and known, small and large.

The journeys are under way from the start (conftest.py), six at a time, while boards are looked at.
"""

import pytest
from tests.censor.journeys import Journeys
from tests.censor.moves import ADDRESS, MOVES, PLANTED
from tests.censor.networks import LAPTOPS, Network
from tests.censor.plain_box import is_open
from tests.censor.scorecard import ALL, Scorecard


@pytest.mark.parametrize("network", LAPTOPS, ids=lambda network: network.name)
def test_a_page_comes_on_every_network_and_nothing_leaks(
    journeys: Journeys, network: Network, scorecard: Scorecard
) -> None:
    row = scorecard.row("unix", network.name)
    journeys.of(network.name).require_way_out(row, network.meets)


@pytest.mark.parametrize("network", LAPTOPS, ids=lambda network: network.name)
def test_a_plain_laptop_reaches_what_it_should(
    plain_journeys: Journeys, network: Network, scorecard: Scorecard
) -> None:
    row = scorecard.row("unix", network.name)
    plain_journeys.of(network.name).require_plain(row, network.plain, is_open(network))


@pytest.mark.parametrize("move", MOVES)
def test_a_laptop_that_is_out_stays_out_and_nothing_leaks(
    journeys: Journeys, move: str, scorecard: Scorecard
) -> None:
    journeys.of(move).require_way_out(scorecard.row("unix", move), move != ADDRESS)


@pytest.mark.parametrize("move", [name for name in MOVES if "doors" not in name])
def test_a_plain_laptop_comes_back_by_itself(
    plain_journeys: Journeys, move: str, scorecard: Scorecard
) -> None:
    """What ours is measured by, where a plain one comes back at all."""
    found = plain_journeys.of(move)
    scorecard.row("unix", move).plain = ALL
    row = scorecard.row("wireguard-go", move)
    row.plain, row.first_s, row.second_s, row.large = ALL, *found.times(), found.large
    assert found.second_s is not None


@pytest.mark.parametrize("planted", PLANTED)
def test_a_leak_is_counted_wherever_it_goes(journeys: Journeys, planted: str) -> None:
    found = journeys.of(planted).leaks
    assert len(found) == 2
    assert all("words in clear" in line for line in found)

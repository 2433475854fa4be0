"""The scorecard of a laptop: the real programs, on each network, new and known, small and large.

The journeys are under way from the start (conftest.py), six at a time, while boards are looked at.
"""

import pytest
from tests.censor.journeys import Journey, Journeys
from tests.censor.moves import MOVES
from tests.censor.networks import LAPTOPS, Network
from tests.censor.scorecard import ALL, Scorecard


def _judge(found: Journey, scorecard: Scorecard, network: str) -> None:
    row = scorecard.row("unix", network)
    row.first_s, row.second_s, row.large = found.first_s, found.second_s, found.large
    row.way, row.leaks = found.way, len(found.leaks)
    assert found.first_s is not None, f"no page\n{found.log[-3000:]}"
    assert found.second_s is not None, f"no page the next time\n{found.log[-3000:]}"
    assert found.large, f"300 kB did not come\n{found.log[-3000:]}"
    assert found.leaks == ()


@pytest.mark.parametrize("network", LAPTOPS, ids=lambda network: network.name)
def test_a_page_comes_on_every_network_and_nothing_leaks(
    journeys: Journeys, network: Network, scorecard: Scorecard
) -> None:
    _judge(journeys.of(network.name), scorecard, network.name)


@pytest.mark.parametrize("network", LAPTOPS, ids=lambda network: network.name)
def test_a_plain_laptop_reaches_what_it_should(
    plain_journeys: Journeys, network: Network, scorecard: Scorecard
) -> None:
    found = plain_journeys.of(network.name).plain
    scorecard.row("unix", network.name).plain = found
    assert found == network.plain


@pytest.mark.parametrize("move", MOVES)
def test_a_laptop_that_is_out_stays_out_and_nothing_leaks(
    journeys: Journeys, move: str, scorecard: Scorecard
) -> None:
    _judge(journeys.of(move), scorecard, move)


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

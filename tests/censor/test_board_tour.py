"""The scorecard of a box on a board, where names matter and while it is out (board_tour.py)."""

import pytest
from tests.censor.board_tour import MOVES
from tests.censor.journeys import Journeys
from tests.censor.moves import ADDRESS, BLACKOUT
from tests.censor.networks import OF_NAMES, Network
from tests.censor.plain_box import is_open
from tests.censor.scorecard import Scorecard


@pytest.mark.parametrize("network", OF_NAMES, ids=lambda network: network.name)
def test_a_page_comes_where_names_or_addresses_are_attacked_and_nothing_leaks(
    tour: Journeys, network: Network, scorecard: Scorecard
) -> None:
    tour.of(network.name).require_way_out(scorecard.row("RV32", network.name), network.meets)


@pytest.mark.parametrize("network", OF_NAMES, ids=lambda network: network.name)
def test_a_plain_box_reaches_what_it_should(
    plain_tour: Journeys, network: Network, scorecard: Scorecard
) -> None:
    row = scorecard.row("RV32", network.name)
    plain_tour.of(network.name).require_plain(row, network.plain, is_open(network))


@pytest.mark.parametrize("move", MOVES)
def test_a_box_that_is_out_stays_out_and_nothing_leaks(
    tour: Journeys, move: str, scorecard: Scorecard
) -> None:
    tour.of(move).require_way_out(scorecard.row("RV32", move), move != ADDRESS)


def test_a_plain_box_comes_back_after_a_blackout_by_itself(
    plain_tour: Journeys, scorecard: Scorecard
) -> None:
    found = plain_tour.of(BLACKOUT)
    row = scorecard.row("RV32", BLACKOUT)
    row.plain, row.plain_deeds = found.plain, found.deeds
    assert found.second_s is not None
    assert found.deeds > 0

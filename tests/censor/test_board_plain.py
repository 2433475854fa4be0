"""A plain WireGuard box on an emulated board, on the scorecard's networks."""

from collections.abc import Iterator

import pytest
from tests.boards.conftest import require_built
from tests.censor.networks import BAD, CLOSED, OF_PROXIES, Network
from tests.censor.plain_box import PlainBox, is_open, plain_box
from tests.censor.scorecard import Scorecard

BOARD = "virt_rv32"


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PlainBox]:
    """One that works on an open network, and is known to be how quick."""
    require_built(BOARD)
    with plain_box(BOARD, tmp_path_factory.mktemp("plain")) as made:
        made.measure_open()
        yield made


@pytest.mark.parametrize("network", [*CLOSED, *OF_PROXIES, *BAD], ids=lambda network: network.name)
def test_a_plain_box_reaches_what_it_should(
    plain: PlainBox, network: Network, scorecard: Scorecard
) -> None:
    row = scorecard.row("RV32", network.name)
    plain.reach(network).require_plain(row, network.plain, is_open(network))

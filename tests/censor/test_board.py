"""The scorecard of a box on an emulated board, which travels from one network to the next.

It is the same box all the time, with what it has learned, what lies in its flash, and what is left
of its heap. Laptops begin anew on each network (test_laptop.py).
"""

from collections.abc import Iterator

import pytest
from tests.boards.conftest import require_built
from tests.censor.networks import BAD, CLOSED, OF_PROXIES, Network
from tests.censor.scorecard import Scorecard
from tests.censor.traveller import Traveller, proxy_lines, travelling

BOARD = "virt_rv32"
# Promised are 15 s and 3 s; what took longer is shown, and fails only where it never comes.
FIRST_S, AGAIN_S, LARGE_S = 25.0, 15.0, 25.0
NETWORKS = (*CLOSED, *BAD)


@pytest.fixture(scope="module")
def traveller(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Traveller]:
    """A box that has never been anywhere."""
    require_built(BOARD)
    with travelling(BOARD, tmp_path_factory.mktemp("board")) as made:
        yield made


@pytest.fixture(scope="module")
def behind_proxy(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Traveller]:
    """One that was told of the proxy: in its own document, or in that of its tunnel."""
    require_built(BOARD)
    folder, lines = tmp_path_factory.mktemp("board"), proxy_lines(request.param)
    told = {"box": f"\n[Uplink]\n{lines}"} if request.param == "http" else {"carriers": lines}
    with travelling(BOARD, folder, **told) as made:
        yield made


def judge(traveller: Traveller, network: Network, scorecard: Scorecard) -> None:
    row = scorecard.row("RV32", network.name)
    traveller.leaked.clear()
    traveller.arrive(network)
    try:
        row.first_s = traveller.page(FIRST_S)
        assert row.first_s is not None, "no page"
        row.large = traveller.large_page(LARGE_S)
        traveller.settle()
        row.way = traveller.way()
        traveller.leave()
        traveller.arrive(network, is_new=False)
        row.second_s = traveller.page(AGAIN_S)
        assert row.second_s is not None, "no page the next time"
        assert row.large, "300 kB did not come"
    finally:
        traveller.leave()
        row.leaks = len(traveller.leaked)
    assert traveller.leaked == []


@pytest.mark.parametrize("network", NETWORKS, ids=lambda network: network.name)
def test_a_page_comes_on_every_network_and_nothing_leaks(
    traveller: Traveller, network: Network, scorecard: Scorecard
) -> None:
    judge(traveller, network, scorecard)


@pytest.mark.parametrize(
    ("behind_proxy", "network"),
    [(network.proxy, network) for network in OF_PROXIES],
    ids=[network.name for network in OF_PROXIES],
    indirect=["behind_proxy"],
)
def test_a_page_comes_where_only_a_proxy_leads_out(
    behind_proxy: Traveller, network: Network, scorecard: Scorecard
) -> None:
    judge(behind_proxy, network, scorecard)

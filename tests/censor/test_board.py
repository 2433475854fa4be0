"""The scorecard of a box on an emulated board, which travels from one network to the next.

It is the same box all the time, with what it has learned, what lies in its flash, and what is left
of its heap. Laptops begin anew on each network (test_laptop.py).
"""

from collections.abc import Iterator
from functools import partial

import pytest
from tests.boards.conftest import require_built
from tests.censor.guest import MARK, SITE
from tests.censor.journeys import FIRST_S
from tests.censor.networks import BAD, CLOSED, OF_PROXIES, OPEN, Network
from tests.censor.scorecard import Scorecard
from tests.censor.traveller import Traveller, proxy_lines, travelling

from undertow.board import machine
from undertow.board.scene import GATEWAY
from undertow.lab.packets import ethernet, ipv4, udp

BOARD = "virt_rv32"
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


@pytest.mark.parametrize("network", NETWORKS, ids=lambda network: network.name)
def test_a_page_comes_on_every_network_and_nothing_leaks(
    traveller: Traveller, network: Network, scorecard: Scorecard
) -> None:
    row = scorecard.row("RV32", network.name)
    traveller.travel(network).require_way_out(row, network.meets)


@pytest.mark.parametrize(
    ("behind_proxy", "network"),
    [(network.proxy, network) for network in OF_PROXIES],
    ids=[network.name for network in OF_PROXIES],
    indirect=["behind_proxy"],
)
def test_a_page_comes_where_only_a_proxy_leads_out(
    behind_proxy: Traveller, network: Network, scorecard: Scorecard
) -> None:
    row = scorecard.row("RV32", network.name)
    behind_proxy.travel(network).require_way_out(row)


def test_a_leak_is_counted_wherever_it_goes(traveller: Traveller) -> None:
    scene = traveller.scene
    traveller.arrive(OPEN)
    assert traveller.page(FIRST_S) is not None
    traveller.leave()
    traveller.leaked.clear()
    # What the guest said in the LAN, as a box that only routes would have passed it on.
    heard = [found for each in scene.lan.record() if (found := ethernet.parse(each.data))]
    of_guest = [each._replace(source=ethernet.mac(machine.mac(0))) for each in heard]
    said = next(each for each in of_guest if MARK in each.body)
    opened = next(each for each in of_guest if SITE in str(ipv4.parse(each.body)))
    (address, *_) = scene.rules().addresses
    to_gateway = udp.build(address, GATEWAY[0], udp.Datagram(5000, 443, MARK))
    hidden = said._replace(body=ipv4.build(to_gateway))
    for each in map(ethernet.build, (said, opened, hidden)):
        scene.loop.call(partial(scene.uplink.send, each))
    assert traveller.leaks() == 3

"""A plain WireGuard box on an emulated board, on the scorecard's networks."""

from collections.abc import Callable, Iterator

import pytest
from tests.boards.conftest import image, require_built
from tests.censor.guest import open_large_page, open_page
from tests.censor.networks import BAD, CLOSED, OF_PROXIES, Network
from tests.censor.scorecard import ALL, NOTHING, SMALL, Scorecard

from undertow.board.scene import Scene
from undertow.console import Console
from undertow.lab import censor
from undertow.lab.ethernet import Client

BOARD = "virt_rv32"
PATIENCE_S = 1.5
HANDSHAKE_S = 20.0
LARGE_S = 3.0


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[Network], str]]:
    """plain(network): what a plain box reaches there."""
    require_built(BOARD)
    folder = tmp_path_factory.mktemp("plain")
    with Scene(BOARD, folder, firmware=image(BOARD)) as scene:
        scene.power()
        with Console(scene.board.console_url) as console:
            console.hello()
            scene.provision(console)
        client = scene.client()
        client.join()
        assert open_page(client, HANDSHAKE_S) is not None
        yield lambda network: reach(scene, client, network)


def reach(scene: Scene, client: Client, network: Network) -> str:
    """Go to a network, and see. The box's session of before is gone there."""
    scene.board.set_link("uplink", False)
    scene.gateway.restart()
    scene.hotel.nat.rebind()
    scene.hotel.censor.become(network.make())
    scene.board.set_link("uplink", True)
    patience_s = PATIENCE_S if network.plain == NOTHING else HANDSHAKE_S
    if open_page(client, patience_s) is None:
        found = NOTHING
    elif not open_large_page(client, LARGE_S if network.plain == SMALL else HANDSHAKE_S):
        found = SMALL
    else:
        found = ALL
    if found == NOTHING:
        assert scene.hotel.censor.dropped, "it did not even try"
    scene.hotel.censor.become(censor.Open())
    return found


@pytest.mark.parametrize("network", [*CLOSED, *OF_PROXIES, *BAD], ids=lambda network: network.name)
def test_a_plain_box_reaches_what_it_should(
    plain: Callable[[Network], str], network: Network, scorecard: Scorecard
) -> None:
    found = plain(network)
    scorecard.row("RV32", network.name).plain = found
    assert found == network.plain

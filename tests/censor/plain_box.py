"""A plain WireGuard box on an emulated board: it knows of its gateway one place and one port."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.boards.conftest import image
from tests.censor.guest import open_large_page, open_page
from tests.censor.journeys import STAY_S, Journey, stay
from tests.censor.networks import Network
from tests.censor.scorecard import ALL, NOTHING, SMALL

from undertow.board.scene import Scene
from undertow.console import Console
from undertow.lab import censor
from undertow.lab.censor import Open, Profile
from undertow.lab.ethernet import Client

# Where nothing comes, nothing comes for longer than that, and than it takes on an open network.
PATIENCE_S, TIMES_OPEN = 1.5, 4.0
HANDSHAKE_S = 20.0
LARGE_S = 3.0


def is_open(network: Network) -> bool:
    """Whether a censor does nothing there."""
    return isinstance(network.make(), Open)


@dataclass
class PlainBox:
    """It is provisioned. reach() takes it somewhere; open_s: how long a page takes on an open
    network, when it got there in the same way. here: where it is already.
    """

    scene: Scene
    client: Client
    here: Network | None = None
    open_s: float = 0.0

    def reach(self, network: Network) -> Journey:
        """Go to a network, and see. The box's session of before is gone there."""
        if network is not self.here:
            self._move(network.make())
        self.here = network
        made = Journey()
        patience_s = self.patience_s() if network.plain == NOTHING else HANDSHAKE_S
        made.first_s = open_page(self.client, patience_s)
        if made.first_s is None:
            made.plain = NOTHING
        else:
            large_s = LARGE_S if network.plain == SMALL else HANDSHAKE_S
            made.large = open_large_page(self.client, large_s)
            if network.meets:
                stay(self._deeds, lambda: open_page(self.client, STAY_S))
            made.plain = ALL if made.large else SMALL
        made.deeds = self._deeds()
        return made

    def patience_s(self) -> float:
        """So long a page is waited for where none is expected."""
        return max(PATIENCE_S, TIMES_OPEN * self.open_s)

    def measure_open(self) -> None:
        """Have a page on an open network; AssertionError: none came."""
        self._move(censor.Open())
        found = open_page(self.client, HANDSHAKE_S)
        assert found is not None, "a plain box does not even work where nobody is against it"
        self.open_s = found

    def go_dark(self, seconds: float) -> Journey:
        """Nothing passes for so long, and then everything: when the next page comes."""
        made = Journey(plain=ALL)
        self._move(censor.Blackout())
        assert open_page(self.client, seconds) is None
        made.deeds = self._deeds()
        self.scene.hotel.censor.become(censor.Open())
        made.second_s = open_page(self.client, HANDSHAKE_S)
        made.large = open_large_page(self.client, HANDSHAKE_S)
        return made

    def _deeds(self) -> int:
        return self.scene.loop.call(self.scene.hotel.censor.deeds)

    def _move(self, profile: Profile) -> None:
        scene = self.scene
        scene.board.set_link("uplink", False)
        scene.gateway.restart()
        scene.hotel.nat.rebind()
        scene.hotel.censor.become(profile)
        scene.loop.call(scene.hotel.censor.forget_deeds)
        scene.board.set_link("uplink", True)


@contextmanager
def plain_box(
    board: str, folder: Path, reach: str = "", network: Network | None = None
) -> Iterator[PlainBox]:
    """One that has power. reach: where it looks for the gateway, if not by its address. network:
    where it is when it looks first.
    """
    with Scene(board, folder, firmware=image(board)) as scene:
        if network is not None:
            scene.hotel.censor.become(network.make())
        scene.power()
        with Console(scene.board.console_url) as console:
            console.hello()
            scene.provision(console, reach)
        client = scene.client()
        client.join()
        yield PlainBox(scene, client, network)

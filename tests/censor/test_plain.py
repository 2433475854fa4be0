"""A plain WireGuard box on Linux (wireguard-go) on the scorecard's networks."""

import time
from collections.abc import Callable, Iterator

import pytest
from tests.censor.networks import BAD, CLOSED, PLAIN_PORT, Network
from tests.censor.scorecard import ALL, NOTHING, SMALL, Scorecard
from tests.censor.street import WORLD, Street

from undertow.lab import Caller, Echo, Implementation, Lab, PeerSettings, Tunnel, WebServer, censor
from undertow.lab.web import fetch

INNER = "10.7.0.1", "10.7.0.254"
GO = Implementation("wireguard-go", "wireguard-go")
PAGES = {"/": b"a page\n", "/large": bytes(300_000)}
# An open network answers within a tenth of a second, and carries 300 kB in as much.
PATIENCE_S, HANDSHAKE_S, LARGE_S = 1.5, 20.0, 3.0


def tunnel(lab: Lab, street: Street) -> Tunnel:
    """A box of wireguard-go whose gateway is in the world; the box's end."""
    gateway = Tunnel(GO, street.world, lab.interface_name("gate"), (f"{INNER[1]}/24",))
    box = Tunnel(GO, street.guest, lab.interface_name("box"), (f"{INNER[0]}/24",))
    gateway.start(PLAIN_PORT, (PeerSettings(box.key.public, (f"{INNER[0]}/32",)),))
    box.start(0, (PeerSettings(gateway.key.public, ("10.7.0.0/24",), f"{WORLD}:{PLAIN_PORT}"),))
    return box


@pytest.fixture(scope="module")
def plain(module_lab: Lab) -> Iterator[Callable[[Network], str]]:
    """plain(network): what a plain box reaches there."""
    street = Street(module_lab)
    box = tunnel(module_lab, street)

    def reach(network: Network) -> str:
        box.forget_peers()
        street.point.become(network.make())
        try:
            if not answers(network):
                return NOTHING
            return ALL if comes(LARGE_S if network.plain == SMALL else HANDSHAKE_S) else SMALL
        finally:
            street.point.become(censor.Open())

    def answers(network: Network) -> bool:
        patience_s = PATIENCE_S if network.plain == NOTHING else HANDSHAKE_S
        end = time.monotonic() + patience_s
        while time.monotonic() < end:
            if caller.ask(0.2) is not None:
                return True
        return False

    def comes(timeout_s: float) -> bool:
        try:
            return fetch(street.guest, INNER[1], "/large", timeout_s=timeout_s) == PAGES["/large"]
        except OSError:
            return False

    with (
        Echo(street.world, INNER[1]),
        WebServer(street.world, INNER[1], PAGES),
        Caller(street.guest, INNER[1]) as caller,
    ):
        yield reach


@pytest.mark.parametrize("network", [*CLOSED, *BAD], ids=lambda network: network.name)
def test_a_plain_box_reaches_what_it_should(
    plain: Callable[[Network], str], network: Network, scorecard: Scorecard
) -> None:
    found = plain(network)
    scorecard.row("unix", network.name).plain = found
    assert found == network.plain

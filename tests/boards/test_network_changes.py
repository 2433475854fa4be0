"""What the network does to a box under way, seen by its link, and how soon its clients are back.

What its link does not show is in test_recovery.py.
"""

from collections.abc import Callable

import pytest
from tests.boards.recovery import WEB, require_recovery

from undertow.board.scene import Scene
from undertow.console import Console
from undertow.lab.dhcp_server import Offer
from undertow.lab.ethernet import Client
from undertow.lab.packets import dhcp, ipv4

Connect = Callable[[], Console]

CAFE = Offer("172.20.0.0/16", "172.20.0.1", "172.20.0.1", ("172.20.0.1",))


@pytest.fixture
def console(scene: Scene, connect: Connect) -> Console:
    """That of a provisioned box."""
    scene.power()
    console = connect()
    scene.provision(console)
    return console


@pytest.fixture
def client(scene: Scene, console: Console) -> Client:
    """Somebody whose packets pass."""
    client = scene.client()
    client.join()
    require_recovery(scene, client, "the first packet")
    return client


def test_a_link_that_was_lost_is_used_at_once_when_it_is_back(scene: Scene, client: Client) -> None:
    scene.board.set_link("uplink", False)
    assert client.ping(WEB, 1.0) is None
    scene.board.set_link("uplink", True)
    require_recovery(scene, client, "the link")


def test_the_tunnel_follows_the_box_into_another_network(scene: Scene, client: Client) -> None:
    scene.board.set_link("uplink", False)
    scene.hotel.move(CAFE)
    scene.board.set_link("uplink", True)
    require_recovery(scene, client, "another network, seen by the link")


def test_a_nat_that_forgets_is_not_noticed(scene: Scene, client: Client) -> None:
    scene.hotel.nat.rebind()
    require_recovery(scene, client, "a NAT that forgets")


def test_the_lan_makes_way_for_the_uplinks_network_and_takes_its_clients_along(
    scene: Scene, client: Client, console: Console
) -> None:
    before = client.address
    network = before.rpartition(".")[0]
    scene.board.set_link("uplink", False)
    scene.hotel.move(Offer(f"{network}.0/24", f"{network}.1", f"{network}.1", (f"{network}.1",)))
    scene.board.set_link("uplink", True)
    # With the old address for as long as its lease lasts, ...
    require_recovery(scene, client, "a LAN that makes way")
    assert client.renew().kind == dhcp.NAK
    client.set_address(ipv4.ANY, 0)
    # ... and with one of the new network, where the host keeps its number.
    joined = client.join()
    assert joined.your != before
    assert joined.your.rpartition(".")[2] == before.rpartition(".")[2]
    require_recovery(scene, client, "a new address in the LAN")
    assert client.lease is not None
    assert console.status()["lan"]["address"] == client.lease.address(dhcp.ROUTER)


def test_clients_keep_their_addresses_over_a_restart(scene: Scene, connect: Connect) -> None:
    scene.power()
    console = connect()
    scene.provision(console)
    clients = [scene.client(number) for number in range(1, 34)]
    addresses = [client.join().your for client in clients]
    assert len(set(addresses)) == len(clients)
    console.reboot()
    console.hello()
    for client, address in zip(clients, addresses, strict=True):
        assert client.reboot(address).kind == dhcp.ACK
    thief = scene.client(99)
    assert thief.reboot(addresses[0]).kind == dhcp.NAK

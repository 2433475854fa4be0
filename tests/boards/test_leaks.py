"""Nothing of a client leaves the box but sealed, in every state that a box can be in.

The uplink is recorded from power-on; a client that breaks every rule is plugged in meanwhile.
"""

import time
from collections.abc import Callable

import pytest
from tests.boards.noise import MARK, make_noise

from undertow.board.scene import GATEWAY, Scene
from undertow.console import Console
from undertow.lab.dhcp_server import Offer
from undertow.lab.ethernet import Client
from undertow.lab.packets import dhcp

Connect = Callable[[], Console]


@pytest.fixture
def client(scene: Scene) -> Client:
    """A client with an address that it chose itself, until it joins."""
    made = scene.client()
    made.set_address("10.11.12.13", 8, "10.11.12.1")
    return made


def shout(scene: Scene, client: Client, seconds: float = 0.4) -> None:
    """Make noise for a while."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        make_noise(scene, client)
        time.sleep(0.05)


def require_silence(scene: Scene) -> None:
    """The box has got the noise, and nothing of it is on the uplink."""
    assert any(MARK in passed.data for passed in scene.lan.record() if not passed.outgoing)
    scene.rules(MARK).require_silence(scene.uplink.sent())


def bring_up(scene: Scene, connect: Connect, client: Client) -> Console:
    """A box whose tunnel works for its client."""
    scene.power()
    console = connect()
    scene.provision(console)
    client.join()
    scene.loop.wait_until(scene.gateway.handshakes, 60.0, lambda: "no handshake")
    assert client.ping("203.0.113.80") is not None
    return console


def test_nothing_leaves_a_blank_box(scene: Scene, client: Client) -> None:
    scene.power()
    shout(scene, client)
    client.join()
    shout(scene, client)
    require_silence(scene)


def test_nothing_leaks_while_the_gateway_is_out_of_reach(
    scene: Scene, connect: Connect, client: Client
) -> None:
    scene.hotel.nat.reach(*GATEWAY, 1)
    scene.power()
    scene.provision(connect())
    client.join()
    shout(scene, client, 2.0)
    assert scene.gateway.handshakes() == 0
    require_silence(scene)


def test_nothing_leaks_beside_a_tunnel_that_works(
    scene: Scene, connect: Connect, client: Client
) -> None:
    bring_up(scene, connect, client)
    shout(scene, client)
    scene.loop.wait_until(
        lambda: any(MARK in packet.body for packet in scene.gateway.world.seen),
        2.0,
        lambda: "the tunnel carried nothing of it",
    )
    require_silence(scene)


def test_nothing_leaks_when_the_tunnel_dies(scene: Scene, connect: Connect, client: Client) -> None:
    bring_up(scene, connect, client)
    scene.hotel.nat.reach(*GATEWAY, 1)
    shout(scene, client, 2.0)
    scene.uplink.cut()
    shout(scene, client)
    scene.uplink.join()
    shout(scene, client)
    require_silence(scene)


def test_nothing_leaks_from_a_reboot_to_the_next_session(
    scene: Scene, connect: Connect, client: Client
) -> None:
    bring_up(scene, connect, client).close()
    scene.board.kill()
    scene.board.start()
    shout(scene, client, 2.0)
    connect().reboot()
    shout(scene, client, 2.0)
    require_silence(scene)


def test_nothing_leaks_while_the_box_is_reconfigured_and_wiped(
    scene: Scene, connect: Connect, client: Client
) -> None:
    console = bring_up(scene, connect, client)
    for network in ("10.9.1.1/24", "10.9.2.1/24"):
        console.put("box", bytearray(f"[Box]\nName = other\n[LAN]\nAddress = {network}\n".encode()))
        digest = console.check().digest
        make_noise(scene, client)
        console.commit(digest)
        shout(scene, client)
    console.wipe("other")
    shout(scene, client, 1.0)
    require_silence(scene)


@pytest.mark.parametrize("option", [dhcp.CLASSLESS_ROUTES, dhcp.MICROSOFT_ROUTES])
def test_routes_of_the_hotel_lead_nobody_astray(
    scene: Scene, connect: Connect, client: Client, option: int
) -> None:
    routes = [(f"{half}.0.0.0/1", "172.16.5.1") for half in (0, 128)]
    scene.hotel.dhcp.set_options({option: dhcp.classless_routes(*routes)})
    bring_up(scene, connect, client)
    shout(scene, client)
    require_silence(scene)


def test_static_routes_and_a_tiny_mtu_of_the_hotel_are_ignored(
    scene: Scene, connect: Connect, client: Client
) -> None:
    route = dhcp.addresses("203.0.113.80", "172.16.5.1")
    scene.hotel.dhcp.set_options({dhcp.STATIC_ROUTES: route, dhcp.MTU: b"\x00\x44"})
    bring_up(scene, connect, client)
    assert client.ping("203.0.113.80", size=1300) is not None
    shout(scene, client)
    require_silence(scene)


def test_a_hotel_that_claims_public_addresses_gets_no_client_of_ours(
    scene: Scene, connect: Connect, client: Client
) -> None:
    # LocalNet: what lies in the hotel's own network still goes through the tunnel.
    scene.hotel.move(Offer("203.0.113.0/24", "203.0.113.1", "203.0.113.1", ("203.0.113.1",)))
    bring_up(scene, connect, client)
    assert client.ping("203.0.113.1") is not None
    assert "203.0.113.1" in {packet.destination for packet in scene.gateway.world.seen}
    shout(scene, client)
    require_silence(scene)


def test_redirects_and_router_advertisements_change_nothing(
    scene: Scene, connect: Connect, client: Client
) -> None:
    bring_up(scene, connect, client)
    (address,) = scene.rules().addresses
    scene.hotel.redirect(address, GATEWAY[0], "172.16.5.66")
    scene.hotel.advertise_router()
    shout(scene, client)
    assert client.ping("203.0.113.80") is not None
    require_silence(scene)

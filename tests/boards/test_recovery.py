"""How soon clients are back when what is beyond the box's cable changes, and the link does not.

What the link shows is in test_network_changes.py.
"""

import time
from collections.abc import Callable
from dataclasses import replace

import pytest
from tests.boards.recovery import LIMIT_S, PING_S, WEB, require_recovery, talk

from undertow.board import machine
from undertow.board.scene import GATEWAY, Scene
from undertow.console import Console
from undertow.lab.dhcp_server import Offer
from undertow.lab.ethernet import Client
from undertow.lab.packets import ethernet

Connect = Callable[[], Console]

CAFE = Offer("172.20.0.0/16", "172.20.0.1", "172.20.0.1", ("172.20.0.1",))
NAME = "gate.example"
NEW_MAC = ethernet.mac("02:68:6f:74:65:6d")
BOX_MAC = ethernet.mac(machine.mac(0))
SETTLE_S = 6.0


@pytest.fixture
def client(scene: Scene, connect: Connect) -> Client:
    """Somebody whose packets pass, for longer than two handshakes must be apart."""
    scene.hotel.names[NAME] = (GATEWAY[0],)
    scene.power()
    scene.provision(connect(), reach=f"{NAME}:{GATEWAY[1]}")
    client = scene.client()
    client.join()
    talk(client, SETTLE_S)
    assert client.ping(WEB) is not None
    return client


def _set_mac(scene: Scene, mac: bytes) -> None:
    """Put another machine in the router's place."""
    scene.loop.call(lambda: setattr(scene.hotel, "mac", mac))


def test_another_network_is_found(scene: Scene, client: Client) -> None:
    scene.hotel.move(CAFE)
    scene.hotel.nat.rebind()
    require_recovery(scene, client, "another network")
    assert BOX_MAC in scene.hotel.dhcp.given()


def test_another_network_that_says_nothing_to_strangers_is_found(
    scene: Scene, client: Client
) -> None:
    scene.hotel.dhcp.refuses = False
    scene.hotel.move(CAFE)
    scene.hotel.nat.rebind()
    require_recovery(scene, client, "another network without refusals")
    scene.rules().require_silence(scene.uplink.sent())


def test_another_network_with_the_same_addresses_is_found(scene: Scene, client: Client) -> None:
    _set_mac(scene, NEW_MAC)
    scene.hotel.move(replace(scene.hotel.dhcp.offer, first=120))
    scene.loop.call(lambda: scene.hotel.dhcp.forget(BOX_MAC))
    scene.hotel.nat.rebind()
    require_recovery(scene, client, "another network with the same addresses")
    # And an address that is ours in it, not only one that happens to work.
    end = time.monotonic() + LIMIT_S
    while scene.loop.call(scene.hotel.dhcp.given).get(BOX_MAC) != "172.16.5.120":
        assert time.monotonic() < end
        client.ping(WEB, PING_S)


def test_a_router_with_a_new_mac_is_found(scene: Scene, client: Client) -> None:
    _set_mac(scene, NEW_MAC)
    require_recovery(scene, client, "the router's MAC")


def test_a_router_with_a_new_address_is_found(scene: Scene, client: Client) -> None:
    offer = scene.hotel.dhcp.offer
    _set_mac(scene, NEW_MAC)
    scene.hotel.move(replace(offer, server="172.16.5.254", router="172.16.5.254"))
    require_recovery(scene, client, "the router's address")


def test_a_router_that_was_away_is_used_again(scene: Scene, client: Client) -> None:
    _set_mac(scene, NEW_MAC)
    scene.hotel.answers_arp = False
    scene.hotel.dhcp.silent = True
    before = len(scene.uplink.sent())
    talk(client, 20.0)
    kinds = [ethernet.parse(frame) for frame in scene.uplink.sent()[before:]]
    others = [frame for frame in kinds if frame and frame.destination == ethernet.BROADCAST]
    print(f"{scene.board.name}: broadcasts in 20 s of a dead network: {len(others)}")
    assert len(others) < 60
    scene.hotel.dhcp.silent = False
    scene.hotel.answers_arp = True
    require_recovery(scene, client, "a router that was away")
    scene.rules().require_silence(scene.uplink.sent())


def test_a_gateway_that_restarts_is_found(scene: Scene, client: Client) -> None:
    scene.gateway.restart()
    require_recovery(scene, client, "the gateway's restart")


def _move_gateway(scene: Scene) -> None:
    scene.hotel.nat.reach("192.0.2.77", GATEWAY[1], scene.gateway.port)
    scene.hotel.nat.reach(*GATEWAY, 9)
    scene.hotel.names[NAME] = ("192.0.2.77",)


def test_a_gateway_that_moved_is_found_by_its_name(scene: Scene, client: Client) -> None:
    _move_gateway(scene)
    require_recovery(scene, client, "the gateway's address")


def test_a_gateway_that_moved_and_forgot_is_found_by_its_name(scene: Scene, client: Client) -> None:
    _move_gateway(scene)
    scene.gateway.restart()
    require_recovery(scene, client, "the gateway's address and restart")


def test_a_silent_gateway_is_no_reason_to_ask_for_an_address(scene: Scene, client: Client) -> None:
    scene.hotel.nat.reach(*GATEWAY, 9)
    before = sum(scene.hotel.dhcp.heard.values())
    talk(client, 10.0)
    assert sum(scene.hotel.dhcp.heard.values()) == before

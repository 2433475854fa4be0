"""A box where the cables are bad: what TCP's users see is slow, never wrong."""

import time
from collections.abc import Callable

import pytest

from undertow.board.scene import Scene
from undertow.console import Console
from undertow.lab.ethernet import Station
from undertow.lab.ethernet.world import BULK, ECHO
from undertow.lab.impairment import Impairment

Connect = Callable[[], Console]

WEB = "203.0.113.80"
BAD = Impairment(delay_s=0.02, jitter_s=0.005, lost=0.05, reordered=0.1, duplicated=0.02)


@pytest.mark.parametrize("where", ["uplink", "lan"])
def test_tcp_is_whole_over_a_cable_that_loses_reorders_and_duplicates(
    scene: Scene, connect: Connect, where: str
) -> None:
    scene.power()
    scene.provision(connect())
    client = scene.client()
    client.join()
    scene.loop.wait_until(scene.gateway.handshakes, 60.0, lambda: "no handshake")
    getattr(scene, where).impair(BAD)
    stream = client.connect(WEB, ECHO, timeout_s=60.0)
    sent = bytes(range(256)) * 100
    stream.send(sent)
    assert stream.receive(len(sent), timeout_s=120.0) == sent


def test_a_handshake_gets_through_an_uplink_that_loses_every_third_frame(
    scene: Scene, connect: Connect
) -> None:
    scene.uplink.impair(Impairment(lost=0.33, duplicated=0.1))
    scene.power()
    scene.provision(connect())
    scene.loop.wait_until(scene.gateway.handshakes, 60.0, lambda: "no handshake")


def test_a_lan_that_takes_no_frames_does_not_make_the_uplink_deaf(
    scene: Scene, connect: Connect
) -> None:
    scene.power()
    scene.provision(connect())
    client = scene.client()
    client.join()
    scene.loop.wait_until(scene.gateway.handshakes, 60.0, lambda: "no handshake")
    assert client.ping(WEB) is not None
    scene.room.stall()
    for _ in range(100):
        client.ping(WEB, 0.0)
    time.sleep(0.5)
    (box,) = scene.rules().addresses
    stranger = Station(scene.street, "stranger", b"\2guest", "172.16.5.66")
    stranger.send_udp(4000, box, 9, b"")
    scene.loop.wait_until(
        lambda: any(frame[:6] == stranger.mac for frame in scene.uplink.sent()),
        15.0,
        lambda: "ARP is not answered",
    )


def test_fifty_connections_of_four_clients_keep_apart(scene: Scene, connect: Connect) -> None:
    scene.power()
    scene.provision(connect())
    clients = [scene.client(number) for number in range(1, 5)]
    for client in clients:
        client.join()
    streams = [clients[number % 4].start_connecting(WEB, BULK) for number in range(50)]
    for size, stream in enumerate(streams):
        stream.wait_established(60.0)
        stream.send(b"%d\n" % (3000 + size))
    sizes = [len(stream.receive_all(120.0)) for stream in streams]
    assert sizes == list(range(3000, 3050))
    sources = {packet.source for packet in scene.gateway.world.seen}
    assert sources == {"10.7.0.1"}

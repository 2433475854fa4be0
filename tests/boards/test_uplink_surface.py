"""What a stranger in the same hotel can do to a box: nothing, and it does not even answer."""

import time
from collections.abc import Callable

import pytest

from undertow.board import machine
from undertow.board.scene import BOX_INNER, Scene
from undertow.console import Console
from undertow.lab.ethernet import Client, Station
from undertow.lab.packets import arp, dns, ethernet, icmp, ipv4, tcp, udp

Connect = Callable[[], Console]

WORD = b"from a stranger"
WAIT_S = 0.4
BOX_MAC = ethernet.mac(machine.mac(0))


@pytest.fixture
def client(scene: Scene, connect: Connect) -> Client:
    """A client of a box that is up."""
    scene.power()
    scene.provision(connect())
    made = scene.client()
    made.join()
    scene.loop.wait_until(scene.gateway.handshakes, 60.0, lambda: "no handshake")
    assert made.ping("203.0.113.80") is not None
    return made


@pytest.fixture
def stranger(scene: Scene) -> Station:
    """Another guest of the hotel."""
    return Station(scene.street, "stranger", b"\2guest", "172.16.5.66")


def address_of_box(scene: Scene) -> str:
    (address,) = scene.rules().addresses
    return address


def answers(scene: Scene, stranger: Station, packets: list[ipv4.Packet]) -> list[str]:
    """What the box sent to a stranger who handed it these packets."""
    time.sleep(WAIT_S)
    scene.uplink.forget_record()
    for packet in packets:
        stranger.send_frame(BOX_MAC, ethernet.IPV4, ipv4.build(packet))
    time.sleep(WAIT_S)
    assert any(not passed.outgoing for passed in scene.uplink.record())
    return [
        str(passed)
        for passed in scene.uplink.record()
        if passed.outgoing and passed.data[:6] in (stranger.mac, ethernet.BROADCAST)
    ]


@pytest.mark.usefixtures("client")
def test_no_door_is_open_and_none_says_so(scene: Scene, stranger: Station) -> None:
    own, box = stranger.address, address_of_box(scene)
    query = dns.build(dns.Message(7, "gateway.example", dns.A))
    ports = (7, 22, 53, 67, 68, 80, 443, 546, 5353, 51820, 33434)
    packets = [udp.build(own, box, udp.Datagram(4000, port, WORD)) for port in ports]
    packets += [tcp.build(own, box, tcp.Segment(4000, port, 1, 0, tcp.SYN, 1000)) for port in ports]
    packets += [
        udp.build(own, box, udp.Datagram(4000, 53, query)),
        icmp.build(own, box, icmp.echo(1, 1, WORD)),
        icmp.build(own, box, icmp.Message(13, 0, bytes(4), bytes(12))),  # what time is it
        icmp.build(own, box, icmp.Message(17, 0, bytes(4), bytes(4))),  # what is your netmask
        ipv4.Packet(own, box, 99, WORD),
        *ipv4.fragments(udp.build(own, box, udp.Datagram(1, 2, WORD * 200)), 600),
    ]
    assert answers(scene, stranger, packets) == []


@pytest.mark.usefixtures("client")
def test_the_tunnels_own_port_is_deaf_to_strangers(scene: Scene, stranger: Station) -> None:
    sent = [ipv4.parse(frame[14:]) for frame in scene.uplink.sent() if frame[12:14] == b"\x08\0"]
    talk = [udp.parse(packet) for packet in sent if packet]
    (port,) = {one.source_port for one in talk if one and one.destination_port == 51820}
    own, box = stranger.address, address_of_box(scene)
    initiation = b"\1\0\0\0" + bytes(144)
    packets = [
        udp.build(own, box, udp.Datagram(4000, port, payload))
        for payload in (initiation, b"\2" + bytes(91), b"\3" + bytes(63), b"\4" + bytes(47), WORD)
    ]
    assert answers(scene, stranger, packets) == []


def test_arp_is_answered_for_the_uplinks_own_address_alone(
    scene: Scene, client: Client, stranger: Station
) -> None:
    box = address_of_box(scene)
    for wanted in (client.gateway, client.address, BOX_INNER, "172.16.5.77", box):
        question = arp.request(stranger.mac, stranger.address, str(wanted))
        stranger.send_frame(ethernet.BROADCAST, ethernet.ARP, arp.build(question))
    scene.loop.wait_until(
        lambda: box in stranger.neighbours(), 15.0, lambda: "not even for its own address"
    )
    time.sleep(WAIT_S)
    assert {a for a, mac in stranger.neighbours().items() if mac == BOX_MAC} == {box}


def test_nothing_of_a_stranger_reaches_the_lan(
    scene: Scene, client: Client, stranger: Station
) -> None:
    assert client.gateway is not None
    packets = []
    for source in (stranger.address, "203.0.113.80", client.gateway, client.address):
        for destination in (client.address, client.gateway, BOX_INNER, address_of_box(scene)):
            packets += [
                udp.build(source, destination, udp.Datagram(53, 4000, WORD)),
                icmp.build(source, destination, icmp.echo(1, 1, WORD)),
                tcp.build(source, destination, tcp.Segment(80, 4000, 1, 1, tcp.SYN, 1000, WORD)),
            ]
    assert answers(scene, stranger, packets) == []
    assert [str(p) for p in scene.lan.record() if p.outgoing and WORD in p.data] == []
    assert WORD not in b"".join(packet.body for packet in scene.gateway.world.seen)


def test_a_client_cannot_talk_to_the_box_by_its_uplink_address(
    scene: Scene, client: Client
) -> None:
    # It goes through the tunnel, where the world answers in its place.
    assert client.ping(address_of_box(scene)) is not None
    assert address_of_box(scene) in {packet.destination for packet in scene.gateway.world.seen}

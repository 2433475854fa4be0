"""A box on a board with all carriers while its network changes: rungs, streams and memory.

Whether it gets out of each network, and how soon, is tests/censor's.
"""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.boards.conftest import BOARDS, image
from tests.boards.noise import MARK, make_noise

from undertow.board.scene import GATEWAY, Scene
from undertow.console import Console
from undertow.lab import censor
from undertow.lab.censor import Profile
from undertow.lab.censor.seen import Seen
from undertow.lab.ethernet import Client
from undertow.lab.ethernet.stream import Stream
from undertow.lab.ethernet.world import ECHO
from undertow.lab.packets import ethernet, ipv4, tcp, udp

WEB = "203.0.113.80"
# Promised are 15 s for a first way; what is written here is only when a test gives up.
PATIENCE_S = 30.0
# Of Python's heap, live and with all carriers: what documents, the doctor and a sign-in want.
HEAP_FREE_MIN = 32_000
HEAP_LARGEST_MIN = 8 * 1024


class TcpCut(censor.Profile):
    """Swallows TCP to these ports: all of it, or old connections and those that ask for a page."""

    name = "TCP cut"

    def __init__(self, *ports: int, only_pages: bool = False) -> None:
        self._ports = ports
        self._only_pages = only_pages
        self._fine: set[object] = set()

    def judge(self, seen: Seen, now: float) -> censor.Verdict:
        if seen.segment is None or seen.outside[1] not in self._ports:
            return censor.PASS
        if self._only_pages and seen.segment.flags & tcp.SYN:
            self._fine.add(seen.flow)
        if seen.payload.startswith(b"GET /"):
            self._fine.discard(seen.flow)
        return censor.PASS if seen.flow in self._fine else censor.Verdict("cut")


@pytest.fixture
def scene(built_board: str, folder: Path) -> Iterator[Scene]:
    """A board that is switched off, whose gateway has all carriers."""
    if built_board != BOARDS[0]:
        pytest.skip("One board shows it; the rest of the time is for other tests")
    with Scene(built_board, folder, firmware=image(built_board), has_carriers=True) as made:
        yield made
        print(*made.board.said().splitlines()[-20:], sep="\n")


class Box:
    """A provisioned box, its console and a client who talks with an echo without end."""

    def __init__(self, scene: Scene, connect: Callable[[], Console], carriers: str = "") -> None:
        self.scene = scene
        scene.power()
        self.console = connect()
        scene.provision(self.console, carriers=carriers)
        self.client: Client = scene.client()
        self.client.join()
        self._count = 0

    def become(self, profile: Profile) -> None:
        self.scene.hotel.censor.become(profile)

    def way(self) -> str:
        """What the status says; empty: none just now."""
        return str(self.console.status()["tunnel"]["carrier"]["way"] or "")

    def wait_for_way(self, start: str) -> float:
        """Seconds until the way is one whose words begin so."""
        started = time.monotonic()
        while not (way := self.way()).startswith(start):
            assert time.monotonic() < started + PATIENCE_S, f"the way is {way!r}, not {start!r}"
            time.sleep(0.2)
        return time.monotonic() - started

    def connection(self) -> Stream:
        """A client's connection through the tunnel."""
        return self.client.connect(WEB, ECHO, PATIENCE_S)

    def say(self, stream: Stream) -> float:
        """Seconds until what is said in a connection comes back, whatever happens meanwhile."""
        self._count += 1
        said = b"%d of one connection" % self._count
        started = time.monotonic()
        stream.send(said)
        assert stream.receive(len(said), PATIENCE_S) == said
        return time.monotonic() - started


@pytest.fixture
def box(scene: Scene, connect: Callable[[], Console]) -> Box:
    return Box(scene, connect)


def require_silence(box: Box) -> None:
    """Nothing of what clients said, and nothing strange, has been on the uplink until now."""
    heard = any(MARK in passed.data for passed in box.scene.lan.record() if not passed.outgoing)
    assert heard, "the client said nothing"
    box.scene.rules(MARK).require_silence(box.scene.uplink.sent())


def require_memory(box: Box) -> None:
    memory = box.console.status()["memory"]
    print(f"free of the heap: {memory['heap_free']}, in one piece {memory['heap_largest']}")
    assert memory["heap_free"] >= HEAP_FREE_MIN
    assert memory["heap_largest"] >= HEAP_LARGEST_MIN


def test_a_connection_outlives_every_change_of_rung_and_nothing_leaks(box: Box) -> None:
    stream = box.connection()
    steps = (
        ("UDP", censor.Open()),
        ("web page on port 443", censor.UdpBlocked()),
        ("web page without TLS on port 80", censor.UdpBlocked() | TcpCut(443)),
        ("TCP on port 80", censor.UdpBlocked() | TcpCut(443) | TcpCut(80, only_pages=True)),
        ("UDP", TcpCut(80, 443)),
    )
    for start, profile in steps:
        box.become(profile)
        make_noise(box.scene, box.client)
        took = box.say(stream)
        make_noise(box.scene, box.client)
        print(f"{start}: a word took {took:.1f} s")
        box.wait_for_way(start)
        require_memory(box)
    require_silence(box)


def test_a_nat_that_forgets_and_a_blackout_are_outlived(box: Box) -> None:
    stream = box.connection()
    box.wait_for_way("UDP")
    box.scene.hotel.nat.rebind()
    print(f"a NAT that forgets: {box.say(stream):.1f} s")
    box.become(censor.Blackout())
    stream.send(b"before")
    time.sleep(4.0)
    box.become(censor.Open())
    assert stream.receive(6, PATIENCE_S) == b"before"
    print(f"after a blackout: {box.say(stream):.1f} s")


def test_on_a_new_network_each_port_sees_a_decoy_first(
    scene: Scene, connect: Callable[[], Console]
) -> None:
    """Also where the router's MAC address has to be asked for before anything can leave."""
    scene.power()
    scene.board.set_link("uplink", False)
    console = connect()
    scene.provision(console)
    scene.uplink.forget_record()
    scene.board.set_link("uplink", True)
    deadline = time.monotonic() + PATIENCE_S
    while not console.status()["tunnel"]["carrier"]["proven"]:
        assert time.monotonic() < deadline
        time.sleep(0.2)
    firsts: dict[int, bytes] = {}
    for passed in scene.uplink.record():
        frame = ethernet.parse(passed.data)
        packet = ipv4.parse(frame.body) if frame and frame.kind == ethernet.IPV4 else None
        if packet and packet.destination == GATEWAY[0]:
            datagram = udp.parse(packet)
            if datagram:
                firsts.setdefault(datagram.destination_port, datagram.payload)
    assert len(firsts) > 1
    for port, payload in firsts.items():
        assert payload[4:6] == b"\0\1", f"{port}: {payload[:16].hex()} is no answer of DNS"

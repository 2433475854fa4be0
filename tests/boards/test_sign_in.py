"""A network that wants a sign-in: one client gets to its page, and nothing else leaves the box.

The uplink is recorded from power-on. What the window lets out is told from everything else by its
addresses and ports alone; everything else is judged as in every other network.
"""

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.boards.conftest import BOARDS, image, require_built
from tests.boards.noise import MARK, make_noise
from tests.censor.guest import open_page

from undertow.board.scene import GATEWAY, Scene
from undertow.console import Console, status
from undertow.console import sign_in as command
from undertow.console.client import RefusedByBoxError
from undertow.lab.censor import OPTION, Portal
from undertow.lab.errors import LabError
from undertow.lab.ethernet import Client
from undertow.lab.packets import ethernet, ipv4, tcp

BOARD = BOARDS[0]  # one shows it; UNDERTOW_BOARDS chooses another
PORTAL = "172.16.5.1"
HOST = "login.hotel.example"
SITE = "news.example"
OTHERS_MARK = b"what the other client says"
# So long anything may take that comes in seconds.
PATIENCE_S = 60.0


@pytest.fixture
def hotel(tmp_path: Path) -> Iterator[tuple[Scene, Console, Portal]]:
    """A box with carriers that is provisioned, and plugged into a network with a portal."""
    require_built(BOARD)
    with Scene(BOARD, tmp_path, firmware=image(BOARD), has_carriers=True) as scene:
        portal = scene.hotel.portal(HOST)
        scene.hotel.censor.become(portal)
        scene.power()
        with Console(scene.board.console_url) as console:
            console.hello()
            scene.provision(console)
            yield scene, console, portal
        with Console(scene.board.console_url) as console:
            print(*console.log(), sep="\n")


def wait_for(condition: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < end, what
        time.sleep(0.2)


def sign_in(console: Console, op: str, **arguments: str) -> dict[str, object]:
    return dict(console.request("signin", {"op": op, **arguments}))


def open_window(console: Console, client: Client) -> dict[str, object]:
    sign_in(console, "open", client=client.address)
    wait_for(lambda: sign_in(console, "look")["state"] != "looking", "the page was not found")
    told = sign_in(console, "look")
    assert told["state"] == "open", told
    return told


def fetch(client: Client, url: str, method: str = "GET") -> str:
    """As a browser: the name, its address, the page."""
    host, _, path = url.removeprefix("http://").partition("/")
    host = host.partition(":")[0]
    (address,) = client.resolve(host, timeout_s=5.0).addresses
    stream = client.connect(address, 80, 5.0)
    stream.send(f"{method} /{path} HTTP/1.1\r\nHost: {host}\r\nContent-Length: 0\r\n\r\n".encode())
    return stream.receive_all(5.0).decode()


def is_for_portal(frame: bytes) -> bool:
    found = ethernet.parse(frame)
    packet = found and found.kind == ethernet.IPV4 and ipv4.parse(found.body)
    segment = packet and tcp.parse(packet)
    if not packet or not segment:
        return False
    return packet.destination == PORTAL and segment.destination_port in (80, 443)


def require_only_portal(scene: Scene) -> int:
    """Nothing of a client has left but to the page; how many frames did."""
    sent = scene.uplink.sent()
    assert not any(OTHERS_MARK in frame for frame in sent), "another client's words"
    to_portal = [frame for frame in sent if is_for_portal(frame)]
    scene.rules(MARK, OTHERS_MARK).require_silence(
        frame for frame in sent if not is_for_portal(frame)
    )
    # Without the window each of these would be a leak: the judge has eyes for them.
    assert len(scene.rules().leaks(to_portal)) == len(to_portal)
    addresses = scene.rules().addresses
    for frame in to_portal:
        found = ethernet.parse(frame)
        packet = found and ipv4.parse(found.body)
        assert packet and packet.source in addresses
    return len(to_portal)


def try_all(scene: Scene, client: Client, other: Client) -> None:
    """The window's client tries every way out, and another one the window."""
    make_noise(scene, client)
    for port in (80, 443):
        for flags in (tcp.SYN, tcp.ACK, tcp.SYN | tcp.ACK):
            segment = tcp.Segment(4001, port, 1, 1, flags, 1000, OTHERS_MARK)
            other.send(tcp.build(other.address, PORTAL, segment))
            # And with the other's address, or as if the other had it.
            other.send(tcp.build(client.address, PORTAL, segment))
            client.send(tcp.build(other.address, PORTAL, segment))
    time.sleep(0.2)


def marked(scene: Scene) -> int:
    """How many frames have left for the page with what the window's client says in its noise."""
    return sum(MARK in frame for frame in scene.uplink.sent() if is_for_portal(frame))


def test_a_guest_signs_in_and_nothing_else_leaves(
    hotel: tuple[Scene, Console, Portal],
) -> None:
    scene, console, portal = hotel
    client, other = scene.client(1), scene.client(2)
    client.join()
    other.join()
    # The box notices the page by itself, and says what to do.
    wait_for(lambda: console.status()["sign_in"]["wanted"], "the page was not noticed")
    assert "sign in first" in console.status()["problem"]["why"]
    try_all(scene, client, other)
    assert marked(scene) == 0
    # With several clients one has to be named; only he gets the window.
    with pytest.raises(RefusedByBoxError, match=r"(?s)several"):
        sign_in(console, "open")
    told = open_window(console, client)
    assert told["client"] == client.address
    assert told["page"] == [f"{HOST} ({PORTAL})"]
    assert 0 < int(str(told["left_s"])) <= 300
    try_all(scene, client, other)
    # Any page leads to the portal, by whichever name.
    assert "302 Found" in fetch(client, f"http://{SITE}/")
    assert "Welcome" in fetch(client, portal.url())
    assert SITE not in scene.hotel.asked
    with pytest.raises(LabError):
        other.resolve(HOST, timeout_s=1.0)
    require_only_portal(scene)
    assert "You are online" in fetch(client, portal.url("/sign-in"), "POST")
    # The tunnel comes up by itself, the window closes, and the page comes through the tunnel.
    assert open_page(client, PATIENCE_S) is not None
    wait_for(lambda: sign_in(console, "look")["state"] == "closed", "the window stayed open")
    assert sign_in(console, "look")["why"] == "the tunnel is up"
    wait_for(lambda: console.status()["problem"] is None, "there is a problem still")
    before = marked(scene)
    try_all(scene, client, other)
    assert marked(scene) == before
    assert require_only_portal(scene) > 0
    assert any("the window is closed" in line for line in console.log())


def test_a_window_is_closed_by_hand_and_by_another_network(
    hotel: tuple[Scene, Console, Portal], capsys: pytest.CaptureFixture[str]
) -> None:
    scene, console, portal = hotel
    scene.hotel.dhcp.set_options({OPTION: portal.url("/api").encode()})
    client, other = scene.client(1), scene.client(2)
    client.join()
    # As people do it: `undertow sign-in`.
    url = scene.board.console_url
    console.close()
    assert command.main(url, no_wait=True, json=True) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["state"], told["client"]) == ("open", client.address)
    assert "Welcome" in fetch(client, portal.url())
    assert command.main(url, close=True) == 0
    assert "The window is closed: closed." in capsys.readouterr().err
    before = marked(scene)
    try_all(scene, client, other)
    assert marked(scene) == before
    with Console(url) as again:
        again.hello()
        open_window(again, client)
        shown = dict(row[1:] for row in status.rows(again.status()) if row[0] == "sign-in")
        assert shown["window"].startswith(f"OPEN for {client.address}")
        scene.board.set_link("uplink", False)
        scene.board.set_link("uplink", True)
        wait_for(lambda: again.status()["uplink"]["address"] is not None, "no address")
        assert sign_in(again, "look")["why"] == "the network is another one"
        try_all(scene, client, other)
        assert marked(scene) == before
        # The network says by itself that it has a page: nobody has to look for it.
        wait_for(lambda: again.status()["sign_in"]["wanted"], "the page was not noticed")
    require_only_portal(scene)


def test_with_one_way_to_the_gateway_a_guest_signs_in_too(tmp_path: Path) -> None:
    """A plain wg-quick file: the box makes a connection of its own only when it is told to."""
    require_built(BOARD)
    with Scene(BOARD, tmp_path, firmware=image(BOARD)) as scene:
        portal = scene.hotel.portal(HOST)
        scene.hotel.censor.become(portal)
        scene.power()
        client, other = scene.client(1), scene.client(2)
        with Console(scene.board.console_url) as console:
            console.hello()
            scene.provision(console)
            client.join()
            scene.rules(MARK).require_silence(scene.uplink.sent())
            scene.uplink.forget_record()
            assert open_window(console, client)["page"] == [f"{HOST} ({PORTAL})"]
            try_all(scene, client, other)
            assert "You are online" in fetch(client, portal.url("/sign-in"), "POST")
            assert open_page(client, PATIENCE_S) is not None
            assert sign_in(console, "look")["why"] == "the tunnel is up"
        rules = scene.rules(MARK, OTHERS_MARK)
        rules.streams.add((GATEWAY[0], 80))  # where the box itself has asked for its page
        rules.require_silence(frame for frame in scene.uplink.sent() if not is_for_portal(frame))

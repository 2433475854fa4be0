"""An ordinary Linux computer on the LAN, and real gateways: wireguard-go and our own program."""

import concurrent.futures
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.boards.conftest import image
from tests.support.absence import cannot_run, require_lab

from undertow import paths
from undertow.board import machine
from undertow.board.hotel import BOX_INNER, GATEWAY, GATEWAY_PORT, WEB, BoardHotel
from undertow.console import Console
from undertow.lab import Capture, Echo, Lab, WebServer, fetch
from undertow.lab.leaks import Uplink
from undertow.lab.namespace import wait_until
from undertow.lab.packets import ethernet
from undertow.lab.pair import build_implementations
from undertow.lab.services import NameServer
from undertow.lab.sockets import Caller

TOOLS = ("ip", "nft", "wg", "setpriv", "udhcpc", "curl", "ping", "iperf3", "wireguard-go")
PAGE = b"the page that a client asked for\n" * 40
NAME = "web.example"
AT_ONCE = 50


@pytest.fixture
def lab() -> Iterator[Lab]:
    """An empty lab."""
    require_lab(str(paths.UNIX_PROGRAM), *TOOLS)
    with Lab() as made:
        yield made


@pytest.fixture
def place(lab: Lab, built_board: str) -> BoardHotel:
    """A board that is off, among computers."""
    return BoardHotel(lab, built_board, firmware=image(built_board))


@pytest.fixture
def uplink(place: BoardHotel) -> Iterator[Capture]:
    """What passes the uplink, from before power-on."""
    with place.watch_uplink() as capture:
        yield capture


@pytest.fixture(params=["go", "undertow"])
def ready(place: BoardHotel, uplink: Capture, request: pytest.FixtureRequest) -> BoardHotel:
    """The same with a gateway of either kind, a provisioned box and a client with an address."""
    place.start_gateway(build_implementations(paths.ROOT)[request.param])
    place.power()
    with Console(place.board.console_url) as console:
        place.provision(console, dns=WEB)
    place.client.join()
    return place


@pytest.fixture
def web(place: BoardHotel) -> Iterator[NameServer]:
    """Names, a page and an echo beyond the gateway."""
    with (
        NameServer(place.web, WEB, {NAME: WEB}) as names,
        WebServer(place.web, WEB, {"/": PAGE}),
        Echo(place.web, WEB),
    ):
        yield names


def require_silence(place: BoardHotel, uplink: Capture) -> None:
    """Only what may be was sent by the box, and no word of the page."""
    mac = ethernet.mac(machine.mac(0))
    rules = Uplink(
        mac,
        addresses=place.dhcp.ever_given(mac),
        neighbours={"172.16.5.1"},
        gateways={(GATEWAY, GATEWAY_PORT)},
        words=(PAGE[:30], NAME.encode()),
    )
    sent = [frame.data for frame in uplink.frames() if not frame.outgoing]
    assert sent
    rules.require_silence(sent)


def test_a_linux_client_has_what_it_needs_and_the_hotel_sees_nothing_of_it(
    ready: BoardHotel, web: NameServer, uplink: Capture
) -> None:
    client = ready.client
    assert client.run("curl", "-s", "-S", "-m", "10", f"http://{NAME}/").encode() == PAGE
    assert web.asked[0] == NAME
    client.run("ping", "-c", "3", "-i", "0.2", "-W", "2", WEB)
    with Caller(client.namespace, WEB) as caller:
        assert caller.ask(size=1200) is not None
    assert ready.tunnel is not None
    (peer,) = ready.tunnel.status().peers.values()
    assert peer.allowed_ips == (f"{BOX_INNER}/32",)
    require_silence(ready, uplink)


def test_fifty_connections_at_once_all_bring_their_page(ready: BoardHotel, web: NameServer) -> None:
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        work = [pool.submit(fetch, ready.client.namespace, WEB) for _ in range(AT_ONCE)]
        assert [job.result() for job in work] == [PAGE] * AT_ONCE


@pytest.mark.parametrize("direction", ["up", "down"])
def test_iperf3_is_carried_both_ways(ready: BoardHotel, direction: str) -> None:
    server = ready.web.start("iperf3", "-s", "-1", "--forceflush", "-B", WEB)
    wait_until(lambda: "listening" in server.log(), 30.0, server.log)
    words = ["-R"] if direction == "down" else []
    text = ready.client.run("iperf3", "-c", WEB, "-t", "2", "-J", *words, timeout_s=90.0)
    result = json.loads(text)["end"]
    assert result["sum_received"]["bytes"] > 100_000
    print(f"TCP {direction}: {result['sum_received']['bits_per_second'] / 1e6:.1f} Mbit/s")


def test_a_client_without_a_tunnel_reaches_the_box_and_nothing_else(
    place: BoardHotel, uplink: Capture
) -> None:
    place.power()
    place.client.join()
    router = place.client.namespace.ip("-4", "route", "show", "default").split()[2]
    place.client.run("ping", "-c", "1", "-W", "2", router)
    for address in ("172.16.5.1", GATEWAY, WEB):
        done = place.client.namespace.attempt("ping", "-c", "1", "-W", "1", address)
        assert done.returncode != 0, address
    rules = Uplink(ethernet.mac(machine.mac(0)))
    rules.require_silence(frame.data for frame in uplink.frames() if not frame.outgoing)


def test_the_box_runs_from_the_command_line_between_taps(
    lab: Lab, place: BoardHotel, built_board: str, tmp_path: Path
) -> None:
    if image(built_board) != paths.BUILD / built_board / "firmware.elf":
        cannot_run("invoke run builds its own firmware: leave UNDERTOW_IMAGES out")
    running = place.place.start(
        *(str(paths.ROOT / "invoke"), "run", "--board", built_board),
        *("--uplink", "tap:uplink", "--lan", "tap:lan"),
        *("--flash", str(tmp_path / "flash"), "--console", f"unix:{lab.folder}/own"),
    )
    running.wait_for("The box speaks", timeout_s=120.0)
    assert "tap:uplink" in running.log()
    place.client.join()
    with Console(f"unix:{lab.folder}/own") as console:
        assert console.hello().board == built_board
    running.signal(2)
    assert running.wait() == 0
    assert "The power is cut" in running.log()

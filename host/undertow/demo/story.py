"""What the demo does, in order: a new box, a page, the hotel's view, another address, the speed."""

import concurrent.futures
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from undertow import provisioning
from undertow.board.hotel import HOTEL_OUTSIDE, ROOMS, WEB, BoardHotel
from undertow.console import Console, status
from undertow.demo import pairing, view
from undertow.demo.home import Home
from undertow.demo.narrator import Narrator, Row
from undertow.gateway.backend import Traffic
from undertow.lab import Caller, Capture, Echo, Lab, LabError, WebServer
from undertow.lab.dhcp_server import Offer
from undertow.lab.pump import Flow, pump
from undertow.lab.services import NameServer

BOX = "demo-box"
SITE = "home.example"
PAGE = (
    b"Undertow works: the box carried this page to you, and the hotel saw none of it.\n"
    b"It was served at http://home.example/ behind the gateway.\n"
)
OTHER_ROOMS = Offer("172.16.9.0/24", "172.16.9.1", "172.16.9.1", ("172.16.9.1",))
PINGS = 20
PUMP_S = 3.0
LOOK_EVERY_S = 0.25
PATIENCE_S = 15.0

Facts = dict[str, Any]


@dataclass
class Scene:
    """Who takes part, and the box's console."""

    lab: Lab
    hotel: BoardHotel
    home: Home
    console: Console
    public_key: str = ""

    def box_as_seen_by_gateway(self) -> Traffic:
        """What the gateway says of its box."""
        return self.home.seen(BOX)


def tell(lab: Lab, narrator: Narrator, board: str) -> Facts:
    """Play the whole story; what was measured. LabError: something did not work."""
    narrator.chapter("A small Internet on this machine")
    narrator.say("client --- box --- hotel with NAT --- gateway --- web server")
    narrator.say(f"The box is the router's firmware on {board}, an emulated board;")
    narrator.say("all the others are Linux in network namespaces.")
    facts: Facts = {"board": board}
    with _scene(lab, board, facts) as scene:
        with Capture(scene.hotel.hotel, "rooms") as seen:
            _set_up(scene, narrator, facts)
            _plug_in(scene, narrator, facts)
            _open_page(scene, narrator, facts)
            _show_tunnel(scene, narrator, facts, seen)
            narrator.chapter("What the hotel saw of it")
            facts["hotel_saw"] = view.show(narrator, seen, scene.home.prefix_len(), PAGE, SITE)
            _move(scene, narrator, facts)
        view.check(seen, scene.home.prefix_len(), PAGE, SITE)
        narrator.say("Here, too, nothing but the tunnel was seen.")
        _measure(scene, narrator, facts)
        _show_status(scene, narrator, facts)
    scene.home.stop()
    return facts


@contextmanager
def _scene(lab: Lab, board: str, facts: Facts) -> Iterator[Scene]:
    hotel = BoardHotel(lab, board)
    home = Home(lab, hotel.gateway)
    home.start()
    with ExitStack() as stack:
        stack.enter_context(WebServer(hotel.web, WEB, {"/": PAGE}))
        stack.enter_context(Echo(hotel.web, WEB))
        stack.enter_context(NameServer(hotel.web, WEB, {SITE: WEB}))
        started = time.monotonic()
        hotel.power()
        hotel.board.set_link("uplink", False)
        console = stack.enter_context(Console(hotel.board.console_url))
        console.hello()
        facts["boot_ms"] = _ms_since(started)
        yield Scene(lab, hotel, home, console)
        hotel.board.stop()


def _set_up(scene: Scene, narrator: Narrator, facts: Facts) -> None:
    narrator.chapter("A new box, on its serial line")
    narrator.fact("first answer", f"{facts['boot_ms']:.0f} ms after QEMU was started")
    with pairing.open_room(scene.home) as room:
        started = time.monotonic()
        settings = provisioning.read(provisioning.Wanted(name=BOX, pairs=True))
        result = provisioning.provision(scene.console, settings, narrator.say)
        facts["provision_ms"] = _ms_since(started)
        facts["public_key"] = scene.public_key = result.public_key
        narrator.fact("provisioned", f"in {facts['provision_ms']:.0f} ms")
        narrator.fact("the box's key", f"{result.public_key}, made on the box")
        _pair(scene, room, narrator, facts)


def _pair(scene: Scene, room: pairing.Room, narrator: Narrator, facts: Facts) -> None:
    narrator.chapter("Box and gateway are paired, over a network that nobody trusts")
    with pairing.begin(scene.console, room, BOX) as run:
        here, there = pairing.agree(run, room, scene.hotel.hotel)
        narrator.table(
            ("shown by", "digits", "words"), [here.as_row("box"), there.as_row("gateway")]
        )
        narrator.say("Two people read them to each other. Somebody in between would have made them")
        narrator.say("differ; here the demo compares, and tells each end what the other one shows.")
        pairing.confirm(run, room, here, there)
        facts["digits"] = {"box": here.digits, "gateway": there.digits}
        facts["pair_ms"] = round(run.machine_s * 1000, 1)
    narrator.fact("verified", f"after {facts['pair_ms']:.0f} ms, without the people")


def _plug_in(scene: Scene, narrator: Narrator, facts: Facts) -> None:
    narrator.chapter("Box and client are plugged in")
    client = scene.hotel.client
    client.join()
    narrator.fact("the client's address", f"{client.address()}, by DHCP from the box")
    with Caller(client.namespace, WEB) as caller:
        if caller.ask(0.3) is not None:
            raise LabError("the box leaks", "the client got out before there was an uplink")
        narrator.fact("without an uplink", "nothing gets out")
        started = time.monotonic()
        scene.hotel.board.set_link("uplink", True)
        caller.wait(PATIENCE_S, 0.02)
    facts["first_packet_ms"] = _ms_since(started)
    facts["uplink_address"] = _uplink_address(scene)
    narrator.fact("the box's address", f"{facts['uplink_address']}, by DHCP from the hotel")
    narrator.fact("first packet through", f"{facts['first_packet_ms']:.0f} ms after the cable")


def _open_page(scene: Scene, narrator: Narrator, facts: Facts) -> None:
    narrator.chapter(f"The client opens http://{SITE}/")
    started = time.monotonic()
    body = scene.hotel.client.run("curl", "-sS", "-m", "10", f"http://{SITE}/").encode()
    facts["page_ms"] = _ms_since(started)
    if body != PAGE:
        raise LabError("the page is damaged", f"{len(body)} bytes came instead of {len(PAGE)}")
    facts["page"] = body.decode().splitlines()[0]
    took = f"after {facts['page_ms']:.0f} ms, the name looked up through the tunnel"
    narrator.fact("page", f"{len(body)} bytes, {took}")
    narrator.say(facts["page"], style="bold green")


def _show_tunnel(scene: Scene, narrator: Narrator, facts: Facts, seen: Capture) -> None:
    box = scene.box_as_seen_by_gateway()
    facts["handshake_ms"] = view.handshake_ms(seen, scene.home.prefix_len())
    facts["endpoint_of_box"] = box.endpoint
    narrator.fact("handshake", f"{facts['handshake_ms']:.1f} ms from initiation to response")
    narrator.fact("outside the NAT", f"the gateway sees the box at {box.endpoint}")
    facts["way"] = box.way
    narrator.fact("by", box.way)
    if not (box.endpoint or "").startswith(f"{HOTEL_OUTSIDE}:"):
        raise LabError("the box is not behind the hotel's NAT", f"its address is {box.endpoint}")


def _move(scene: Scene, narrator: Narrator, facts: Facts) -> None:
    narrator.chapter("Another hotel: the cable is pulled and plugged in elsewhere")
    hotel = scene.hotel
    hotel.board.set_link("uplink", False)
    hotel.hotel.remove_address("rooms", f"{ROOMS.server}/24")
    hotel.hotel.address("rooms", f"{OTHER_ROOMS.server}/24")
    hotel.dhcp.change(OTHER_ROOMS)
    with Caller(hotel.client.namespace, WEB) as caller:
        started = time.monotonic()
        hotel.board.set_link("uplink", True)
        caller.wait(PATIENCE_S, 0.02)
    facts["recovery_ms"] = _ms_since(started)
    facts["uplink_address_after"] = _uplink_address(scene)
    narrator.fact("the box's address", f"{facts['uplink_address_after']}")
    narrator.fact("traffic flows again", f"{facts['recovery_ms']:.0f} ms after the cable")


def _measure(scene: Scene, narrator: Narrator, facts: Facts) -> None:
    narrator.chapter("How quick it is, with the whole board emulated")
    client, web = scene.hotel.client.namespace, scene.hotel.web
    with Caller(client, WEB) as caller:
        times = [caller.ask() for _ in range(PINGS)]
    answered = [time_s * 1000 for time_s in times if time_s is not None]
    if len(answered) < PINGS:
        raise LabError("the tunnel loses packets", f"{PINGS - len(answered)} of {PINGS} echoes")
    facts["round_trip_ms"] = round(statistics.median(answered), 3)
    median = f"{facts['round_trip_ms']:.2f} ms"
    narrator.fact("round trip", f"{median}, client to web server and back (median)")
    for name in ("download", "upload"):
        work = partial(pump, client, web, WEB, PUMP_S, name == "download")
        flow = _watch(narrator, scene, name, work)
        facts[f"{name}_mbit_per_s"] = round(flow.mbit_per_s, 1)
        narrator.fact(name, f"{flow.mbit_per_s:.1f} Mbit/s (TCP, {flow.seconds:.1f} s)")


def _watch(narrator: Narrator, scene: Scene, name: str, work: Callable[[], Flow]) -> Flow:
    before = scene.box_as_seen_by_gateway()
    started = time.monotonic()

    def look() -> list[Row]:
        peer = scene.box_as_seen_by_gateway()
        passed_s = max(time.monotonic() - started, 0.1)
        left_s = max(PUMP_S - passed_s, 0.0)
        moved = peer.received + peer.sent - before.received - before.sent
        return [
            (name, f"{moved * 8 / passed_s / 1e6:.1f} Mbit/s, {left_s:.0f} s to go"),
            ("in the tunnel", f"{peer.sent:,} bytes to the box, {peer.received:,} from it"),
        ]

    with concurrent.futures.ThreadPoolExecutor(1) as pool, narrator.watching(look) as show:
        future = pool.submit(work)
        while not future.done():
            concurrent.futures.wait([future], LOOK_EVERY_S)
            show()
        return future.result()


def _show_status(scene: Scene, narrator: Narrator, facts: Facts) -> None:
    narrator.chapter("What the box says of itself (./invoke status)")
    facts["status"] = scene.console.status()
    rows = [row for row in status.rows(facts["status"]) if row[0] != "memory"]
    narrator.table(("part", "what", "now"), rows)
    if facts["status"]["problem"] is not None:
        raise LabError("the box has a problem", str(facts["status"]["problem"]))


def _uplink_address(scene: Scene) -> str:
    return str(scene.console.status()["uplink"]["address"])


def _ms_since(started: float) -> float:
    return round((time.monotonic() - started) * 1000, 1)

"""What the demo does, in order: the lab, the handshake, a page, the hotel's view, the speed."""

import concurrent.futures
import statistics
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from undertow import paths
from undertow.demo.narrator import Narrator, Row
from undertow.lab import (
    Caller,
    Capture,
    Datagram,
    Echo,
    Lab,
    LabError,
    Namespace,
    Process,
    WebServer,
    fetch,
)
from undertow.lab.hotel import (
    BOX_OUTER,
    GATEWAY_PORT,
    HOTEL_OUTSIDE,
    WEB,
    Hotel,
    write_box_file,
    write_gateway_file,
)
from undertow.lab.pump import Flow, pump
from undertow.lab.tunnel import PeerStatus, make_key_pair, parse_dump, wait_for_socket

PAGE = (
    b"Undertow works: the box carried this page to you, and the hotel saw none of it.\n"
    b"It was served at http://203.0.113.80/ behind the gateway.\n"
)
KINDS = {
    1: "handshake initiation",
    2: "handshake response",
    3: "cookie reply",
    4: "transport data",
}
PINGS = 20
PUMP_S = 3.0
LOOK_EVERY_S = 0.25
SHOWN = 8
SHOWN_BYTES = 12


class Ends:
    """The box and the gateway while they run."""

    def __init__(self, lab: Lab, hotel: Hotel) -> None:
        box_key, gateway_key = make_key_pair(), make_key_pair()
        box_name, gateway_name = lab.interface_name("box"), lab.interface_name("gate")
        box_file = lab.folder / f"{box_name}.conf"
        gateway_file = lab.folder / f"{gateway_name}.conf"
        self._hotel = hotel
        self._names = box_name, gateway_name
        self._gateway_key = gateway_key.public
        self._box_key = box_key.public
        write_gateway_file(gateway_file, gateway_key, box_key.public)
        write_box_file(box_file, box_key, gateway_key.public)
        self.gateway = _run(hotel.gateway, gateway_file, gateway_name)
        self.box = _run(hotel.box, box_file, box_name)
        hotel.let_clients_into(box_name)

    def gateway_as_seen_by_box(self) -> PeerStatus:
        """What `wg show` prints on the box about its peer."""
        return _peer(self._hotel.box, self._names[0], self._gateway_key)

    def box_as_seen_by_gateway(self) -> PeerStatus:
        """What `wg show` prints on the gateway about its peer."""
        return _peer(self._hotel.gateway, self._names[1], self._box_key)


def _peer(namespace: Namespace, interface: str, key: str) -> PeerStatus:
    return parse_dump(namespace.run("wg", "show", interface, "dump").stdout).peers[key]


def _run(namespace: Namespace, file: Path, interface: str) -> Process:
    process = namespace.start(str(paths.UNIX_PROGRAM), "run", str(file))
    wait_for_socket(process, interface)
    process.wait_for(f"{interface} is up")
    return process


def tell(lab: Lab, narrator: Narrator) -> dict[str, Any]:
    """Play the whole story; what was measured. LabError: something did not work."""
    narrator.chapter("A small Internet on this machine")
    narrator.say("client --- box --- hotel with NAT --- gateway --- web server")
    hotel = Hotel(lab)
    with WebServer(hotel.web, WEB, {"/": PAGE}), Echo(hotel.web, WEB):
        with Capture(hotel.hotel, "rooms") as hotels_view:
            ends = Ends(lab, hotel)
            narrator.say("Box and gateway run undertow-unix, the same program at both ends.")
            page, page_ms = _open_page(hotel, narrator)
        opened = _show_opening(ends, narrator, hotels_view)
        viewed = _show_hotels_view(narrator, hotels_view)
        round_trip_ms = _round_trip(hotel, narrator)
        down, up = _measure(hotel, ends, narrator)
    statuses = {"box": ends.box.stop(), "gateway": ends.gateway.stop()}
    if any(statuses.values()):
        raise LabError("undertow-unix did not end cleanly", f"exit statuses {statuses}")
    return {
        "page": page,
        "page_ms": round(page_ms, 3),
        **opened,
        "hotel_saw": viewed,
        "round_trip_ms": round(round_trip_ms, 3),
        "down_mbit_per_s": round(down.mbit_per_s),
        "up_mbit_per_s": round(up.mbit_per_s),
    }


def _open_page(hotel: Hotel, narrator: Narrator) -> tuple[str, float]:
    narrator.chapter(f"The client opens http://{WEB}/")
    started = time.monotonic()
    body = fetch(hotel.client, WEB)
    page_ms = (time.monotonic() - started) * 1000
    if body != PAGE:
        raise LabError("the page is damaged", f"{len(body)} bytes came instead of {len(PAGE)}")
    narrator.fact("page", f"{len(body)} bytes, after {page_ms:.1f} ms")
    first_line = body.decode().splitlines()[0]
    narrator.say(first_line, style="bold green")
    return first_line, page_ms


def _show_opening(ends: Ends, narrator: Narrator, hotels_view: Capture) -> dict[str, Any]:
    handshake_ms = _handshake_ms(hotels_view)
    box, gateway = ends.box_as_seen_by_gateway(), ends.gateway_as_seen_by_box()
    narrator.fact("handshake", f"{handshake_ms:.2f} ms from initiation to response")
    narrator.fact("gateway's address", f"{gateway.endpoint}")
    narrator.fact("box's address", f"{BOX_OUTER}; outside the hotel's NAT {box.endpoint}")
    narrator.fact("in the tunnel", f"{gateway.sent} bytes out, {gateway.received} bytes in")
    if not (box.endpoint or "").startswith(f"{HOTEL_OUTSIDE}:"):
        raise LabError("the box is not behind the hotel's NAT", f"its address is {box.endpoint}")
    return {
        "handshake_ms": round(handshake_ms, 3),
        "endpoint_of_gateway": gateway.endpoint,
        "endpoint_of_box": box.endpoint,
    }


def _handshake_ms(capture: Capture) -> float:
    times = {seen.payload[0]: seen.time_ns for seen in reversed(list(capture.datagrams()))}
    return (times[2] - times[1]) / 1e6


def _show_hotels_view(narrator: Narrator, capture: Capture) -> list[dict[str, Any]]:
    narrator.chapter("What the hotel saw of it")
    seen = list(capture.datagrams())
    first_ns = seen[0].time_ns
    rows = []
    for datagram in seen[:SHOWN]:
        rows.append(_row(datagram, (datagram.time_ns - first_ns) / 1e6))
    narrator.table(("ms", "", "length", "first bytes", "", "message"), rows)
    if len(seen) > SHOWN:
        narrator.say(f"... and {len(seen) - SHOWN} more of the last kind.", style="dim")
    leaked = [line for line in PAGE.split() if len(line) > 6 and capture.contains(line)]
    others = list(capture.datagrams(protocol=6)) + [s for s in seen if not _is_tunnel(s)]
    if leaked or others:
        raise LabError("the hotel saw more than the tunnel", f"{leaked or others[0]}")
    narrator.say("Only ciphertext between two addresses: no word of the page, no web address.")
    return [
        {"ms": float(row[0]), "outgoing": row[1] == "-->", "length": int(row[2]), "kind": row[5]}
        for row in rows
    ]


def _is_tunnel(datagram: Datagram) -> bool:
    ports = {end.rpartition(":")[2] for end in (datagram.source, datagram.destination)}
    return str(GATEWAY_PORT) in ports and datagram.payload[0] in KINDS


def _row(datagram: Datagram, ms: float) -> Row:
    # What comes in from the room goes out to the gateway.
    arrow = "<--" if datagram.outgoing else "-->"
    kind = KINDS.get(datagram.payload[0], "?")
    begin = datagram.payload[:SHOWN_BYTES].hex(" ", 4)
    return (f"{ms:.2f}", arrow, str(len(datagram.payload)), begin, "...", kind)


def _round_trip(hotel: Hotel, narrator: Narrator) -> float:
    narrator.chapter("How quick it is")
    with Caller(hotel.client, WEB) as caller:
        times = [caller.ask() for _ in range(PINGS)]
    answered = [time_s * 1000 for time_s in times if time_s is not None]
    if len(answered) < PINGS:
        raise LabError("the tunnel loses packets", f"{PINGS - len(answered)} of {PINGS} echoes")
    median = statistics.median(answered)
    narrator.fact("round trip", f"{median:.2f} ms, client to web server and back (median)")
    return median


def _measure(hotel: Hotel, ends: Ends, narrator: Narrator) -> tuple[Flow, Flow]:
    flows = []
    for name in ("download", "upload"):
        work = partial(pump, hotel.client, hotel.web, WEB, PUMP_S, name == "download")
        flow = _watch(narrator, ends, name, work)
        narrator.fact(name, f"{flow.mbit_per_s:.0f} Mbit/s (TCP, {flow.seconds:.1f} s)")
        flows.append(flow)
    return flows[0], flows[1]


def _watch(narrator: Narrator, ends: Ends, name: str, work: Callable[[], Flow]) -> Flow:
    before = ends.gateway_as_seen_by_box()
    started = time.monotonic()

    def look() -> list[Row]:
        peer = ends.gateway_as_seen_by_box()
        passed_s = max(time.monotonic() - started, 0.1)
        left_s = max(PUMP_S - passed_s, 0.0)
        moved = peer.received + peer.sent - before.received - before.sent
        age_s = int(time.time()) - peer.last_handshake_s
        return [
            (name, f"{moved * 8 / passed_s / 1e6:.0f} Mbit/s, {left_s:.0f} s to go"),
            ("endpoint", peer.endpoint or ""),
            ("latest handshake", f"{age_s} s ago"),
            ("in the tunnel", f"{peer.sent:,} bytes out, {peer.received:,} bytes in"),
        ]

    with concurrent.futures.ThreadPoolExecutor(1) as pool, narrator.watching(look) as show:
        future = pool.submit(work)
        while not future.done():
            concurrent.futures.wait([future], LOOK_EVERY_S)
            show()
        return future.result()

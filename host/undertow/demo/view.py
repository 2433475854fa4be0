"""What somebody sees who listens in the hotel."""

from typing import Any

from undertow.board.hotel import GATEWAY_PORT
from undertow.demo.narrator import Narrator, Row
from undertow.lab import Capture, Datagram, LabError
from undertow.lab.capture import TCP
from undertow.lab.packets import dhcp

INITIATION, RESPONSE = 1, 2
KINDS = {
    INITIATION: "handshake initiation",
    RESPONSE: "handshake response",
    3: "cookie reply",
    4: "transport data",
}
ASKS, GIVES = "the box asks for an address", "the hotel gives it one"
SHOWN = 10
SHOWN_BYTES = 12


def show(narrator: Narrator, capture: Capture, page: bytes, site: str) -> list[dict[str, Any]]:
    """Tell what passed until now. LabError: there was more than there may be."""
    seen = list(capture.datagrams())
    first_ns = seen[0].time_ns
    rows = [_row(datagram, (datagram.time_ns - first_ns) / 1e6) for datagram in seen[:SHOWN]]
    narrator.table(("ms", "", "length", "first bytes", "", "message"), rows)
    if len(seen) > SHOWN:
        narrator.say(f"... and {len(seen) - SHOWN} more of the last kind.", style="dim")
    check(capture, page, site)
    narrator.say("Only ciphertext between two addresses: no word of the page, no name, no site.")
    return [
        {"ms": float(row[0]), "outgoing": row[1] == "-->", "length": int(row[2]), "kind": row[5]}
        for row in rows
    ]


def check(capture: Capture, page: bytes, site: str) -> None:
    """LabError: something else than the tunnel, and the asking for an address, was seen."""
    words = [word for word in page.split() if len(word) > 6]
    words += [label.encode() for label in site.split(".") if len(label) > 4]
    leaked = [word for word in words if capture.contains(word)]
    others = list(capture.datagrams(TCP)) + [s for s in capture.datagrams() if kind(s) is None]
    if leaked or others:
        raise LabError("the hotel saw more than the tunnel", f"{leaked or others[0]}")


def kind(datagram: Datagram) -> str | None:
    """What a datagram is, in words; None: nothing that a box may send."""
    ends = datagram.source, datagram.destination
    ports = tuple(int(end.rpartition(":")[2]) for end in ends)
    if ports == (dhcp.CLIENT_PORT, dhcp.SERVER_PORT):
        return ASKS
    if ports == (dhcp.SERVER_PORT, dhcp.CLIENT_PORT):
        return GIVES
    if GATEWAY_PORT in ports and datagram.payload:
        return KINDS.get(datagram.payload[0])
    return None


def handshake_ms(capture: Capture) -> float:
    """From the first initiation to the first response."""
    times: dict[str, int] = {}
    for datagram in capture.datagrams():
        times.setdefault(kind(datagram) or "", datagram.time_ns)
    return round((times[KINDS[RESPONSE]] - times[KINDS[INITIATION]]) / 1e6, 3)


def _row(datagram: Datagram, ms: float) -> Row:
    # What comes in from the room goes out to the gateway.
    arrow = "<--" if datagram.outgoing else "-->"
    begin = datagram.payload[:SHOWN_BYTES].hex(" ", 4)
    length = str(len(datagram.payload))
    return (f"{ms:.2f}", arrow, length, begin, "...", kind(datagram) or "?")

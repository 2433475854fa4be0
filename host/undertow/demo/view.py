"""What somebody sees who listens in the hotel."""

from typing import Any

from undertow.board.hotel import GATEWAY
from undertow.demo.narrator import Narrator, Row
from undertow.lab import Capture, Datagram, LabError
from undertow.lab.capture import TCP
from undertow.lab.packets import dhcp, dns

INITIATION, RESPONSE, DATA = "handshake initiation", "handshake response", "transport data"
# What only box and gateway can tell apart: lengths of WireGuard's, behind the shape's random bytes.
_LENGTHS = {148: INITIATION, 92: RESPONSE}
_LEAST = 32
ASKS, GIVES = "the box asks for an address", "the hotel gives it one"
DECOY = "a decoy, as if it were DNS"
SHOWN = 10
SHOWN_BYTES = 12


def show(
    narrator: Narrator, capture: Capture, prefix_len: int, page: bytes, site: str
) -> list[dict[str, Any]]:
    """Tell what passed until now. LabError: there was more than there may be.

    prefix_len: of the shape, how many random bytes stand before each message.
    """
    seen = list(capture.datagrams())
    first_ns = seen[0].time_ns
    rows = [
        _row(datagram, prefix_len, (datagram.time_ns - first_ns) / 1e6) for datagram in seen[:SHOWN]
    ]
    narrator.table(("ms", "", "length", "first bytes", "", "message"), rows)
    if len(seen) > SHOWN:
        narrator.say(f"... and {len(seen) - SHOWN} more of the last kind.", style="dim")
    check(capture, prefix_len, page, site)
    narrator.say("Only ciphertext between two addresses: no word of the page, no name, no site.")
    return [
        {"ms": float(row[0]), "outgoing": row[1] == "-->", "length": int(row[2]), "kind": row[5]}
        for row in rows
    ]


def check(capture: Capture, prefix_len: int, page: bytes, site: str) -> None:
    """LabError: something else than the tunnel, and the asking for an address, was seen."""
    words = [word for word in page.split() if len(word) > 6]
    words += [label.encode() for label in site.split(".") if len(label) > 4]
    leaked = [word for word in words if capture.contains(word)]
    others = list(capture.datagrams(TCP)) + [
        s for s in capture.datagrams() if kind(s, prefix_len) is None
    ]
    if leaked or others:
        found = f"a word of the page: {leaked[0]!r}" if leaked else _words(others[0])
        raise LabError("the hotel saw more than the tunnel", found)


def _words(datagram: Datagram) -> str:
    ends = f"from {datagram.source} to {datagram.destination}"
    return f"{len(datagram.payload)} bytes {ends}: {datagram.payload[:SHOWN_BYTES].hex(' ', 4)}"


def kind(datagram: Datagram, prefix_len: int) -> str | None:
    """What a datagram is, in words; None: nothing that a box may send."""
    ends = datagram.source, datagram.destination
    ports = tuple(int(end.rpartition(":")[2]) for end in ends)
    if ports == (dhcp.CLIENT_PORT, dhcp.SERVER_PORT):
        return ASKS
    if ports == (dhcp.SERVER_PORT, dhcp.CLIENT_PORT):
        return GIVES
    if not any(end.startswith(f"{GATEWAY}:") for end in ends):
        return None
    return _kind_at_gateway(datagram.payload, prefix_len)


def _kind_at_gateway(payload: bytes, prefix_len: int) -> str | None:
    sealed_len = len(payload) - prefix_len
    if found := _LENGTHS.get(sealed_len):
        return found
    if (message := dns.parse(payload)) is not None and message.is_response:
        return DECOY
    return DATA if sealed_len >= _LEAST else None


def handshake_ms(capture: Capture, prefix_len: int) -> float:
    """From the first initiation to the first response."""
    times: dict[str, int] = {}
    for datagram in capture.datagrams():
        times.setdefault(kind(datagram, prefix_len) or "", datagram.time_ns)
    return round((times[RESPONSE] - times[INITIATION]) / 1e6, 3)


def _row(datagram: Datagram, prefix_len: int, ms: float) -> Row:
    # What comes in from the room goes out to the gateway.
    arrow = "<--" if datagram.outgoing else "-->"
    begin = datagram.payload[:SHOWN_BYTES].hex(" ", 4)
    length = str(len(datagram.payload))
    return (f"{ms:.2f}", arrow, length, begin, "...", kind(datagram, prefix_len) or "?")

"""`undertow gateway list`: the boxes, whether their keys were compared, and when they last came."""

import json
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from undertow.errors import UndertowError
from undertow.gateway import backends, changes
from undertow.gateway.backend import Traffic
from undertow.gateway.peers import KEY_CHANGED, VERIFIED, Peer
from undertow.gateway.state import State
from undertow.terminal import colour

_HEAD = ("NAME", "ADDRESS", "KEY", "LAST HANDSHAKE", "BY", "RECEIVED", "SENT")
_STYLES = {VERIFIED: colour.GOOD, KEY_CHANGED: colour.ALARM}
_UNITS = ("B", "KiB", "MiB", "GiB", "TiB")


@dataclass(frozen=True)
class Line:
    peer: Peer
    state: str
    traffic: Traffic | None

    def as_object(self) -> dict[str, Any]:
        found = self.traffic
        return {
            "name": self.peer.name,
            "public_key": self.peer.public_key,
            "address": str(self.peer.address),
            "state": self.state,
            "verified_at": self.peer.verified.at_s if self.peer.verified else None,
            "has_preshared_key": self.peer.psk is not None,
            "endpoint": found.endpoint if found and found.endpoint else None,
            "by": found.way if found and found.way else None,
            "last_handshake": found.handshake_s if found and found.handshake_s else None,
            "received": found.received if found else None,
            "sent": found.sent if found else None,
        }

    def as_row(self, now_s: float) -> tuple[str, ...]:
        found = self.traffic
        cells = ("-", "-", "-", "-")
        if found is not None:
            counts = size(found.received), size(found.sent)
            cells = (ago(found.handshake_s, now_s), found.way or "-", *counts)
        return (self.peer.name, str(self.peer.address), self.state, *cells)


def gather(state: State) -> tuple[list[Line], bool]:
    """All boxes by address, and whether the gateway runs."""
    own = state.public_key()
    traffic = _traffic(state)
    known = sorted(state.peers().by_name.values(), key=lambda peer: peer.address)
    lines = [
        Line(p, p.state(own), None if traffic is None else traffic.get(p.public_key)) for p in known
    ]
    return lines, traffic is not None


def _traffic(state: State) -> Mapping[str, Traffic] | None:
    """By public key; None: the gateway does not run."""
    if not state.folder.is_running():
        return None
    running = changes.load(state.folder)
    if running is None:
        return None
    try:
        return backends.traffic(running.backend, running.interface)
    except UndertowError:
        return None  # it is just starting, or just ending


def show(state: State, as_json: bool) -> None:
    lines, is_running = gather(state)
    if as_json:
        boxes = [line.as_object() for line in lines]
        found = {"public_key": state.public_key(), "running": is_running, "boxes": boxes}
        print(json.dumps(found, indent=2))
        return
    if not lines:
        colour.say("No box yet. Let one in: undertow gateway pair, or undertow gateway add.")
    rows = [_HEAD, *(line.as_row(time.time()) for line in lines)]
    widths = [max(len(row[i]) for row in rows) for i in range(len(_HEAD))]
    styles = ["dim", *(_STYLES.get(line.state, colour.PLAIN) for line in lines)]
    for row, style in zip(rows if lines else [], styles, strict=False):
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        colour.say("  ".join(cells).rstrip(), style, sys.stdout)
    for line in lines:
        if line.state == KEY_CHANGED:
            colour.say(
                f"{line.peer.name} has another key than the one that was compared. Pair it again, "
                "and compare: undertow gateway pair.",
                colour.ALARM,
            )
    if not is_running:
        colour.say("The gateway does not run: undertow gateway run.", colour.WARNING)


def ago(then_s: int, now_s: float) -> str:
    """How long ago, in one unit."""
    if not then_s:
        return "never"
    seconds = max(int(now_s - then_s), 0)
    for length, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= length:
            return f"{seconds // length} {unit} ago"
    return f"{seconds} s ago"


def size(count: int) -> str:
    value, unit = float(count), 0
    while value >= 1024 and unit < len(_UNITS) - 1:
        value /= 1024
        unit += 1
    return f"{value:.0f} {_UNITS[unit]}" if unit == 0 else f"{value:.1f} {_UNITS[unit]}"

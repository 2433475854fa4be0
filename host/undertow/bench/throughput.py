"""TCP and UDP through our program and through wireguard-go, between the same two namespaces.

Each contender runs at both ends of a tunnel of its own; all tunnels exist at once, and one at a
time is used, in turn, so that whatever else this machine does meets all of them alike. Ratios are
medians of the ratios within each turn.
"""

import itertools
import json
import shutil
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from undertow import progress
from undertow.bench.contenders import NEWER, OLDER, OURS, Contender, contenders
from undertow.bench.table import Line, Table
from undertow.lab import Caller, Echo, Lab, Namespace, PeerSettings, Tunnel, connect
from undertow.lab.pump import pump

TURNS = 5
TCP_S = 2.0
UDP_S = 2
UDP_PAYLOAD = 1300
PORT = 51820
KINDS = ("tcp up", "tcp down", "udp flood")
UNITS = "Mbit/s"


@dataclass(frozen=True)
class _Pair:
    """One contender's tunnel."""

    contender: Contender
    left: Namespace
    right: Namespace
    far: str

    def measure(self, kind: str) -> float:
        """Mbit/s of payload that arrive."""
        if kind == "udp flood":
            return _udp(self.left, self.right, self.far)
        return pump(self.left, self.right, self.far, TCP_S, kind == "tcp down").mbit_per_s


def _udp(left: Namespace, right: Namespace, far: str) -> float:
    """What arrives of UDP that is sent without a limit."""
    server = right.start("iperf3", "-s", "-1", "-J", "-B", far)
    time.sleep(0.3)  # it says nothing when it is ready
    left.run(
        *("iperf3", "-u", "-l", str(UDP_PAYLOAD), "-b", "0", "-t", str(UDP_S), "-c", far),
        timeout_s=60.0,
    )
    server.wait()
    result = json.loads(server.log())
    return float(result["end"]["sum_received"]["bits_per_second"]) / 1e6


def _start(lab: Lab, left: Namespace, right: Namespace, contender: Contender, number: int) -> _Pair:
    near, far = f"10.20.{number}.1", f"10.20.{number}.2"
    here = Tunnel(contender.implementation, left, lab.interface_name("left"), (f"{near}/24",))
    there = Tunnel(contender.implementation, right, lab.interface_name("right"), (f"{far}/24",))
    there.start(PORT + number, (PeerSettings(here.key.public, (f"{near}/32",)),))
    endpoint = f"192.0.2.2:{PORT + number}"
    here.start(0, (PeerSettings(there.key.public, (f"{far}/32",), endpoint),))
    with Echo(right, far), Caller(left, far) as caller:
        caller.wait()
    return _Pair(contender, left, right, far)


@contextmanager
def _pairs() -> Iterator[list[_Pair]]:
    with Lab() as lab:
        left, right = lab.namespace("left"), lab.namespace("right")
        connect(left, "eth0", right, "eth0")
        left.address("eth0", "192.0.2.1/24")
        right.address("eth0", "192.0.2.2/24")
        yield [
            _start(lab, left, right, contender, number)
            for number, contender in enumerate(contenders())
        ]


def measure(turns: int = TURNS) -> dict[str, Any]:
    """Mbit/s of every turn, by kind and contender."""
    kinds = [kind for kind in KINDS if not kind.startswith("udp") or shutil.which("iperf3")]
    with progress.step("Measuring throughput") as step, _pairs() as pairs:
        mbit: dict[str, dict[str, list[float]]] = {
            kind: {pair.contender.name: [] for pair in pairs} for kind in kinds
        }
        work = list(itertools.product(range(turns), kinds, pairs))
        for number, (_, kind, pair) in enumerate(work):
            step.detail(f"{kind}, {pair.contender.name}")
            step.fraction(number / len(work))
            mbit[kind][pair.contender.name].append(round(pair.measure(kind), 1))
    return {"unit": UNITS, "turns": turns, "mbit_per_s": mbit}


def ratio(result: dict[str, Any], kind: str, other: str) -> float | None:
    """How many times other's throughput ours is; None: other was not measured."""
    of_kind = result["mbit_per_s"].get(kind, {})
    if other not in of_kind:
        return None
    ratios = [a / b for a, b in zip(of_kind[OURS], of_kind[other], strict=True)]
    return float(statistics.median(ratios))


def report(result: dict[str, Any]) -> Table:
    """The medians, and the ratios beside their targets."""
    lines = []
    for kind, of_kind in result["mbit_per_s"].items():
        for name, values in of_kind.items():
            low, high = min(values), max(values)
            note = f"{low:.0f} to {high:.0f}"
            lines.append(Line(f"{kind}: {name}", f"{statistics.median(values):.0f} {UNITS}", note))
    for kind in result["mbit_per_s"]:
        lines += _ratio_lines(result, kind)
    return Table(f"Throughput, medians of {result['turns']} turns", lines)


def _ratio_lines(result: dict[str, Any], kind: str) -> list[Line]:
    lines = []
    for other, goal in ((OLDER, 2.0), (NEWER, 1.0)):
        found = ratio(result, kind, other)
        if found is not None:
            name = f"{kind}: {OURS} / {other}"
            has_target = kind.startswith("tcp") and other == OLDER
            target, met = (f">= {goal}", found >= goal) if has_target else ("", None)
            note = f"the next goal is {goal}" if other == NEWER else ""
            lines.append(Line(name, f"{found:.2f}", note, target, met))
    return lines

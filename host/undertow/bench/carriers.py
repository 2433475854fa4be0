"""What each way of carrying the tunnel takes of its speed: all of them side by side in one run.

A box and a gateway in two namespaces, both undertow-unix; for each way a box of its own, all at
once, and one at a time is used. A turn goes through all ways there and back again, so that a
machine that becomes slower or faster meanwhile meets all of them alike; ratios are medians of the
ratios within each turn. TLS ends in Python at the gateway (carrier_gateway.py), as it does in
`undertow gateway`.

Throughput depends on what else the machine does, so the work itself is measured as well: the
processor's time that box and gateway's data path took for what arrived, the kernel's part of it
included. What the shape costs is judged by that, which is what limits its throughput.
"""

import base64
import json
import secrets
import statistics
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from undertow import paths, progress
from undertow.bench.table import Line, Table
from undertow.gateway.streams import certificate
from undertow.lab import Caller, Echo, Lab, connect
from undertow.lab.pump import pump
from undertow.lab.tunnel import KeyPair, make_key_pair

TURNS = 16
TCP_S = 0.3
PORT = 51820
UNITS = "Mbit/s"
DIRECTIONS = ("up", "down")
BOX = paths.TESTS / "bench" / "carrier_box.py"
GATEWAY = "192.0.2.2"
# The outer headers of UDP and of shaped UDP fit 1500 bytes with it, and a WebSocket frame in TLS
# makes one segment (RFC 6455, 8446).
MTU, MTU_OF_STREAMS = 1420, 1392
# What streams have to reach: either.
TLS_MBIT, TLS_RATIO = 300.0, 0.5
SHAPE_RATIO = 0.95


@dataclass(frozen=True)
class _Way:
    """port: beyond the first. framing: of _carrier, 0: UDP."""

    name: str
    port: int = 0
    framing: int = 0
    shaped: bool = False
    secure: bool = False


PLAIN, SHAPED = "UDP, plain", "UDP, full shape"
LENGTHS, WEBSOCKET, SECURE = "TCP, lengths", "WebSocket", "WebSocket in TLS"
WAYS = (
    _Way(PLAIN),
    _Way(SHAPED, shaped=True),
    _Way(LENGTHS, port=1, framing=1),
    _Way(WEBSOCKET, port=2, framing=2),
    _Way(SECURE, port=3, framing=2, secure=True),
)


def _words(pid: int) -> list[bytes]:
    return Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")


def _busy_ns(pid: int) -> int:
    """How long a process of one thread has had a processor (Linux, sched-stats.rst)."""
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0])


def _hex(key: str) -> str:
    return base64.b64decode(key).hex()


@dataclass(frozen=True)
class _Figures:
    mbit_per_s: float
    ns_per_byte: float


class _Scene:
    def __init__(self, lab: Lab, folder: Path) -> None:
        self.box, self.gateway = lab.namespace("box"), lab.namespace("gateway")
        connect(self.box, "eth0", self.gateway, "eth0")
        self.box.address("eth0", "192.0.2.1/24")
        self.gateway.address("eth0", f"{GATEWAY}/24")
        self._folder = folder
        self._lab = lab
        self._key = make_key_pair()
        self._shape_key = secrets.token_hex(32)
        self._pin = ""
        self._boxes: list[int] = []
        self._gateway = 0

    def start(self) -> None:
        boxes = [make_key_pair() for _ in WAYS]
        self._start_gateway(boxes)
        for number, (way, key) in enumerate(zip(WAYS, boxes, strict=True)):
            self._start_box(way, key, number)
        for number in range(len(WAYS)):
            with Echo(self.gateway, _far(number)), Caller(self.box, _far(number)) as caller:
                caller.wait()

    def _start_gateway(self, boxes: list[KeyPair]) -> None:
        pem, key = certificate.self_signed("home.example.org")
        self._pin = base64.b64decode(certificate.pin(pem)).hex()
        files = {"certificate": pem, "certificate_key": key}
        settings: dict[str, Any] = {
            "interface": self._lab.interface_name("gw"),
            "private_key": _hex(self._key.private),
            "port": PORT,
            "shape_key": self._shape_key,
            "mtu": MTU,
            "peers": [
                {"public_key": _hex(box.public), "allowed": f"{_near(number)}/32"}
                for number, box in enumerate(boxes)
            ],
            "addresses": [f"{_far(number)}/24" for number in range(len(boxes))],
        }
        for name, content in files.items():
            file = self._folder / name
            file.write_bytes(content)
            settings[name] = str(file)
        file = self._write("gateway", settings)
        program = self.gateway.start(
            *(sys.executable, "-m", "undertow.bench.carrier_gateway", str(file)),
            environment={"PYTHONPATH": ":".join(sys.path)},
        )
        program.wait_for("ready")
        (self._gateway,) = (pid for pid in self.gateway.pids() if b"--adopt" in _words(pid))

    def _start_box(self, way: _Way, key: KeyPair, number: int) -> None:
        settings = {
            "interface": self._lab.interface_name(f"b{number}"),
            "folder": str(self._folder),
            "private_key": _hex(key.private),
            "peer": _hex(self._key.public),
            "address": _near(number),
            "allowed": f"{_far(number)}/32",
            "host": GATEWAY,
            "port": PORT + way.port,
            "framing": way.framing,
            "pin": self._pin if way.secure else "",
            "shape_key": self._shape_key if way.shaped else "",
            "mtu": MTU_OF_STREAMS if way.framing else MTU,
        }
        file = self._write(f"box{number}", settings)
        box = self.box.start(str(paths.UNIX_PROGRAM), "--micropython", str(BOX), str(file))
        self._boxes.append(box.pid)

    def measure(self, number: int, direction: str) -> _Figures:
        """TCP inside the tunnel, by one way."""
        pids = (self._boxes[number], self._gateway)
        before = sum(map(_busy_ns, pids))
        flow = pump(self.box, self.gateway, _far(number), TCP_S, direction == "down")
        return _Figures(flow.mbit_per_s, (sum(map(_busy_ns, pids)) - before) / flow.received)

    def _write(self, name: str, settings: dict[str, Any]) -> Path:
        file = self._folder / f"{name}.json"
        file.write_text(json.dumps(settings))
        return file


def _near(number: int) -> str:
    return f"10.30.{number}.1"


def _far(number: int) -> str:
    return f"10.30.{number}.2"


@contextmanager
def _scene() -> Iterator[_Scene]:
    with tempfile.TemporaryDirectory(prefix="undertow-carriers-") as folder, Lab() as lab:
        scene = _Scene(lab, Path(folder))
        scene.start()
        yield scene


def measure(turns: int = TURNS) -> dict[str, Any]:
    """Of TCP inside the tunnel, every turn, by direction and way: Mbit/s, and ns per byte."""
    names = [way.name for way in WAYS]
    mbit, busy = _empty(names), _empty(names)
    there = list(range(len(WAYS)))
    with progress.step("Measuring carriers") as step, _scene() as scene:
        for turn in range(turns):
            for direction in DIRECTIONS:
                found: dict[str, list[_Figures]] = {name: [] for name in names}
                for number in there + there[::-1]:
                    step.detail(f"turn {turn + 1}, {direction}, {names[number]}")
                    found[names[number]].append(scene.measure(number, direction))
                for name, both in found.items():
                    mbit[direction][name].append(round(_mean(one.mbit_per_s for one in both), 1))
                    busy[direction][name].append(round(_mean(one.ns_per_byte for one in both), 4))
    return {"unit": UNITS, "turns": turns, "mbit_per_s": mbit, "ns_per_byte": busy}


def _empty(names: list[str]) -> dict[str, dict[str, list[float]]]:
    return {direction: {name: [] for name in names} for direction in DIRECTIONS}


def _mean(values: Iterable[float]) -> float:
    return float(statistics.mean(values))


def ratio(result: dict[str, Any], direction: str, name: str) -> float:
    """How many times the throughput of plain UDP it has."""
    return float(statistics.median(_ratios(result["mbit_per_s"][direction], name)))


def work_ratio(result: dict[str, Any], direction: str, name: str) -> float:
    """How many times the work for plain UDP is the work for this: below 1, it takes more."""
    return 1.0 / float(statistics.median(_ratios(result["ns_per_byte"][direction], name)))


def _ratios(of_direction: dict[str, list[float]], name: str) -> list[float]:
    return [a / b for a, b in zip(of_direction[name], of_direction[PLAIN], strict=True)]


def report(result: dict[str, Any]) -> Table:
    """Medians, and ratios beside their targets."""
    lines = []
    for direction, ways in result["mbit_per_s"].items():
        for name, values in ways.items():
            found, mbit = ratio(result, direction, name), statistics.median(values)
            work, busy = work_ratio(result, direction, name), result["ns_per_byte"][direction][name]
            note = f"{min(values):.0f} to {max(values):.0f}, {found:.2f} of plain UDP; "
            note += f"{statistics.median(busy):.2f} ns of work a byte, {work:.3f}"
            target, met = "", None
            if name == SHAPED:
                target, met = f">= {SHAPE_RATIO} of plain's work", work >= SHAPE_RATIO
            elif name == SECURE:
                target = f">= {TLS_MBIT:.0f} or {TLS_RATIO} of plain"
                met = mbit >= TLS_MBIT or found >= TLS_RATIO
            lines.append(Line(f"{direction}: {name}", f"{mbit:.0f} {UNITS}", note, target, met))
    return Table(f"Carriers, TCP inside the tunnel, medians of {result['turns']} turns", lines)

"""What each way of carrying the tunnel costs a board: every instruction of the release firmware.

A client of an emulated board sends packets to a host behind the gateway, which sends each back: one
is sealed and one is opened. Counted from outside (counter.py), on QEMU's own devices, with the
stack of TCP, the frames and TLS of that way, and the loop around them. Each way is the only one in
the box's document, and was proven before. How many packets share a turn of the loop, or a segment,
depends on this machine: the numbers are the middle ones of many batches, and differ by some percent
from run to run.
"""

import statistics
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from undertow import build, progress
from undertow.bench.counter import Counter
from undertow.bench.table import Line, Table
from undertow.board import machine
from undertow.board.scene import BOX_INNER, GATEWAY, TUNNEL_DNS, Scene
from undertow.console import Console
from undertow.lab.errors import LabError
from undertow.lab.ethernet import Client, Received
from undertow.lab.ethernet.world import ECHO
from undertow.lab.namespace import wait_until
from undertow.lab.packets import ipv4, udp
from undertow.setup import packages

# Of IP: what fits a stream's segment in every frame (undertow.bench.carriers).
LENGTH = 1392
BATCHES, BATCH = 15, 96
# Fewer than an interface has buffers, twice: there and back.
WINDOW = 4
# Of an ESP32-C6, for the notes: what one instruction a cycle would come to.
CLOCK_HZ = 160_000_000
PLAIN = "UDP, plain"
WAYS = {
    PLAIN: ("UDP = 443", "Shapes = plain", "Decoys = none"),
    "UDP, full shape": ("UDP = 443", "Shapes = shaped", "Decoys = none"),
    "TCP, lengths": ("TCP = 80", "Shapes = shaped"),
    "WebSocket": ("WS = 80", "Shapes = shaped"),
    "WebSocket in TLS": ("TLS = 443", "Shapes = shaped"),
}
_SECRET = ("TLSName", "TLSPin", "Path", "Inside")
_FRIEND, _PORT = "203.0.113.7", 40_000
_PATIENCE_S = 60.0
_LOST_AFTER_S = 5.0


def measure() -> dict[str, dict[str, int]]:
    """By board and way: instructions for a packet there and one back; "lost": that never came."""
    packages.ensure("build", "boards")
    build.build(*machine.names())
    return {name: measure_board(name) for name in machine.names()}


def measure_board(
    name: str, batches: int = BATCHES, firmware: Path | None = None
) -> dict[str, int]:
    """One board's. firmware: the release image when none is named."""
    found: dict[str, int] = {}
    with progress.step(f"Measuring carriers on {name}") as step, _scene(name, firmware) as it:
        scene, console, client, counter = it
        echo = _Echo(client)
        for way, lines in WAYS.items():
            step.detail(way)
            _become(scene, console, lines)
            echo.run(BATCH)
            counts = []
            for _ in range(batches):
                before = counter.read()
                echo.run(BATCH)
                counts.append((counter.read() - before) / BATCH)
            found[way] = round(statistics.median(counts))
        found["lost"] = echo.lost
    return found


def report(measured: Mapping[str, Mapping[str, int]]) -> Table:
    """A table of what was measured."""
    lines = []
    for name, counts in measured.items():
        for way in WAYS:
            count, plain = counts[way], counts[PLAIN]
            mbit = 2 * LENGTH * 8 * CLOCK_HZ / count / 1e6
            note = f"x {count / plain:.2f} of plain UDP; {mbit:.0f} Mbit/s at 160 MHz at the most"
            lines.append(Line(f"{name}: {way}", f"{count:,}", note))
        lines.append(Line(f"{name}: lost of all", str(counts["lost"]), "packets"))
    return Table(f"{LENGTH} B through a board there and back by each way, all instructions", lines)


@contextmanager
def _scene(name: str, firmware: Path | None) -> Iterator[tuple[Scene, Console, Client, Counter]]:
    with tempfile.TemporaryDirectory(prefix="undertow-carriers-") as made:
        folder = Path(made)
        counter = Counter(folder)
        options = counter.options()
        with Scene(name, folder, firmware=firmware, options=options, has_carriers=True) as scene:
            scene.power()
            with Console(scene.board.console_url) as console:
                console.hello()
                scene.provision(console)
                client = scene.client()
                client.join()
                yield scene, console, client, counter


def _become(scene: Scene, console: Console, lines: tuple[str, ...]) -> None:
    """Have the box start anew with one way alone, and wait until that is proven."""
    scene.board.set_link("uplink", False)
    console.reboot()
    console.hello()
    text = scene.gateway.box_file(f"{GATEWAY[0]}:{GATEWAY[1]}", BOX_INNER, TUNNEL_DNS)
    before, _, added = text.partition("[Carriers]\n")
    secret = [line for line in added.splitlines() if line.split(" = ")[0] in _SECRET]
    document = "\n".join([f"{before}[Carriers]", *lines, *secret, ""])
    console.put("tunnel", bytearray(document.encode()))
    console.commit(console.check().digest)
    scene.board.set_link("uplink", True)

    def is_proven() -> bool:
        tunnel = console.status()["tunnel"]
        return isinstance(tunnel, dict) and bool(tunnel["carrier"]["proven"])

    wait_until(is_proven, _PATIENCE_S, lambda: f"'{lines[0]}' is not proven")


class _Echo:
    """Packets to the friend, who sends each back; lost: those that never came."""

    def __init__(self, client: Client) -> None:
        self.lost = 0
        self._client = client
        self._free = threading.Semaphore(WINDOW)
        self._payload = bytes(LENGTH - ipv4.HEADER_LEN - udp.HEADER_LEN)
        client.on_udp(_PORT, self._came)

    def _came(self, _received: Received) -> None:
        self._free.release()

    def run(self, count: int) -> None:
        """So many there and back. LabError: hardly any come."""
        lost = 0
        for _ in range(count):
            lost += self._wait()
            self._client.send_udp(_PORT, _FRIEND, ECHO, self._payload)
        for _ in range(WINDOW):
            lost += self._wait()
        self._free.release(WINDOW)
        self.lost += lost
        if lost > count // 10:
            raise LabError("packets do not come back", f"{lost} of {count} were lost")

    def _wait(self) -> int:
        return int(not self._free.acquire(timeout=_LOST_AFTER_S))

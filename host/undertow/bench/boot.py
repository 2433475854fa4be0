"""How long a board takes from power-on to its console's first answer, and to its first packet.

A provisioned box is switched on again and again, with a client on its LAN that kept its address
and asks a host behind the tunnel for an answer every few milliseconds. QEMU starts with its
processor halted, so that its own start is measured beside the board's.
"""

import statistics
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from undertow import build
from undertow.bench.counter import Counter
from undertow.bench.table import Line, Table
from undertow.board import Board, machine
from undertow.board.scene import Scene
from undertow.console import Console
from undertow.lab.errors import LabError
from undertow.lab.ethernet import Client
from undertow.lab.ethernet.world import ECHO
from undertow.lab.packets import dhcp, ethernet, ipv4, udp
from undertow.setup import packages

RUNS = 9
CONSOLE_MAX_MS = 300
PACKET_MAX_MS = 1500

_WEB = "203.0.113.80"
_ASK_EVERY_S = 0.005
_FIRST_PORT = 42_000
_PATIENCE_S = 10.0

# What is measured: in words, with its limit.
_MEASURED = {
    "emulator": ("QEMU's own start, not in the others", None),
    "console": ("power-on to the console's first answer", CONSOLE_MAX_MS),
    "address": ("power-on to an address on the uplink", None),
    "packet": ("from there to the first answer through the tunnel", PACKET_MAX_MS),
    "whole": ("power-on to the first answer through the tunnel", None),
}

Times = dict[str, float]


def measure(runs: int = RUNS) -> dict[str, dict[str, Any]]:
    """By board: "runs", for each the milliseconds of each of _MEASURED; and "instructions"."""
    packages.ensure("build", "boards")
    build.build(*machine.names())
    return {
        name: {"runs": measure_board(name, runs), "instructions": count_board(name)}
        for name in machine.names()
    }


def report(measured: Mapping[str, Mapping[str, Any]]) -> Table:
    """A table of what was measured, beside the targets."""
    lines = []
    for board, found in measured.items():
        for key, (words, limit) in _MEASURED.items():
            times = [run[key] for run in found["runs"]]
            median = statistics.median(times)
            lines.append(
                Line(
                    f"{board}: {words}",
                    f"{median:.0f} ms",
                    f"{min(times):.0f} to {max(times):.0f} in {len(times)} runs",
                    f"<= {limit:,} ms" if limit else "",
                    median <= limit if limit else None,
                )
            )
        count = f"{found['instructions'] / 1e6:.1f} million"
        lines.append(Line(f"{board}: instructions to the console's first answer", count, "blank"))
    return Table("A board's start, release firmware, by this machine's clock", lines)


def count_board(name: str, firmware: Path | None = None) -> int:
    """Instructions of a blank board from power-on until it has answered on its console."""
    with tempfile.TemporaryDirectory(prefix="undertow-boot-") as folder:
        counter = Counter(Path(folder))
        options = ("-S", *counter.options())
        with (
            Board(name, Path(folder), firmware=firmware, options=options) as board,
            Console(board.console_url) as console,
        ):
            board.monitor.command("cont")
            console.hello()
            return counter.read()


def measure_board(name: str, runs: int, firmware: Path | None = None) -> list[Times]:
    """One board's. firmware: the release image when none is named."""
    with (
        tempfile.TemporaryDirectory(prefix="undertow-boot-") as folder,
        Scene(name, Path(folder), firmware=firmware) as scene,
    ):
        scene.power()
        with Console(scene.board.console_url) as console:
            scene.provision(console)
        client = scene.client()
        client.join()
        scene.loop.wait_until(scene.gateway.handshakes, _PATIENCE_S, lambda: "no handshake")
        scene.board.options = ("-S",)
        return [_start(scene, client, _FIRST_PORT + run) for run in range(runs)]


def _start(scene: Scene, client: Client, port: int) -> Times:
    """Cut the board's power, give it back, and watch it."""
    scene.board.kill()
    scene.uplink.forget_record()
    asking = _Asking(client, port)
    started = time.time_ns()
    scene.power()
    with Console(scene.board.console_url) as console:
        asking.begin()
        power_on = time.time_ns()
        scene.board.monitor.command("cont")
        console.hello()
        answered = time.time_ns()
        through = asking.end()
    address = _address_given(scene)
    return {
        "emulator": (power_on - started) / 1e6,
        "console": (answered - power_on) / 1e6,
        "address": (address - power_on) / 1e6,
        "packet": (through - address) / 1e6,
        "whole": (through - power_on) / 1e6,
    }


class _Asking:
    """A client that asks a host behind the tunnel until it answers."""

    def __init__(self, client: Client, port: int) -> None:
        """port: the client's own; every start takes another."""
        self._client = client
        self._port = port
        self._answered: int | None = None
        client.on_udp(port, lambda _received: self._take())

    def begin(self) -> None:
        self._client.loop.call(self._ask)

    def _ask(self) -> None:
        if self._answered is None:
            self._client.send_udp(self._port, _WEB, ECHO, b"?")
            self._client.loop.after(_ASK_EVERY_S, self._ask)

    def _take(self) -> None:
        self._answered = self._answered or time.time_ns()

    def end(self) -> int:
        """When the first answer came, after waiting for it; in nanoseconds since 1970."""
        self._client.loop.wait_until(
            lambda: self._answered, _PATIENCE_S, lambda: "nothing came through the tunnel"
        )
        self._client.on_udp(self._port, None)
        assert self._answered is not None
        return self._answered


def _address_given(scene: Scene) -> int:
    """When the hotel's DHCP server gave the board its address."""
    for passed in scene.uplink.record():
        frame = ethernet.parse(passed.data)
        packet = ipv4.parse(frame.body) if frame and frame.kind == ethernet.IPV4 else None
        datagram = udp.parse(packet) if packet and not passed.outgoing else None
        if datagram and datagram.destination_port == dhcp.CLIENT_PORT:
            message = dhcp.parse(datagram.payload)
            if message and message.kind == dhcp.ACK:
                return passed.time_ns
    raise LabError("the board has no address", "no DHCP server gave it one")

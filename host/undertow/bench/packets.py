"""What the whole release firmware takes for a packet, every instruction, on the emulated boards.

Unlike `board`, which plays the devices, this is the image that users get on QEMU's own devices:
counted from outside (counter.py) are the driver, lwIP, the translation, the cryptography, and the
loop around them with its looks at clocks, links and console. Under load several packets share a
turn of the loop; a lone packet pays for a turn of its own, and for the look after it that finds
nothing before the processor sleeps.

How many share a turn depends on this machine, so these numbers differ a little from run to run;
each is the middle one of many batches, which leaves out what the box does besides.
"""

import statistics
import tempfile
from collections.abc import Mapping
from pathlib import Path

from undertow import build
from undertow.bench import board
from undertow.bench.counter import Counter
from undertow.bench.table import Line, Table
from undertow.bench.traffic import MTU, SMALL, WINDOW, Traffic
from undertow.board import machine
from undertow.setup import packages

BATCHES = 25
BATCH = 120
WAYS = {"out": "LAN to uplink", "in": "uplink to LAN"}
LOADS = {"load": ("under load", WINDOW), "lone": ("one at a time", 1)}


def measure() -> dict[str, dict[str, int]]:
    """By board: "out_64_load", "in_1420_lone" ..., and "seal_64", "seal_1420"."""
    packages.ensure("build", "boards")
    build.build(*machine.names())
    return {name: measure_board(name) for name in machine.names()}


def measure_board(
    name: str, batches: int = BATCHES, firmware: Path | None = None
) -> dict[str, int]:
    """One board's. firmware: the release image when none is named."""
    counts = board.sealing(name)
    with tempfile.TemporaryDirectory(prefix="undertow-packets-") as folder:
        counter = Counter(Path(folder))
        options = counter.options()
        with Traffic(name, Path(folder), firmware=firmware, options=options) as traffic:
            for length in (MTU, SMALL):
                for load, (_, window) in LOADS.items():
                    for way, send in (("out", traffic.send_out), ("in", traffic.send_in)):
                        send(BATCH, length, window)  # opens the flow, and has QEMU translate
                        found = []
                        for _ in range(batches):
                            before = counter.read()
                            send(BATCH, length, window)
                            found.append((counter.read() - before) / BATCH)
                        counts[f"{way}_{length}_{load}"] = round(statistics.median(found))
    return counts


def report(measured: Mapping[str, Mapping[str, int]]) -> Table:
    """A table of what was measured, beside the targets."""
    lines = []
    for name, counts in measured.items():
        for length in (MTU, SMALL):
            seal = counts[f"seal_{length}"]
            for load, (load_words, _) in LOADS.items():
                for way, way_words in WAYS.items():
                    count = counts[f"{way}_{length}_{load}"]
                    lines.append(
                        Line(
                            f"{name}: {length} B {way_words}, {load_words}",
                            f"{count:,}",
                            f"sealing {seal:,}, x {count / seal:.3f}, {count - seal:,} beyond",
                            *(_judge(length, count, seal) if way == "out" else ()),
                        )
                    )
    return Table("A packet through the release firmware, all instructions", lines)


def _judge(length: int, count: int, seal: int) -> tuple[str, bool]:
    """The target of a packet of this length, and whether it is met."""
    if length == SMALL:
        return f"<= {board.BEYOND_SEALING_MAX:,} beyond", count - seal <= board.BEYOND_SEALING_MAX
    return f"<= x {board.SHARE_MAX}", count <= board.SHARE_MAX * seal

"""What MicroPython's heap on a board has lost after many packets and many keys.

First the release firmware with a tunnel that carries packets both ways, as fast as it can: what is
free of its heap is asked over the console, after the collector, at marks on the way. Then it gets
new keys again and again: the gateway's clock is turned on by two minutes each time, so the gateway
asks for new ones, and the box, whose own clock nobody turns, answers.

Then both ends of a tunnel in the development build, at its prompt (`tests/bench/heap.py`), with
one clock that is turned by hand, so that all timers of hours pass in seconds, and the board also
begins handshakes.

Both boards take six and a half minutes, where two cores have other work as well.
"""

import re
import statistics
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from undertow import build, paths
from undertow.bench.table import Line, Table
from undertow.bench.traffic import SMALL, Traffic
from undertow.board import machine, prompt
from undertow.build import virt
from undertow.errors import UndertowError

SCRIPT = paths.TESTS / "bench" / "heap.py"
# The packets after which the heap is looked at; half of them go each way.
MARKS = (10_000, 100_000, 500_000, 1_000_000)
REKEYS = 100
PACKETS = 20  # with each key at the prompt

# The log keeps this many lines (box/log_ring.py), and each handshake is one: only when it is full
# does the next line take the place of another.
LOG_LINES = 48
# The collector takes all that is on the stack for addresses: by chance it keeps an object or two,
# or what hangs on one. What it kept by chance is let go of after more of the same work.
BY_CHANCE = 96
_ROUNDS = 4
_ASKED = 5
_PATIENCE_S = 600.0
_SAID = re.compile(r"free (\d+) (\d+) sessions (\d+) packets (\d+)")

Found = dict[str, Any]


def measure(
    marks: Sequence[int] = MARKS, rekeys: int = REKEYS, packets: int = PACKETS
) -> dict[str, dict[str, Found]]:
    """By board, what measure_release() says as "release" and measure_prompt() as "prompt"."""
    names = machine.names()
    build.build(*names, *(f"{name}{virt.DEV}" for name in names))
    return {
        name: {
            "release": measure_release(name, marks, rekeys),
            "prompt": measure_prompt(name, rekeys, packets),
        }
        for name in names
    }


def report(measured: Mapping[str, Mapping[str, Found]]) -> Table:
    """A table of what was measured."""
    lines = []
    for board, found in measured.items():
        release, prompted = found["release"], found["prompt"]
        marks = "; ".join(f"{free:,} at {mark:,}" for mark, free in release["free"])
        passed = f"{release['free'][-1][0]:,} packets"
        lines.append(_line(f"{board}: {passed}", release["lost"], f"free: {marks}"))
        keys = f"{release['free_before_keys']:,} before, {release['free_after_keys']:,} after"
        lines.append(
            _line(f"{board}: {release['keys']} keys, the gateway asks", release["keys_lost"], keys)
        )
        carried = f"and {prompted['packets']:,} packets, in scaled time at the prompt"
        lines.append(
            _line(
                f"{board}: {prompted['sessions']} keys, the board asks", prompted["lost"], carried
            )
        )
    return Table("What MicroPython's heap has lost, in bytes", lines)


def _line(name: str, lost: int, note: str) -> Line:
    return Line(name, f"{lost:,} B", note, f"0 (chance {BY_CHANCE})", lost <= BY_CHANCE)


def measure_release(
    name: str, marks: Sequence[int], rekeys: int, firmware: Path | None = None
) -> Found:
    """A board's release firmware, or another. "free": what was free at each mark.

    "lost": from the first mark to the last; "keys_lost": with so many keys after that; negative:
    there is more than before. The log was full before the first mark.

    UndertowError: packets were lost, so it says nothing.
    """
    with (
        tempfile.TemporaryDirectory(prefix="undertow-heap-") as folder,
        Traffic(name, Path(folder), firmware=firmware) as traffic,
    ):
        _renew(traffic, LOG_LINES)
        passed, free = 0, []
        for mark in marks:
            traffic.carry((mark - passed) // 2, SMALL)
            passed = mark
            free.append((mark, _free(traffic)))
        before = _free(traffic)
        _renew(traffic, rekeys)
        after = _free(traffic)
        if traffic.lost:
            raise UndertowError(
                f"The box on {name} did not carry what it was given",
                f"{traffic.lost} packets did not come back.",
                "See in `drops` of its status why, and run the tests of suite 'boards'.",
            )
    return {
        "free": free,
        "lost": free[0][1] - free[-1][1],
        "keys": rekeys,
        "free_before_keys": before,
        "free_after_keys": after,
        "keys_lost": before - after,
    }


def _renew(traffic: Traffic, count: int) -> None:
    for _ in range(count):
        traffic.renew_keys()
        traffic.carry(PACKETS, SMALL)


def _free(traffic: Traffic) -> int:
    """What is free after the collector, at its best; being asked takes a little itself."""
    best = 0
    for _ in range(_ROUNDS):
        asked = [traffic.console.status()["memory"]["heap_free"] for _ in range(_ASKED)]
        best = max(best, int(statistics.median(asked)))
        _renew(traffic, 1)
    return best


def measure_prompt(name: str, rekeys: int, packets: int) -> Found:
    """Two ends of a tunnel in a board's development build, which must have been built.

    "lost": bytes of the heap; "sessions" and "packets" that there were.
    """
    code = SCRIPT.read_text()
    for constant, value in (("REKEYS", rekeys), ("PACKETS", packets)):
        code = re.sub(rf"^{constant} = \d+", f"{constant} = {value}", code, flags=re.MULTILINE)
    with (
        tempfile.TemporaryDirectory(prefix="undertow-heap-") as folder,
        prompt.fresh(name, Path(folder)) as board,
    ):
        said = board.run(code, _PATIENCE_S)
    found = _SAID.search(said)
    if found is None or int(found[3]) != rekeys or int(found[4]) != rekeys * packets:
        raise UndertowError(
            f"The tunnel on {name} did not carry what it was given",
            f"{SCRIPT.name} said: {said.strip()}",
            "Run the tests of suite 'wg'; if they pass, look at the board.",
        )
    before, after = int(found[1]), int(found[2])
    return {"lost": before - after, "sessions": int(found[3]), "packets": int(found[4])}

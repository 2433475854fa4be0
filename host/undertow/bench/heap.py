"""What MicroPython's heap on a board has lost after many packets and keys.

`tests/bench/heap.py` runs in the development build, at its prompt: two ends of a tunnel with a
clock that is turned by hand, so that hours of sessions pass in seconds. What carries packets in a
box is C that allocates nothing; here Python carries them, and could leave something behind.
"""

import re
import tempfile
from collections.abc import Mapping
from pathlib import Path

from undertow import build, paths
from undertow.bench.table import Line, Table
from undertow.board import machine, prompt
from undertow.build import virt
from undertow.errors import UndertowError

SCRIPT = paths.TESTS / "bench" / "heap.py"
REKEYS = 100
PACKETS = 20  # with each

_PATIENCE_S = 600.0
_SAID = re.compile(r"free (\d+) (\d+) sessions (\d+) packets (\d+)")


def measure(rekeys: int = REKEYS, packets: int = PACKETS) -> dict[str, dict[str, int]]:
    """By board: bytes "lost" of the heap, "sessions" and "packets" that there were."""
    build.build(*(f"{name}{virt.DEV}" for name in machine.names()))
    return {name: measure_board(name, rekeys, packets) for name in machine.names()}


def report(measured: Mapping[str, Mapping[str, int]]) -> Table:
    """A table of what was measured."""
    lines = [
        Line(
            f"{board}: bytes lost",
            f"{found['lost']:,}",
            f"after {found['sessions']} sessions and {found['packets']:,} packets",
            "0",
            found["lost"] <= 0,
        )
        for board, found in measured.items()
    ]
    return Table("MicroPython's heap after many keys", lines)


def measure_board(name: str, rekeys: int, packets: int) -> dict[str, int]:
    """One board's; needs its development build."""
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

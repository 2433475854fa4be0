"""What the translation between LAN and tunnel takes for a packet, in instructions on RV32.

`tests/bench/router.c` counts in the guest, with one flow and with 500 flows of 8 clients that take
turns. A packet renews its flow when that was last done a quarter of a second ago or longer, which
is counted on its own: the one flow then keeps its place, the others change theirs. Not in any of
it: the frame, the sealing, and the drivers.
"""

import re
import tempfile
from collections.abc import Mapping
from pathlib import Path

from undertow import paths
from undertow.bench import instructions
from undertow.bench.table import Line, Table
from undertow.run import ending_with_us, run
from undertow.setup import packages

NAMES = {
    "out_udp": "UDP, LAN to tunnel",
    "in_udp": "UDP, tunnel to LAN",
    "out_tcp": "TCP, LAN to tunnel",
    "in_tcp": "TCP, tunnel to LAN",
}
OPENINGS = {
    "open_client": "first packet of a client",
    "open_500": "first packet of a flow, 500 flows",
    "open_full": "first packet of a flow, table full",
}


def measure() -> dict[str, int]:
    """Instructions for a packet: "out_udp_1", "renewing_out_udp_500", "open_full" ..."""
    packages.ensure("boards")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sources = [*paths.router_sources(), paths.CORE / "wg_chacha20.c", paths.CORE / "wg_wipe.c"]
        objects = [_compile(source, folder) for source in sources]
        for file in ("router.c", "rv32.c", "memory.c", "rv32.S"):
            source = instructions.FOLDER / file
            objects.append(_compile(source, folder, *instructions.RV32_LIBRARY_FLAGS))
        program = folder / "router.elf"
        instructions.rv32_link(objects, program, "-Wl,--gc-sections")
        words = [*instructions.RV32_QEMU, "-serial", "stdio", "-kernel", str(program)]
        words += ["-display", "none", "-monitor", "none"]
        output = run(ending_with_us(words), why="It runs the router's bench.")
    return {name: int(value) for name, value in re.findall(r"^count (\w+) (\d+)$", output, re.M)}


def _compile(source: Path, folder: Path, *flags: str) -> Path:
    out = folder / f"{source.name}.o"
    instructions.rv32_compile(source, out, "-c", f"-I{paths.ROUTER}", *flags)
    return out


def report(measured: Mapping[str, int]) -> Table:
    """A table of what was measured."""
    lines = [
        Line(
            title,
            f"{measured[f'{name}_1']:,}",
            note=f"{measured[f'{name}_500']:,} with 500 flows of 8 clients; one that renews its "
            f"flow {measured[f'renewing_{name}_1']:,} and {measured[f'renewing_{name}_500']:,}",
        )
        for name, title in NAMES.items()
    ]
    lines += [Line(title, f"{measured[name]:,}") for name, title in OPENINGS.items()]
    return Table("Translation between LAN and tunnel, instructions for a packet, RV32", lines)

"""A box that runs for weeks: its clock, in milliseconds, outgrows what processors count with."""

import time
from pathlib import Path

from elftools.elf.elffile import ELFFile
from elftools.elf.sections import SymbolTableSection
from tests.boards.recovery import until_ping
from tests.support import gdb

from undertow.board.scene import Scene
from undertow.console import Console

# Python's small integers end at 2^30, lwIP's clock at 2^32. Each step is shorter than half of that,
# by which lwIP tells the past from the future.
EDGES_MS = tuple(step << 30 for step in (1, 2, 3, 4))
BEFORE_MS = 3000


def clock_of(firmware: Path) -> int:
    """Where the milliseconds since power-on are, which the compiler gives a name of its own."""
    with firmware.open("rb") as file:
        table = ELFFile(file).get_section_by_name(".symtab")
        assert isinstance(table, SymbolTableSection)
        (found,) = [s for s in table.iter_symbols() if "last_ms" in s.name]
        return int(found["st_value"])


def test_a_box_goes_on_for_weeks(board_name: str, folder: Path) -> None:
    port = folder / "gdb"
    with Scene(board_name, folder, options=gdb.options(port)) as scene:
        scene.power()
        console = Console(scene.board.console_url)
        scene.provision(console)
        client = scene.client()
        client.join()
        until_ping(client, 30.0)
        clock = clock_of(scene.board.firmware)
        for edge_ms in EDGES_MS:
            gdb.write(port, clock, (edge_ms - BEFORE_MS).to_bytes(8, "little"))
            until_ping(client, 30.0)  # over all timers that have run out at once
            end = time.monotonic() + 2 * BEFORE_MS / 1000
            while time.monotonic() < end:
                until_ping(client, 10.0)
            client.join()
            status = console.status()
            assert status["box"]["uptime_s"] * 1000 > edge_ms
            assert (status["tunnel"]["state"], status["problem"]) == ("up", None)
            assert status["box"]["crashes"] == 0
        console.close()

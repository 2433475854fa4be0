"""`invoke bench`: instructions on the boards' processors, start, memory, throughput, handshakes.

Benchmarks report, and never fail because something is slow.
"""

import importlib
import json as json_text
import platform
import sys
from pathlib import Path
from typing import Any

from undertow import paths
from undertow.bench.table import Table
from undertow.errors import EXIT_USAGE, UndertowError

# Modules of this package: each has measure(), which returns what JSON can hold, and report(),
# which makes a text or a table of it.
NAMES = (
    *("instructions", "router", "board", "packets", "boot", "heap"),
    *("throughput", "carriers", "board_carriers", "handshakes", "flash", "laptop"),
)


def main(only: str | None = None, json: bool = False) -> None:
    """Run the benchmarks, or only one of NAMES; print their tables, or all results as JSON.

    Each result is also written to build/bench/NAME.json.
    """
    if only is not None and only not in NAMES:
        raise UndertowError(
            f"There is no benchmark '{only}'",
            f"There are {', '.join(NAMES)}.",
            "Name one of them, or none to run all.",
            EXIT_USAGE,
        )
    results: dict[str, Any] = {}
    for name in (only,) if only else NAMES:
        module = importlib.import_module(f"undertow.bench.{name}")
        results[name] = module.measure()
        write(name, results[name])
        if not json:
            _show(module.report(results[name]))
    if json:
        json_text.dump(results, sys.stdout, indent=2)
        print()


def _show(report: Table | str) -> None:
    if isinstance(report, Table):
        report.show()
    else:
        print(f"\n{report}")


def write(name: str, result: Any) -> Path:
    """Keep a result with the machine that it was measured on."""
    file = paths.BUILD / "bench" / f"{name}.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    machine = {"processor": _processor(), "system": platform.platform()}
    file.write_text(json_text.dumps({"machine": machine, "result": result}, indent=2) + "\n")
    return file


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()

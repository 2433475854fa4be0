"""What a person with a laptop waits for: the program itself, provisioning, the machines' pairing.

The programs are those that people run, started anew each time; the box is an emulated board that
is blank and has started, at the end of a line of 115200 baud. Its processor is as quick as this
machine emulates it, so these times are those of the line, the laptop and the protocol; what the
box's processor has to do is told in instructions.
"""

import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from undertow import build, paths, progress
from undertow.bench.counter import Counter
from undertow.bench.slow_line import SlowLine
from undertow.bench.table import Line, Table
from undertow.board import Board, Wiring, machine
from undertow.console import Console
from undertow.console.line import BAUD
from undertow.errors import UndertowError
from undertow.setup import packages

RUNS = 5
HELP_RUNS = 11
PROVISION_MAX_S = 10.0
PAIRING_MAX_S = 2.0
HELP_MAX_S = 0.3
# A byte on the line is ten bits: with a start and a stop bit.
RATE = BAUD / 10

_CHIP_HZ = 160e6

# A provider's file, as long as they are: with a preshared key, and a private one to be left.
_KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
_CONFIG = f"""\
[Interface]
PrivateKey = {_KEY}
Address = 10.66.0.7/32
DNS = 10.66.0.1

[Peer]
PublicKey = xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg=
PresharedKey = {_KEY}
AllowedIPs = 0.0.0.0/0
Endpoint = home.example:51820
PersistentKeepalive = 25
"""


def measure(runs: int = RUNS, boards: tuple[str, ...] = ()) -> dict[str, Any]:
    """ "help": seconds of each run; "boards": by name, "provision" and "pairing" (see _measure)."""
    packages.ensure("build", "boards")
    chosen = boards or tuple(machine.names())
    build.build(*chosen)
    with progress.step("Setting boards up from a laptop") as step:
        found: dict[str, Any] = {"help": [_help_s() for _ in range(HELP_RUNS)], "boards": {}}
        for board in chosen:
            step.detail(board)
            found["boards"][board] = _measure(board, runs)
    return found


def report(measured: Mapping[str, Any]) -> Table:
    """A table of what was measured, beside the targets."""
    lines = [_line("undertow --help", measured["help"], HELP_MAX_S)]
    for board, found in measured["boards"].items():
        there, back = found["bytes"]
        lines += [
            _line(
                f"{board}: provisioning it blank, from a file",
                found["provision"],
                PROVISION_MAX_S,
                f"{there:,} bytes to it, {back:,} from it; ",
            ),
            _line(f"{board}: pairing, without the people", found["pairing"], PAIRING_MAX_S),
            Line(
                f"{board}: instructions of the box for that",
                f"{found['instructions'] / 1e6:.1f} million",
                f"{found['instructions'] / _CHIP_HZ:.2f} s at 160 MHz, if each took one tick",
            ),
        ]
    return Table(f"A laptop and a box, over a line of {BAUD} baud", lines)


def _line(name: str, times_s: list[float], limit_s: float, note: str = "") -> Line:
    median = statistics.median(times_s)
    note += f"{min(times_s):.2f} to {max(times_s):.2f} s in {len(times_s)} runs"
    return Line(name, f"{median:.2f} s", note, f"<= {limit_s:g} s", median <= limit_s)


def _measure(board: str, runs: int) -> dict[str, Any]:
    """Seconds of each run: "provision", the whole command; "pairing", what people do not take.

    "bytes": on the line for the first, to the box and from it. "instructions" of the box: for the
    second.
    """
    found: dict[str, Any] = {"provision": [], "pairing": [], "bytes": []}
    for _ in range(runs):
        with _blank(board) as (line, folder):
            config = folder / "home.conf"
            config.write_text(_CONFIG)
            started = time.monotonic()
            _run("provision", "--console", line.url, "--config", str(config))
            found["provision"].append(time.monotonic() - started)
            found["bytes"] = list(line.counts)
        with _blank(board) as (line, folder):
            found["pairing"].append(_pair(line, folder))
    with tempfile.TemporaryDirectory(prefix="undertow-count-") as name:
        counter = Counter(Path(name))
        with _blank(board, counter.options()) as (line, folder):
            found["instructions"] = _count_pairing(line, folder, counter)
    return found


def _count_pairing(line: SlowLine, folder: Path, counter: Counter) -> int:
    """From the moment at which the box has its settings until it is verified and runs."""
    counts: list[int] = []
    _pair(line, folder, lambda: counts.append(counter.read()))
    return counter.read() - counts[0]


@contextmanager
def _blank(board: str, options: tuple[str, ...] = ()) -> Iterator[tuple[SlowLine, Path]]:
    """A board that has started with a blank flash, and its line; and a folder. options: QEMU's."""
    with tempfile.TemporaryDirectory(prefix="undertow-laptop-") as name:
        folder = Path(name)
        wiring = Wiring(console=f"unix:{folder / 'console'}")
        with Board(board, folder, wiring=wiring, options=options) as running:
            with Console(running.console) as console:
                console.hello()
            with SlowLine(folder, running.console, RATE) as line:
                yield line, folder


def _pair(line: SlowLine, folder: Path, note: Callable[[], object] = lambda: None) -> float:
    """Seconds that the machines took, of a pairing with a gateway on this machine.

    note: called just before.
    """
    port = _free_port()
    state = ("--state", str(folder / "gateway"))
    with _started("gateway", "pair", *state, "--listen", "127.0.0.1", "--port", str(port)) as home:
        room = _event(home, "room")["room"]
        meeting = ("--console", line.url, "--pair", f"127.0.0.1:{port}", "--room", str(room))
        _run("provision", *meeting, "--name", "attic")
        note()
        with _started("verify", *meeting, "--digits-from-stdin") as box:
            digits = str(_event(home, "code")["digits"])
            for each in (home, box):
                assert each.stdin is not None
                each.stdin.write(digits + "\n")
                each.stdin.flush()
            told, _ = box.communicate()
            home.communicate()
        if box.returncode or home.returncode:
            raise UndertowError("Pairing failed", told, "Run `undertow verify` by hand.")
        return float(json.loads(told)["machine_ms"]) / 1000


def _event(process: subprocess.Popen[str], name: str) -> dict[str, Any]:
    """What a gateway says next in JSON, which is to be this."""
    assert process.stdout is not None
    found = json.loads(process.stdout.readline() or "{}")
    if found.get("event") != name:
        raise UndertowError("The gateway cannot pair", str(found), "Run `undertow gateway pair`.")
    return dict(found)


def _help_s() -> float:
    started = time.monotonic()
    _run("--help", as_json=False)
    return time.monotonic() - started


@contextmanager
def _started(*words: str) -> Iterator[subprocess.Popen[str]]:
    """A command of ours with its input and output in our hands; it ends with the block."""
    process = subprocess.Popen(
        [*_PROGRAM, *words, "--json"],
        cwd=paths.ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    with process:
        try:
            yield process
        finally:
            process.terminate()


def _run(*words: str, as_json: bool = True) -> None:
    """A command of ours to its end. UndertowError: it failed."""
    more = ("--json",) if as_json else ()
    done = subprocess.run(
        [*_PROGRAM, *words, *more],
        cwd=paths.ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise UndertowError(f"undertow {words[0]} failed", done.stderr.strip(), "Run it by hand.")


def _program() -> list[str]:
    """The script that is installed beside this Python, or the module where there is none."""
    script = Path(sys.executable).with_name("undertow")
    if os.access(script, os.X_OK):
        return [str(script)]
    return [sys.executable, "-m", "undertow.cli"]


def _free_port() -> int:
    with socket.socket() as asker:
        asker.bind(("127.0.0.1", 0))
        return int(asker.getsockname()[1])


_PROGRAM = _program()

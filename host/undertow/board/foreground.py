"""`invoke run`: a board in the foreground, for people and for scripts around it."""

import tempfile
import time
from pathlib import Path

from undertow import build
from undertow.board import flash as flash_files
from undertow.board import machine
from undertow.board.board import Board, Wiring, firmware_file
from undertow.errors import UndertowError
from undertow.lab import signals

_LOOK_EVERY_S = 0.05
_INTERFACES = Path("/sys/class/net")
_TAP_FLAG = 0x0002
_UNPLUGGED = "nothing is plugged in; --lan tap:NAME or --lan dgram:PATH attaches one"
_USER = "QEMU's own network, with a way out over this machine"


def main(board: str, wiring: Wiring, flash_file: str, dev: bool) -> None:
    """Run a board until Ctrl-C, SIGTERM, or until it switches itself off.

    UndertowError: it does not run, or QEMU broke.
    """
    file = Path(flash_file) if flash_file else flash_files.default_file(board)
    _check(board, wiring)
    planned = flash_files.plan(file)
    target = f"{board}-dev" if dev else board
    build.build(target)
    planned.carry_out()
    firmware = firmware_file(board, dev)
    with tempfile.TemporaryDirectory(prefix="undertow-") as folder, signals.ending_by_exit():
        chosen = Wiring(wiring.console or f"unix:{folder}/console", wiring.uplink, wiring.lan)
        with Board(board, Path(folder), firmware=firmware, flash=file, wiring=chosen) as running:
            _tell(running, chosen, wiring.console is None)
            try:
                _follow(running, aloud=wiring.console is None)
            except KeyboardInterrupt:
                print("\nThe power is cut.", flush=True)
                return
            status = running.process.wait()
            words = running.process.log().strip()
    if status:
        raise UndertowError(
            f"The board {board} ended with status {status}",
            f"QEMU said: {words or 'nothing'}",
            f"Run it with --dev for a prompt on its console, or with another flash than {file}.",
        )
    print("The board has switched itself off.", flush=True)


def _check(board: str, wiring: Wiring) -> None:
    """Find what is wrong with the wishes before minutes are spent on building."""
    machine.find(board).command(
        firmware_file(board),
        console=wiring.console or "tcp:1",
        uplink=wiring.uplink,
        lan=wiring.lan,
    )
    for role, spec in (("uplink", wiring.uplink), ("LAN", wiring.lan)):
        kind, _, name = (spec or "").partition(":")
        if kind == "tap" and not _is_tap(name):
            raise UndertowError(
                f"There is no TAP interface '{name}' for the {role}",
                "A board attaches to a TAP interface that exists in the namespace of this command.",
                f"Make it as root: ip tuntap add {name} mode tap && ip link set {name} up",
            )


def _is_tap(name: str) -> bool:
    try:
        return bool(int((_INTERFACES / name / "tun_flags").read_text(), 16) & _TAP_FLAG)
    except (OSError, ValueError):
        return False


def _tell(board: Board, wiring: Wiring, aloud: bool) -> None:
    told = {
        "firmware": str(board.firmware),
        "flash": str(board.flash),
        "console": f"{board.console}  (./invoke status --console {board.console_url})",
        "uplink": _USER if wiring.uplink == "user" else wiring.uplink,
        "LAN": wiring.lan or _UNPLUGGED,
    }
    print(f"{board.name} runs. Ctrl-C cuts its power.")
    for name, value in told.items():
        print(f"  {name:<10}{value}")
    print("What the box says:" if aloud else "The box speaks on its console.", flush=True)


def _follow(board: Board, aloud: bool) -> None:
    """Until the board ends; aloud: print the lines of its console that are meant for people."""
    unread = ""
    with board.console_log.open(errors="replace") as log:
        while True:
            running = board.running()
            unread += log.read()
            *lines, unread = unread.split("\n")
            for line in lines if aloud else ():
                if not line.startswith("@ut1 "):
                    print(f"  {_printable(line)}", flush=True)
            if not running:
                return
            time.sleep(_LOOK_EVERY_S)


def _printable(line: str) -> str:
    """Nothing that a terminal would obey."""
    return "".join(letter if letter.isprintable() else "." for letter in line.rstrip("\r"))

"""The tasks: `./invoke --list`. Thin on purpose; the work is done in host/undertow."""

import functools
import json as json_text
import sys
from collections.abc import Callable
from typing import Any

from invoke.collection import Collection
from invoke.context import Context
from invoke.exceptions import Exit
from invoke.tasks import task as invoke_task

from undertow.errors import EXIT_INTERRUPTED, UndertowError


def task(**options: Any) -> Callable[[Callable[..., None]], Any]:
    """invoke's task, with our errors said in words and Ctrl-C as an ordinary end."""

    def make(function: Callable[..., None]) -> Any:
        @functools.wraps(function)
        def guarded(context: Context, *args: Any, **kwargs: Any) -> None:
            try:
                function(context, *args, **kwargs)
            except UndertowError as error:
                if kwargs.get("json"):
                    print(json_text.dumps({"error": error.as_object()}, indent=2))
                raise Exit(error.as_text(), error.exit_code) from error
            except KeyboardInterrupt as error:
                raise Exit("interrupted", EXIT_INTERRUPTED) from error

        return invoke_task(guarded, **options)

    return make


def remembered(context: Context, **given: str) -> Any:
    """The box that is spoken of: what this task was given, else what a task before it was, else
    INVOKE_BOX_BOARD and so on. invoke binds a flag to the task before it only."""
    for name, value in given.items():
        if value:
            context.config.box[name] = value
    return context.config.box


@task()
def setup(_context: Context) -> None:
    """Fetch and install whatever is missing; every other task does that too."""
    from undertow import progress, setup

    setup.everything()
    progress.say("All is there.")


@task(
    help={
        "target": "unix, cpython, rv32 (the tests' own), virt_rv32, virt_xtensa or all",
        "dev": "with a prompt on the console, for a board",
    }
)
def build(_context: Context, target: str = "all", dev: bool = False) -> None:
    """Build undertow-unix, _wg for this Python, and the firmware of the emulated boards."""
    from undertow import build

    for name, built in build.build(target + ("-dev" if dev else "")).items():
        print(f"{name}: {built}")


@task(iterable=["suite"], help={"suite": "one rung, may be repeated", "only": "pytest's -k"})
def test(_context: Context, suite: list[str] | None = None, only: str = "") -> None:
    """Climb the ladder of tests (tests/README.md)."""
    from undertow import ladder

    if not ladder.climb(suite or (), only or None):
        raise Exit(code=1)


@task()
def lint(_context: Context) -> None:
    """Check formats, lint and types."""
    from undertow import ladder

    if not ladder.climb(["lint"]):
        raise Exit(code=1)


@task(name="format")
def format_(_context: Context) -> None:
    """Format Python and C."""
    from undertow import checks

    checks.rewrite()


@task()
def stubs(_context: Context) -> None:
    """Write firmware/stubs anew from the bindings."""
    from undertow.build import stubs

    stubs.write()


@task(help={"check": "only say what differs, and write nothing"})
def hardware(_context: Context, check: bool = False) -> None:
    """Write anew what is made of hardware/*.toml: pins, partitions, tables, wiring, case."""
    from undertow import hardware

    if not hardware.main(check):
        raise Exit(code=1)


@task(
    help={
        "board": "an emulated board; virt_rv32 unless INVOKE_BOX_BOARD says otherwise",
        "flash": "the file that is its flash",
        "erase": "forget what is on it, the box's private key too",
        "dry_run": "say what would be done, and do nothing",
        "json": "print one object",
    }
)
def flash(
    context: Context,
    board: str = "",
    flash: str = "",
    erase: bool = False,
    dry_run: bool = False,
    json: bool = False,
) -> None:
    """Make an emulated board ready to boot: its firmware, and its flash unless there is one."""
    from undertow import setup
    from undertow.board import flashing

    setup.packages.ensure("build", "boards")
    box = remembered(context, board=board, flash=flash)
    flashing.main(box.board, box.flash, erase=erase, dry_run=dry_run, json=json)


@task(
    help={
        "config": "the tunnel's wg-quick file; - is standard input",
        "console": "a box that runs: /dev/ttyUSB0, socket://HOST:PORT or unix:PATH",
        "board": "without --console: an emulated board, started for it and stopped again",
        "flash": "the file that is its flash",
        "name": "of the box; that of the file unless given",
        "uplink": "dhcp, or ADDRESS/LENGTH,GATEWAY[,NAMESERVER...]",
        "lan": "the box's ADDRESS/LENGTH there; it chooses unless given",
        "import_key": "give the box the PrivateKey of the file; else it makes its own",
        "key_file": "give the box the private key in this file; - is standard input",
        "json": "print one object",
    }
)
def provision(
    context: Context,
    config: str = "",
    console: str = "",
    board: str = "",
    flash: str = "",
    name: str = "",
    uplink: str = "dhcp",
    lan: str = "",
    import_key: bool = False,
    key_file: str = "",
    json: bool = False,
) -> None:
    """Give a box its tunnel from a wg-quick file; says what to paste at the gateway."""
    from undertow import build, setup

    setup.packages.ensure("build")
    build.build("cpython")
    from undertow import provisioning

    box = remembered(context, board=board, flash=flash, console=console, config=config, name=name)
    wanted = provisioning.Wanted(
        box.config, box.name, uplink, lan, import_key=import_key, key_file=key_file
    )
    provisioning.main(wanted, box.console, box.board, box.flash, json)


@task(
    help={
        "board": "virt_rv32 or virt_xtensa",
        "uplink": "tap:NAME, dgram:PATH (undertow.board.machine) or user: QEMU's own network",
        "lan": "tap:NAME or dgram:PATH; nothing is plugged in unless given",
        "flash": "the file that is its flash",
        "console": "unix:PATH or tcp:PORT; without it the box's lines are shown here",
        "dev": "the firmware with a prompt on the console",
    }
)
def run(
    context: Context,
    board: str = "",
    uplink: str = "user",
    lan: str = "",
    flash: str = "",
    console: str = "",
    dev: bool = False,
) -> None:
    """Run an emulated board until Ctrl-C, attached to networks that exist."""
    from undertow.board import Wiring, foreground

    box = remembered(context, board=board, flash=flash)
    foreground.main(box.board, Wiring(console or None, uplink, lan or None), box.flash, dev)


@task(help={"console": "as for provision", "json": "print one object"})
def status(context: Context, console: str = "", json: bool = False) -> None:
    """Ask a running box how it is."""
    from undertow.console import status

    status.main(remembered(context, console=console).console, json)


@task(help={"console": "as for provision"})
def log(context: Context, console: str = "") -> None:
    """Print the last lines of a running box's log."""
    from undertow.console import commands

    commands.log(remembered(context, console=console).console)


@task(help={"console": "as for provision"})
def reboot(context: Context, console: str = "") -> None:
    """Have a running box start anew."""
    from undertow.console import commands

    commands.reboot(remembered(context, console=console).console)


@task(help={"console": "as for provision", "name": "of the box, to be sure that it is this one"})
def wipe(context: Context, console: str = "", name: str = "") -> None:
    """Have a running box forget its settings and its private key."""
    from undertow.console import commands

    commands.wipe(remembered(context, console=console).console, name)


@task(
    help={
        "board": "the emulated board that is the box",
        "json": "print what was measured as one object instead of telling it",
    }
)
def demo(context: Context, board: str = "", json: bool = False) -> None:
    """Watch a new box being set up and carry a page past a hotel, in a lab on this machine."""
    from undertow import build, setup

    box = remembered(context, board=board)
    setup.packages.ensure("build", "boards", "lab")
    build.build("cpython", "unix", box.board)
    from undertow import demo

    raise Exit(code=demo.main(json, box.board))


@task(
    help={
        "name": "one of instructions, router, board, packets, boot, heap, throughput, handshakes",
        "json": "print one object instead of tables",
    }
)
def bench(_context: Context, name: str = "", json: bool = False) -> None:
    """Measure beside the targets and beside wireguard-go; also writes build/bench/*.json."""
    from undertow import bench, build, setup

    setup.everything()
    build.build("cpython", "unix")
    bench.main(name or None, json)


@task(
    help={
        "seconds": "how long, shared by all targets",
        "only": "one target",
        "keep": "put inputs that reach new code into the corpus",
    }
)
def fuzz(_context: Context, seconds: int = 60, only: str = "", keep: bool = False) -> None:
    """Look for inputs that break the C core (libFuzzer)."""
    from undertow import fuzzing, setup

    setup.packages.ensure("build", "test")
    fuzzing.main(seconds, only or None, keep)


namespace = Collection.from_module(sys.modules[__name__])
namespace.configure(
    {"box": {"board": "virt_rv32", "flash": "", "console": "", "config": "", "name": ""}}
)

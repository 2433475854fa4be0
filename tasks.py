"""The tasks: `./invoke --list`. Thin on purpose; the work is done in host/undertow."""

import functools
import sys
from collections.abc import Callable
from typing import Any

from invoke.collection import Collection
from invoke.context import Context
from invoke.exceptions import Exit
from invoke.tasks import task as invoke_task

from undertow.cli import chain
from undertow.cli.program import INTERRUPTED, told
from undertow.errors import UndertowError


def task(**options: Any) -> Callable[[Callable[..., None]], Any]:
    """invoke's task, with our errors said in words and Ctrl-C as an ordinary end."""

    def make(function: Callable[..., None]) -> Any:
        @functools.wraps(function)
        def guarded(context: Context, *args: Any, **kwargs: Any) -> None:
            as_json = bool(kwargs.get("json"))
            try:
                function(context, *args, **kwargs)
            except UndertowError as error:
                raise Exit(code=told(error, as_json, chain.is_debugging())) from error
            except KeyboardInterrupt as error:
                raise Exit(code=told(INTERRUPTED, as_json)) from error

        return invoke_task(guarded, **options)

    return make


chain.say_usage_errors()


def remembered(context: Context, **given: str) -> Any:
    """The box that is spoken of: what this task was given, else one before it, else one after it,
    else INVOKE_BOX_BOARD and so on. To invoke a flag is of one task only: in `flash provision
    --board X` both are about X."""
    return chain.settle(context.config.box, given)


# The flags of every task that speaks with a box that runs.
RUNNING = {"console": "a box that runs; its port is looked for", "json": "print one object"}


def running(context: Context, console: str) -> str:
    """Where that box is."""
    from undertow import reach

    return reach.running(remembered(context, console=console).console)


@task()
def setup(_context: Context) -> None:
    """Fetch and install whatever is missing; every other task does that too."""
    from undertow import progress, setup

    setup.everything()
    progress.say("All is there.")


@task(
    help={
        "target": "unix, cpython, rv32 (the tests' own), virt_rv32, virt_xtensa, esp32_check, all",
        "dev": "with a prompt on the console, for a board",
        "board": "instead: the firmware of a real board, by ESP-IDF",
        "idf": "with --board: ESP-IDF's folder; else IDF_PATH",
        "container": "with --board: the image of a container with ESP-IDF",
        "encrypted": "with --board: keys encrypted in flash; burns eFuses (ports/esp32/README.md)",
    }
)
def build(
    _context: Context,
    target: str = "all",
    dev: bool = False,
    board: str = "",
    idf: str = "",
    container: str = "",
    encrypted: bool = False,
) -> None:
    """Build undertow-unix, _wg for this Python, and the firmware of boards."""
    from undertow import build
    from undertow.build import esp32

    if board:
        print(f"{board}: {esp32.build(board, idf, container, dev=dev, encrypted=encrypted)}")
        return
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
        "board": "a board of hardware/boards, or an emulated one (virt_rv32)",
        "port": "of a real one: /dev/ttyUSB0, COM3, socket://HOST:PORT; found unless given",
        "release": "a signed release instead of the build",
        "trust": "the public key that has to have signed it",
        "images": "a folder with a build, instead of build/BOARD",
        "files": "a folder for the box's file system",
        "baud": "of the line; what the board can do unless given",
        "flash": "the file that is an emulated board's flash",
        "erase": "forget what is on it, the box's private key too",
        "dry_run": "show the flash map, and write nothing",
        "json": "print one object",
    }
)
def flash(
    context: Context,
    board: str = "",
    port: str = "",
    release: str = "",
    trust: str = "",
    images: str = "",
    files: str = "",
    baud: int = 0,
    flash: str = "",
    erase: bool = False,
    dry_run: bool = False,
    json: bool = False,
) -> None:
    """Make a board ready to boot: firmware and file system; a box's keys stay."""
    from undertow.flash import front
    from undertow.flash.command import Wanted

    box = remembered(context, board=board, flash=flash, console=port)
    wanted = Wanted(
        board=board if release else box.board,
        port=port or _flashing_port(box.board, box.console),
        images=images,
        release=release,
        trust=trust,
        files=files,
        baud=baud,
        erase=erase,
        dry_run=dry_run,
        json=json,
    )
    front.main(wanted, box.flash)


def _flashing_port(board: str, console: str) -> str:
    """A real board is flashed where its console is."""
    from undertow.hardware import boards

    return "" if boards.is_emulated(board) or console.startswith("unix:") else console


@task(help={"json": "print one object"})
def ports(_context: Context, json: bool = False) -> None:
    """List the ports at which a board may be."""
    from undertow.flash import ports

    ports.main(json)


@task(
    help={
        "board": "that it is for",
        "version": "of the release, such as 0.1.0",
        "key": "the file with the secret key that signs it",
        "out": "the .zip to be made",
        "images": "a folder with a build, instead of build/BOARD",
        "files": "a folder for the box's file system",
        "new_key": "only make a key in this file, and say its public half",
        "json": "print one object",
    }
)
def release(
    _context: Context,
    board: str = "",
    version: str = "",
    key: str = "",
    out: str = "",
    images: str = "",
    files: str = "",
    new_key: str = "",
    json: bool = False,
) -> None:
    """Sign what was built for a board."""
    from undertow.flash import release_command

    release_command.main(
        release_command.Wanted(board, version, key, out, images, files, new_key, json)
    )


@task(
    iterable=["wifi_qr", "wifi", "wifi_password_file", "wifi_open"],
    help={
        "config": "the tunnel's wg-quick file; - is standard input",
        "pair": "HOST[:PORT] of a gateway that waits to be paired with, in place of --config",
        "room": "the number that it shows",
        "console": "a box that runs: /dev/ttyUSB0, socket://HOST:PORT or unix:PATH",
        "port": "the same as --console",
        "board": "an emulated one is started for it; for another its port is looked for",
        "flash": "the file that is its flash",
        "name": "of the box; that of the file unless given",
        "medium": "of the uplink: auto, ethernet or wifi",
        "uplink": "dhcp, or ADDRESS/LENGTH,GATEWAY[,NAMESERVER...]",
        "lan": "the box's ADDRESS/LENGTH there; it chooses unless given",
        "wifi_qr": "a file with the text of a network's QR code; 'ask' asks; may be repeated",
        "wifi": "a network to join, by its name; may be repeated",
        "wifi_password_file": "of the --wifi at the same place; asked for unless given",
        "wifi_open": "a network without a password; may be repeated",
        "lan_ssid": "of the box's own Wi-Fi",
        "lan_password_file": "of the box's own Wi-Fi; a new box makes its own, else",
        "import_key": "give the box the PrivateKey of the file; else it makes its own",
        "key_file": "give the box the private key in this file; - is standard input",
        "qr": "show QR codes, too",
        "json": "print one object",
    },
)
def provision(
    context: Context,
    config: str = "",
    pair: str = "",
    room: str = "",
    console: str = "",
    port: str = "",
    board: str = "",
    flash: str = "",
    name: str = "",
    medium: str = "",
    uplink: str = "",
    lan: str = "",
    wifi_qr: list[str] | None = None,
    wifi: list[str] | None = None,
    wifi_password_file: list[str] | None = None,
    wifi_open: list[str] | None = None,
    lan_ssid: str = "",
    lan_password_file: str = "",
    import_key: bool = False,
    key_file: str = "",
    qr: bool = False,
    json: bool = False,
) -> None:
    """Give a box its settings, and its tunnel from a file or by pairing later."""
    _ready_to_talk()
    from undertow import provisioning

    box = remembered(
        context,
        board=board,
        flash=flash,
        console=console or port,
        config=config,
        name=name,
        pair=pair,
        room=room,
    )
    wanted = provisioning.Wanted(
        config=box.config,
        name=box.name,
        uplink=uplink,
        lan=lan,
        import_key=import_key,
        key_file=key_file,
        medium=medium,
        wifi=tuple(wifi or ()),
        wifi_password_files=tuple(wifi_password_file or ()),
        wifi_open=tuple(wifi_open or ()),
        wifi_qr=tuple(wifi_qr or ()),
        lan_ssid=lan_ssid,
        lan_password_file=lan_password_file,
    )
    provisioning.main(
        wanted, box.console, box.board, box.flash, json, qr, pair=box.pair, room=str(box.room)
    )


@task(
    help={
        "pair": "HOST[:PORT] of a gateway that waits to be paired with",
        "room": "the number that it shows",
        "console": "as for provision",
        "port": "the same as --console",
        "board": "as for provision",
        "flash": "as for provision",
        "digits_from_stdin": "a program writes the digits that were heard, once the code is shown",
        "json": "print one object",
    }
)
def verify(
    context: Context,
    pair: str = "",
    room: str = "",
    console: str = "",
    port: str = "",
    board: str = "",
    flash: str = "",
    digits_from_stdin: bool = False,
    json: bool = False,
) -> None:
    """Pair a box with a gateway and compare the code, or say whether that was done."""
    _ready_to_talk()
    from undertow.pairing import command

    box = remembered(
        context, board=board, flash=flash, console=console or port, pair=pair, room=room
    )
    command.main(
        box.console, box.board, box.flash, box.pair, str(box.room), json, digits_from_stdin
    )


def _ready_to_talk() -> None:
    """What a laptop needs of us to talk with a box: the C core as a module."""
    from undertow import build, setup

    setup.packages.ensure("build")
    build.build("cpython")


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


@task(help=RUNNING)
def status(context: Context, console: str = "", json: bool = False) -> None:
    """Ask a running box how it is."""
    from undertow.console import status

    status.main(running(context, console), json)


@task(
    iterable=["code"],
    help={
        **RUNNING,
        "code": "explain a code that was read to you; may be repeated, the oldest first",
    },
)
def doctor(
    context: Context, console: str = "", code: list[str] | None = None, json: bool = False
) -> None:
    """Say what keeps a running box from its gateway, and what to do about it."""
    from undertow.doctor import command

    if code:
        command.explain(code, json)
        return
    if status := command.ask(running(context, console), json):
        raise Exit(code=status)


@task(
    help={
        **RUNNING,
        "client": "which one may sign in, by its address or its MAC",
        "close": "close the window",
        "no-wait": "do not stay until the window is closed",
    },
)
def sign_in(
    context: Context,
    console: str = "",
    client: str = "",
    close: bool = False,
    no_wait: bool = False,
    json: bool = False,
) -> None:
    """Let one client see a network's sign-in page."""
    from undertow.console import sign_in

    if status := sign_in.main(running(context, console), client, close, no_wait, json):
        raise Exit(code=status)


@task(help=RUNNING)
def log(context: Context, console: str = "", json: bool = False) -> None:
    """Print the last lines of a running box's log."""
    from undertow.console import commands

    commands.log(running(context, console), json)


@task(help=RUNNING)
def reboot(context: Context, console: str = "", json: bool = False) -> None:
    """Have a running box start anew."""
    from undertow.console import commands

    commands.reboot(running(context, console), json)


@task(
    help={
        "console": "as for provision",
        "name": "of the box, to be sure that it is this one",
        "json": "print one object",
    }
)
def wipe(context: Context, console: str = "", name: str = "", json: bool = False) -> None:
    """Have a running box forget its settings and its private key."""
    from undertow.console import commands

    # Its own name alone: one that was meant for another task must not confirm this.
    commands.wipe(running(context, console), name, json)


@task(
    positional=["action"],
    help={
        "action": "run, pair, add, list, remove, set or install; `undertow gateway` takes more",
        "name": "add, remove: of the box; set: of the gateway",
        "public_key": "add: of the box",
        "endpoint": "set: HOST[:PORT] by which boxes find the gateway",
        "state": "its folder; else UNDERTOW_GATEWAY, or /var/lib/undertow/gateway",
        "backend": "run, install: own or kernel",
        "json": "print objects",
    },
)
def gateway(
    _context: Context,
    action: str,
    name: str = "",
    public_key: str = "",
    endpoint: str = "",
    state: str = "",
    backend: str = "",
    json: bool = False,
) -> None:
    """Run the far end of the tunnel on this machine, and let boxes in."""
    from undertow import build, cli, setup

    setup.packages.ensure("build")
    build.build("cpython", *(("unix",) if action in ("run", "install") else ()))
    words = ["gateway", action]
    if name:
        words += ["--name", name] if action == "set" else [name]
    if action == "install":
        words.append("--print")
    given = {"public-key": public_key, "endpoint": endpoint, "state": state, "backend": backend}
    for flag, value in given.items():
        words += [f"--{flag}", value] if value else []
    raise Exit(code=cli.main([*words, *(["--json"] if json else [])]))


@task(
    help={
        "board": "the emulated board that is the box",
        "act": "hotel or censor, to see that alone; the second needs no network namespaces",
        "json": "print what was measured as one object instead of telling it",
    }
)
def demo(context: Context, board: str = "", act: str = "", json: bool = False) -> None:
    """Watch a new box being set up, carry a page past a hotel, and find ways past a censor."""
    from undertow import build, setup

    box = remembered(context, board=board)
    needs_lab = act != "censor"
    setup.packages.ensure("build", "boards", *(["lab"] if needs_lab else []))
    build.build("cpython", *(["unix"] if needs_lab else []), box.board)
    from undertow import demo

    raise Exit(code=demo.main(json, box.board, act))


@task(
    help={
        "name": "one of instructions, router, board, packets, boot, heap, throughput, handshakes, "
        "flash, laptop",
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
    {
        "box": {
            "board": "virt_rv32",
            "flash": "",
            "console": "",
            "config": "",
            "name": "",
            "pair": "",
            "room": "",
        }
    }
)

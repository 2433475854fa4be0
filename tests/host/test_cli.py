"""The command line: what it loads, how it ends, and what a chain of tasks is about."""

import contextlib
import io
import json
import os
import subprocess
import sys
from typing import Any

import pytest
from tests.host.conftest import Box
from tests.host.test_provisioning import config

from undertow import paths
from undertow.cli import chain, program
from undertow.cli.commands import COMMANDS
from undertow.errors import (
    EXIT_FAILURE,
    EXIT_INTERRUPTED,
    EXIT_MISMATCH,
    EXIT_NO_BOX,
    EXIT_USAGE,
)

# What --help has no use for: each takes more time to load than all of the rest.
HEAVY = ("rich", "serial", "segno", "esptool", "cryptography", "asyncio", "_wg", "wg", "pairing")
# What there is not on Windows.
UNIX_ONLY = ("fcntl", "termios", "pty", "tty", "pwd", "grp", "resource", "syslog")


def python(code: str, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code, *words],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=120,
        check=False,
        cwd=paths.ROOT,
    )


def undertow(*words: str) -> subprocess.CompletedProcess[str]:
    """The program in this process, which is quicker, with nobody at its standard input."""
    out, err = io.StringIO(), io.StringIO()
    before, sys.stdin = sys.stdin, io.StringIO()
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            status = program.main(words)
    except SystemExit as ended:  # argparse's way
        assert isinstance(ended.code, int)
        status = ended.code
    finally:
        sys.stdin = before
    return subprocess.CompletedProcess(words, status, out.getvalue(), err.getvalue())


def test_the_program_is_that_function() -> None:
    done = python("import sys; from undertow.cli import main; sys.exit(main())", "dance", "--json")
    assert done.returncode == EXIT_USAGE
    assert json.loads(done.stdout)["error"]["code"] == EXIT_USAGE


def test_help_loads_nothing_that_is_slow() -> None:
    done = python(
        "import sys\n"
        "from undertow.cli import main\n"
        "try:\n    main(['--help'])\nexcept SystemExit:\n    pass\n"
        "print(*sys.modules, sep='\\n', file=sys.stderr)\n"
    )
    loaded = {name.split(".")[0] for name in done.stderr.split()}
    assert "argparse" in loaded, "this test sees what is loaded"
    assert loaded.isdisjoint(HEAVY)
    for name in COMMANDS:
        assert name in done.stdout


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_command_has_a_help(command: str) -> None:
    done = undertow(command, "--help")
    assert (done.returncode, done.stderr) == (0, "")
    for flag in ("--json", "--debug"):
        assert flag in done.stdout


# Imports as on Windows: these modules are not there, nor is socket.AF_UNIX.
WINDOWS = (
    "import importlib, socket, sys\n"
    "class Absent:\n"
    "    def find_spec(self, name, path=None, target=None):\n"
    f"        if name in {UNIX_ONLY!r}:\n"
    "            raise ModuleNotFoundError(f'No module named {name!r}', name=name)\n"
    f"for name in {UNIX_ONLY!r}:\n"
    "    sys.modules.pop(name, None)\n"
    "import serial, serial.tools.list_ports, subprocess, tempfile, shutil, rich.console\n"
    f"for name in {UNIX_ONLY!r}:\n"
    "    sys.modules.pop(name, None)\n"
    "sys.meta_path.insert(0, Absent())\n"
    "del socket.AF_UNIX\n"
    "for name in sys.argv[1:]:\n"
    "    importlib.import_module(name)\n"
)


@pytest.mark.parametrize(
    "modules",
    [
        ("undertow.cli.provision", "undertow.provisioning", "undertow.reach"),
        ("undertow.cli.verify", "undertow.pairing.command"),
        ("undertow.cli.box", "undertow.console.commands", "undertow.console.status"),
        ("undertow.cli.flash", "undertow.flash.front"),
        ("undertow.cli.doctor", "undertow.doctor.command"),
        ("undertow.cli.ports", "undertow.flash.ports"),
    ],
)
def test_setting_a_box_up_needs_nothing_that_windows_has_not(modules: tuple[str, ...]) -> None:
    done = python(WINDOWS, *modules)
    assert done.returncode == 0, done.stderr


def test_that_test_sees_what_windows_has_not() -> None:
    done = python(WINDOWS, "undertow.board.flash")
    assert "No module named 'fcntl'" in done.stderr


@pytest.mark.parametrize(
    ("words", "status"),
    [
        ((), EXIT_USAGE),
        (("dance",), EXIT_USAGE),
        (("status", "--bogus"), EXIT_USAGE),
        (("status", "--console", "/dev/no-such-port"), EXIT_NO_BOX),
        (("provision", "--console", "/dev/no-such-port"), EXIT_USAGE),
        (("provision", "--console", "/dev/no-such-port", "--name", "x"), EXIT_NO_BOX),
        (("verify", "--console", "/dev/no-such-port"), EXIT_NO_BOX),
        (("verify", "--console", "x", "--room", "4711"), EXIT_USAGE),
        (("verify", "--console", "x", "--pair", "x", "--room", "4711"), EXIT_USAGE),
    ],
)
def test_each_failure_has_its_status_and_is_an_object_for_programs(
    words: tuple[str, ...], status: int
) -> None:
    done = undertow(*words, "--json") if words else undertow("--json")
    assert done.returncode == status
    error = json.loads(done.stdout)["error"]
    assert error["code"] == status
    assert error["what"] and error["why"] and error["mend"]
    assert done.stderr.startswith("error: ")
    assert "Traceback" not in done.stderr


def test_people_see_no_object_and_no_traceback() -> None:
    done = undertow("status", "--console", "/dev/no-such-port")
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 3


def test_a_traceback_is_for_who_asks_and_changes_no_status() -> None:
    done = undertow("status", "--console", "/dev/no-such-port", "--debug")
    assert done.returncode == EXIT_NO_BOX
    assert "Traceback" in done.stderr


def _main(monkeypatch: pytest.MonkeyPatch, error: BaseException, *words: str) -> int:
    from undertow.console import status

    def fail(*_: Any) -> None:
        raise error

    monkeypatch.setattr(status, "main", fail)
    return program.main(["status", "--console", "x", *words])


def test_ctrl_c_is_an_ordinary_end(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _main(monkeypatch, KeyboardInterrupt()) == EXIT_INTERRUPTED
    assert capsys.readouterr() == ("", "interrupted\n")
    assert _main(monkeypatch, KeyboardInterrupt(), "--json") == EXIT_INTERRUPTED
    assert json.loads(capsys.readouterr().out)["error"]["code"] == EXIT_INTERRUPTED


def test_a_fault_of_our_own_shows_nothing_that_it_held(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _main(monkeypatch, RuntimeError("the password is secret"), "--json") == EXIT_FAILURE
    out, err = capsys.readouterr()
    assert "RuntimeError" in out
    assert "secret" not in out + err
    assert "--debug" in json.loads(out)["error"]["mend"]


def test_other_keys_are_told_in_red(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from undertow.pairing.failure import MismatchError
    from undertow.terminal import colour

    styles: list[str] = []
    monkeypatch.setattr(colour, "say", lambda _text, style="", stream=None: styles.append(style))
    assert _main(monkeypatch, MismatchError("The codes differ")) == EXIT_MISMATCH
    assert styles == [colour.ALARM]


# --- several tasks in one run ---


def invoke(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    plain = {name: value for name, value in os.environ.items() if not name.startswith("INVOKE")}
    return subprocess.run(
        [sys.executable, "-m", "invoke", *words],
        cwd=paths.ROOT,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        env={**plain, **environment},
        timeout=120,
        check=False,
    )


def test_a_board_that_a_later_task_names_is_the_one_that_is_flashed() -> None:
    words = ("flash", "--dry-run", "provision", "--board", "virt_xtensa", "--config", "/no/such")
    assert invoke(*words).stdout.startswith("virt_xtensa\n")


def test_a_tasks_own_flag_is_before_that_of_another() -> None:
    done = invoke(
        *("flash", "--dry-run", "--board", "virt_rv32"),
        *("verify", "--board", "virt_xtensa", "--room", "x"),
    )
    assert done.stdout.startswith("virt_rv32\n")


def test_what_a_task_is_given_is_heard_before_the_environment() -> None:
    words = ("flash", "--dry-run", "verify", "--room", "x", "--board", "virt_rv32")
    assert invoke(*words, INVOKE_BOX_BOARD="virt_xtensa").stdout.startswith("virt_rv32\n")
    assert invoke(*words[:2], INVOKE_BOX_BOARD="virt_xtensa").stdout.startswith("virt_xtensa\n")


def test_what_is_settled_holds_for_the_tasks_that_follow() -> None:
    class Box(dict[str, str]):
        """As invoke's configuration."""

    box = Box(pair="", room="")
    assert chain.settle(box, {"pair": "home.example", "room": "4711"}) is box
    chain.settle(box, {"pair": "", "room": ""})
    assert box == {"pair": "home.example", "room": "4711"}
    chain._settled.clear()


@pytest.mark.parametrize("words", [("dance",), ("status", "--bogus"), ("status", "--console")])
def test_wrong_usage_of_tasks_ends_as_any_other(words: tuple[str, ...]) -> None:
    done = invoke(*words)
    assert done.returncode == EXIT_USAGE
    assert done.stderr.startswith("error: ")
    assert len(done.stderr.splitlines()) == 3


def test_a_box_on_a_console_is_set_up_from_the_command_line(box: Box) -> None:
    words = ("--console", box.line.socket_url, "--config", config(box), "--json")
    done = undertow("provision", *words)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["box"]["state"], told["verified"]) == ("live", "no")
    assert "Not verified" in done.stderr
    asked = undertow("verify", "--console", box.line.socket_url, "--json")
    assert asked.returncode == EXIT_MISMATCH
    assert json.loads(asked.stdout)["error"]["verification"]["state"] == "no"
    for command, key in (("log", "lines"), ("reboot", "done")):
        done = undertow(command, "--console", box.line.socket_url, "--json")
        assert key in json.loads(done.stdout)

"""Box, laptop and gateway as they are: three programs, and people at two of them."""

import json
import os
import pty
import re
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.host.conftest import Box

from undertow import paths
from undertow.errors import EXIT_INTERRUPTED, EXIT_MISMATCH, EXIT_REFUSED

PATIENCE_S = 30.0


class Gateway:
    """`undertow gateway pair`, with a program as its person."""

    def __init__(self, state: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self._state = ("--state", str(state))
        self._process = subprocess.Popen(
            [*self._words("pair"), "--listen", "127.0.0.1", "--port", str(self.port), "--json"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            cwd=paths.ROOT,
        )
        self.room = str(self.event("room")["room"])

    def _words(self, command: str) -> list[str]:
        return [sys.executable, "-m", "undertow.cli", "gateway", command, *self._state]

    def event(self, name: str) -> dict[str, Any]:
        """The next event, which is to be this one."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        found: dict[str, Any] = json.loads(line)
        assert found["event"] == name
        return found

    def answer(self, text: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(text + "\n")
        self._process.stdin.flush()

    def wait(self) -> int:
        return self._process.wait(PATIENCE_S)

    def close(self) -> None:
        self._process.kill()
        self._process.communicate()

    def boxes(self) -> list[str]:
        """Those that it knows."""
        done = subprocess.run(
            [*self._words("list"), "--json"], capture_output=True, text=True, cwd=paths.ROOT
        )
        assert done.returncode == 0, done.stderr
        return re.findall(r'"name": "(\w+)"', done.stdout[done.stdout.index("[") :])


class Laptop:
    """`undertow verify` on a terminal, with somebody in front of it."""

    def __init__(self, box: Box, gateway: Gateway, room: str = "") -> None:
        words = ("--console", box.line.socket_url, "--pair", f"127.0.0.1:{gateway.port}")
        words += ("--room", room or gateway.room)
        self.pid, self._terminal = pty.fork()
        if not self.pid:
            os.environ["TERM"] = "xterm"
            os.environ.pop("NO_COLOR", None)
            os.chdir(paths.ROOT)
            os.execv(sys.executable, [sys.executable, "-m", "undertow.cli", "verify", *words])
        self.said = ""

    def wait_for(self, text: str) -> None:
        end = time.monotonic() + PATIENCE_S
        while text not in self.said:
            assert self._hear(end), self.said

    def type(self, text: str) -> None:
        os.write(self._terminal, text.encode())

    def end(self) -> int:
        """Its status."""
        end = time.monotonic() + PATIENCE_S
        while self._hear(end):
            pass
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])

    def close(self) -> None:
        os.close(self._terminal)

    def _hear(self, end: float) -> bool:
        if not select.select([self._terminal], [], [], max(end - time.monotonic(), 0.0))[0]:
            os.kill(self.pid, signal.SIGKILL)
            raise AssertionError(f"it says nothing more: {self.said}")
        try:
            data = os.read(self._terminal, 4096)
        except OSError:  # how a terminal says that nobody is there any more
            return False
        self.said += data.decode()
        return bool(data)


@pytest.fixture
def named(box: Box) -> Box:
    """A box that has all but a gateway."""
    with box.console() as console:
        console.put("box", bytearray(b"[Box]\nName = attic\n"))
        console.keygen()
        check = console.check()
        console.commit(check.digest, check.missing)
    return box


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[Gateway]:
    made = Gateway(tmp_path / "gateway")
    yield made
    made.close()


@pytest.fixture
def laptop(named: Box, gateway: Gateway) -> Iterator[Laptop]:
    made = Laptop(named, gateway)
    yield made
    made.close()


def shown(laptop: Laptop) -> str:
    """The six digits on the terminal."""
    laptop.wait_for("Digits heard:")
    found = re.search(r"(\d{3}) (\d{3}) {5}", laptop.said)
    assert found is not None, laptop.said
    return found[1] + found[2]


def verified(box: Box) -> str:
    with box.console() as console:
        return console.hello().verified


def test_two_people_compare_and_both_ends_know_each_other(
    named: Box, gateway: Gateway, laptop: Laptop
) -> None:
    theirs = gateway.event("code")
    ours = shown(laptop)
    assert ours == theirs["digits"]
    assert "  ".join(theirs["words"]) in laptop.said
    gateway.answer(ours)
    laptop.type(f"{theirs['digits']}\n")
    assert laptop.end() == 0, laptop.said
    assert "\x1b[1;32mThe box 'attic' is verified with" in laptop.said
    assert gateway.wait() == 0
    assert gateway.boxes() == ["attic"]
    assert verified(named) == "yes"


def test_who_types_other_digits_is_warned_in_red_at_both_ends(
    named: Box, gateway: Gateway, laptop: Laptop
) -> None:
    gateway.event("code")
    laptop.type(f"{int(shown(laptop)) ^ 1:06}\n")
    assert laptop.end() == EXIT_MISMATCH
    assert "\x1b[1;31m" in laptop.said
    assert "SOMEONE MAY BE IN BETWEEN" in laptop.said
    assert gateway.wait() == EXIT_MISMATCH
    assert gateway.boxes() == []
    assert verified(named) == "no"


def test_a_no_at_the_gateway_ends_it_here(named: Box, gateway: Gateway, laptop: Laptop) -> None:
    code = gateway.event("code")["digits"]
    shown(laptop)
    gateway.answer("no")
    assert gateway.wait() == EXIT_MISMATCH
    laptop.type(f"{code}\n")
    assert laptop.end() == EXIT_MISMATCH
    assert verified(named) == "no"


def test_ctrl_c_ends_it_there(named: Box, gateway: Gateway, laptop: Laptop) -> None:
    gateway.event("code")
    shown(laptop)
    laptop.type("\x03")
    assert laptop.end() == EXIT_INTERRUPTED
    assert gateway.wait() not in (0, EXIT_MISMATCH)
    assert gateway.boxes() == []
    assert verified(named) == "no"


def test_a_number_that_was_misheard_uses_nothing_up(named: Box, gateway: Gateway) -> None:
    other = f"{(int(gateway.room) + 1) % 10_000:04}"
    lost = Laptop(named, gateway, other)
    assert lost.end() == EXIT_REFUSED
    assert f"has no room {other}" in lost.said
    lost.close()
    found = Laptop(named, gateway)
    code = gateway.event("code")["digits"]
    shown(found)
    gateway.answer(code)
    found.type(f"{code}\n")
    assert found.end() == 0, found.said
    found.close()

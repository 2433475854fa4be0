"""Box, laptop and gateway as they are: three programs, and people at two of them."""

import json
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.host.conftest import Box
from tests.support.terminal import Terminal

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


class Laptop(Terminal):
    """`undertow verify`, with somebody in front of it."""

    def __init__(self, box: Box, gateway: Gateway, room: str = "") -> None:
        words = ("--console", box.line.socket_url, "--pair", f"127.0.0.1:{gateway.port}")
        words += ("--room", room or gateway.room)
        super().__init__([sys.executable, "-m", "undertow.cli", "verify", *words])


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
    with Laptop(named, gateway) as made:
        yield made


def shown(laptop: Laptop) -> str:
    """The six digits on the terminal."""
    laptop.wait_for("Digits heard:")
    found = laptop.wait_for(r"(\d{3}) (\d{3}) {5}")
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
    assert "  ".join(theirs["words"]) in laptop.raw()
    gateway.answer(ours)
    laptop.type(theirs["digits"])
    assert laptop.wait() == 0, laptop.raw()
    assert "\x1b[1;32mThe box 'attic' is verified with" in laptop.raw()
    assert gateway.wait() == 0
    assert gateway.boxes() == ["attic"]
    assert verified(named) == "yes"


def test_who_types_other_digits_is_warned_in_red_at_both_ends(
    named: Box, gateway: Gateway, laptop: Laptop
) -> None:
    gateway.event("code")
    laptop.type(f"{int(shown(laptop)) ^ 1:06}")
    assert laptop.wait() == EXIT_MISMATCH
    assert "\x1b[1;31m" in laptop.raw()
    assert "SOMEONE MAY BE IN BETWEEN" in laptop.raw()
    assert gateway.wait() == EXIT_MISMATCH
    assert gateway.boxes() == []
    assert verified(named) == "no"


def test_a_no_at_the_gateway_ends_it_here(named: Box, gateway: Gateway, laptop: Laptop) -> None:
    code = gateway.event("code")["digits"]
    shown(laptop)
    gateway.answer("no")
    assert gateway.wait() == EXIT_MISMATCH
    laptop.type(code)
    assert laptop.wait() == EXIT_MISMATCH
    assert verified(named) == "no"


def test_ctrl_c_ends_it_there(named: Box, gateway: Gateway, laptop: Laptop) -> None:
    gateway.event("code")
    shown(laptop)
    laptop.interrupt()
    assert laptop.wait() == EXIT_INTERRUPTED
    assert gateway.wait() not in (0, EXIT_MISMATCH)
    assert gateway.boxes() == []
    assert verified(named) == "no"


def test_a_number_that_was_misheard_uses_nothing_up(named: Box, gateway: Gateway) -> None:
    other = f"{(int(gateway.room) + 1) % 10_000:04}"
    with Laptop(named, gateway, other) as lost:
        assert lost.wait() == EXIT_REFUSED
        assert f"has no room {other}" in lost.shown()
    with Laptop(named, gateway) as found:
        code = gateway.event("code")["digits"]
        shown(found)
        gateway.answer(code)
        found.type(code)
        assert found.wait() == 0, found.shown()

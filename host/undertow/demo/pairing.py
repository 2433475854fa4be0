"""The new box and its gateway get to know each other: both show a code, and two people compare it.

Here the demo is both people: it reads both codes, and tells each end what the other one shows.
"""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from undertow.board.hotel import GATEWAY, GATEWAY_PORT
from undertow.console import Console
from undertow.demo.home import Home
from undertow.lab import LabError, Namespace
from undertow.pairing.address import Meeting
from undertow.pairing.run import Run
from undertow.run import ending_with_us
from undertow.terminal import figures


@dataclass(frozen=True)
class Code:
    """What one end shows."""

    digits: str
    words: tuple[str, ...]

    def as_row(self, end: str) -> tuple[str, ...]:
        return end, figures.grouped(self.digits), "  ".join(self.words)


class Room:
    """`undertow gateway pair`, in the hands of a program."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.number = str(self.event("room")["room"])

    def event(self, name: str) -> dict[str, Any]:
        """What it says next under this name. LabError: it ends before."""
        assert self._process.stdout is not None
        heard = ""
        for heard in self._process.stdout:
            found = json.loads(heard) if heard.startswith('{"event"') else {}
            if found.get("event") == name:
                return dict(found)
        raise LabError("the gateway does not pair", f"its last word was: {heard or 'none'}")

    def code(self) -> Code:
        found = self.event("code")
        return Code(str(found["digits"]), tuple(found["words"]))

    def type(self, digits: str) -> None:
        """What the person there has heard."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{digits}\n")
        self._process.stdin.flush()


@contextmanager
def open_room(home: Home) -> Iterator[Room]:
    """A gateway that waits for a box, for the length of a with block."""
    inside = ["ip", "netns", "exec", home.where.name, *home.command("pair", "--json")]
    pipe = subprocess.PIPE
    with subprocess.Popen(
        ending_with_us(inside), stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, text=True
    ) as process:
        try:
            yield Room(process)
            process.wait()
        finally:
            process.terminate()


def agree(run: Run, room: Room, laptop: Namespace) -> tuple[Code, Code]:
    """Exchange keys; what the box shows, and what the gateway shows."""
    with laptop.entered():
        shown = run.agree()
    return Code(shown.digits, shown.words), room.code()


def confirm(run: Run, room: Room, here: Code, there: Code) -> None:
    """Each end hears the other's code. LabError: they differ, or one end does not take it."""
    if here != there:
        raise LabError("the codes differ", "somebody is in between")
    room.type(here.digits)
    run.confirm(there.digits)
    if not run.finish():
        raise LabError("the gateway did not store the box", "it said so")
    room.event("paired")


def begin(console: Console, room: Room, name: str) -> Run:
    """The laptop's part, which only carries."""
    return Run(console, Meeting(GATEWAY, GATEWAY_PORT, room.number), name)

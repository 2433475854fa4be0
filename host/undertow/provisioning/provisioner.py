"""Giving a box what it is to have, over its console: only what differs, taken over all at once."""

import hashlib
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from types import FrameType
from typing import Any

from undertow.console import Check, Console, Hello
from undertow.errors import EXIT_MISMATCH, UndertowError
from undertow.provisioning.gateway import Snippets
from undertow.provisioning.problem import Problem, RefusedError
from undertow.provisioning.settings import Settings

# A box that was given something runs by it at once; one that cannot says why in its status.
LIVE_S = 5.0
LOOK_EVERY_S = 0.1

# What each step says while it is done.
Tell = Callable[[str], object]


@dataclass(frozen=True)
class Result:
    """What came of it.

    sent: the documents that differed; none: the box had everything already.
    problem: why the box does not run by it, as its status has it.
    """

    box: Hello
    public_key: str
    sent: tuple[str, ...]
    gateway: Snippets
    notes: tuple[Problem, ...] = field(default=())
    problem: dict[str, Any] | None = None

    def as_object(self) -> dict[str, Any]:
        """For programs."""
        return {
            "box": asdict(self.box),
            "public_key": self.public_key,
            "changed": bool(self.sent),
            "sent": list(self.sent),
            "gateway": asdict(self.gateway),
            "notes": [asdict(note) for note in self.notes],
            "problem": self.problem,
        }


def provision(console: Console, settings: Settings, tell: Tell) -> Result:
    """Make the box have these settings. The box changes in one step at the end, or not at all.

    An attempt that broke off is gone on with: what arrived is not sent again.
    RefusedError: all that the box finds wrong with them. UndertowError: it did not work.
    """
    box = console.hello()
    who = f"The box '{box.name}'" if box.name else "A new box"
    tell(f"{who} answers: {box.board}, firmware {box.firmware}.")
    try:
        before = console.check()
        sent = _give(console, settings, before, tell)
        after = console.check() if sent else before
    except KeyboardInterrupt:
        tell("Interrupted. The box runs as it did before; running this again goes on from here.")
        raise
    _see_that_it_is_whole(settings, after)
    if sent or box.state not in ("ready", "live"):
        with _uninterrupted():
            console.commit(after.digest)
            tell("It has taken over everything.")
    now = _live(console)
    return Result(
        box=now,
        public_key=after.public or "",
        sent=sent,
        gateway=Snippets.make(after.public or "", settings.tunnel),
        notes=(*settings.tunnel.notes, *_unused_key(settings, after.public)),
        problem=None if now.state == "live" else console.status().get("problem"),
    )


def _unused_key(settings: Settings, public: str | None) -> list[Problem]:
    if settings.unused is None or settings.unused == public:
        return []
    why = "its PrivateKey was not given to the box, which has its own"
    mend = "If the gateway expects the one in the file, run this again with --import-key."
    return [Problem("note", why, mend, settings.tunnel.name)]


def _live(console: Console) -> Hello:
    """The box once it runs by what it has; after a while as it is then."""
    end = time.monotonic() + LIVE_S
    while (box := console.hello()).state != "live" and time.monotonic() < end:
        time.sleep(LOOK_EVERY_S)
    return box


def _give(console: Console, settings: Settings, before: Check, tell: Tell) -> tuple[str, ...]:
    sent = []
    for name, content in (("box", settings.box), ("tunnel", settings.tunnel.document)):
        if before.documents.get(name) != hashlib.sha256(content).hexdigest():
            tell(f"Giving it the document '{name}', {len(content)} bytes.")
            console.put(name, content)
            sent.append(name)
    if settings.key is not None:
        if before.public != settings.public:
            tell("Giving it its private key.")
            console.put("key", settings.key)
            sent.append("key")
    elif before.public is None:
        tell("Having it make its own private key.")
        console.keygen()
        sent.append("key")
    return tuple(sent)


def _see_that_it_is_whole(settings: Settings, check: Check) -> None:
    problems = [_problem(settings, each) for each in check.problems]
    if check.more:
        problems.append(Problem("more", f"the box finds {check.more} besides", "Begin with these."))
    problems += [
        Problem(f"'{name}'", "the box does not have it", "Run this again.")
        for name in check.missing
        if not problems
    ]
    if problems:
        raise RefusedError(
            f"The box cannot use {settings.tunnel.name}",
            problems,
            "Mend what is named and run this again. The box runs as it did before.",
        )
    if settings.public and check.public != settings.public:
        raise UndertowError(
            "The box has another key than it was given",
            "Its public key is not the one that goes with the private key.",
            "Run this again.",
            EXIT_MISMATCH,
        )


def _problem(settings: Settings, found: dict[str, Any]) -> Problem:
    """What the box found, with the place where the user wrote it."""
    what, why, mend = (str(found.get(word)) for word in ("what", "why", "mend"))
    if found.get("k") == "tunnel":
        return Problem(what, why, mend, settings.tunnel.name, found.get("line"))
    return Problem(what, why, mend)


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Ctrl-C waits until the block is over: nobody is left not knowing what the box took over."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[int] = []

    def keep(number: int, _frame: FrameType | None) -> None:
        came.append(number)

    before = signal.signal(signal.SIGINT, keep)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if came:
        raise KeyboardInterrupt

"""Giving a box what it is to have, over its console: only what differs, taken over all at once."""

import hashlib
import time
from collections.abc import Callable
from typing import Any

from undertow.console import Check, Console, Hello
from undertow.console.problem import Problem, RefusedError
from undertow.errors import EXIT_MISMATCH, UndertowError
from undertow.provisioning import access_point, box_document
from undertow.provisioning.box_document import BoxWanted
from undertow.provisioning.result import Result
from undertow.provisioning.settings import Settings
from undertow.provisioning.snippets import Snippets
from undertow.provisioning.wanted import NO_TUNNEL
from undertow.terminal import interrupt
from wg.keytext import wipe

BOX, TUNNEL, KEY = "box", "tunnel", "key"

# A box that was given something runs by it at once; one that cannot says why in its status.
LIVE_S = 5.0
LOOK_EVERY_S = 0.1

# What each step says while it is done.
Tell = Callable[[str], object]


def provision(console: Console, settings: Settings, tell: Tell) -> Result:
    """Make the box have these settings. The box changes in one step at the end, or not at all.

    An attempt that broke off is gone on with: what arrived is not sent again. What arrived and is
    not wanted by this one is taken back.
    RefusedError: all that the box finds wrong with them. UndertowError: it did not work.
    """
    box = console.hello()
    who = f"The box '{box.name}'" if box.name else "A new box"
    tell(f"{who} answers: {box.board}, firmware {box.firmware}.")
    is_new = box.name is None  # nothing was ever committed
    wanted = _named(settings.box or (settings.suggested if is_new else None), settings, box)
    try:
        before = _begin(console, settings, box)
        if settings.tunnel is None and not settings.pairs and TUNNEL not in before.documents:
            raise NO_TUNNEL
        made = None if wanted is None else access_point.make(wanted, box)
        notes = tuple(access_point.notes(wanted, box))
        sent = _give(console, settings, wanted, is_new, before, tell)
        after = console.check() if sent else before
        _see_that_it_is_whole(console, settings, after)
    except KeyboardInterrupt:
        tell("Interrupted. The box runs as it did before; running this again goes on from here.")
        raise
    if BOX in sent and after.documents[BOX] == before.documents.get(BOX):
        sent = tuple(name for name in sent if name != BOX)  # all that it names is as it was
        if not sent and box.state in ("ready", "live"):
            _take_back(console, [BOX])
    if sent or box.state not in ("ready", "live"):
        with interrupt.delayed():
            settings.made = made  # before: the answer to a commit can be lost
            console.commit(after.digest, after.missing)
            tell("It has taken over everything.")
    has_tunnel = TUNNEL in after.documents
    now = _live(console) if has_tunnel else console.hello()
    public = after.public or ""
    return Result(
        box=now,
        public_key=public,
        sent=sent,
        has_tunnel=has_tunnel,
        gateway=Snippets.make(public, settings.tunnel, now.name) if settings.tunnel else None,
        notes=(
            *settings.notes,
            *_unused_key(settings, after.public),
            *(_problem(settings, each) for each in after.notes),
            *notes,
        ),
        problem=None if now.state == "live" else console.status().get("problem"),
    )


def _named(wanted: BoxWanted | None, settings: Settings, box: Hello) -> BoxWanted | None:
    """A box that gets no name keeps the one that it has."""
    if wanted is not None:
        wanted.name = (
            wanted.name or box.name or settings.suggested.name or box_document.default_ssid(box.mac)
        )
    return wanted


def _unused_key(settings: Settings, public: str | None) -> list[Problem]:
    if settings.tunnel is None or settings.unused is None or settings.unused == public:
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


def _begin(console: Console, settings: Settings, box: Hello) -> Check:
    """What the box has, without what an earlier attempt gave it and this one leaves alone."""
    before = console.check()
    if box.state != "partial":
        return before
    names = [] if settings.box is not None or box.name is None else [BOX]
    names += [] if settings.tunnel is not None or TUNNEL not in before.documents else [TUNNEL]
    names += [KEY] if settings.key is None and before.has_given_key else []
    _take_back(console, names)
    return console.check() if names else before


def _take_back(console: Console, names: list[str]) -> None:
    for name in names:
        console.drop(name)


def _give(
    console: Console,
    settings: Settings,
    wanted: BoxWanted | None,
    is_new: bool,
    before: Check,
    tell: Tell,
) -> tuple[str, ...]:
    """Send what differs; the names of what was sent."""
    sent = []
    if wanted is not None:
        document = box_document.compose(wanted, keeps=not is_new)
        try:
            if _send(console, BOX, document, before, tell):
                sent.append(BOX)
        finally:
            wipe(document)
    tunnel = settings.tunnel
    if tunnel is not None and _send(console, TUNNEL, tunnel.document, before, tell):
        sent.append(TUNNEL)
    if settings.key is not None:
        if before.public != settings.public:
            tell("Giving it its private key.")
            console.put(KEY, settings.key)
            sent.append(KEY)
    elif before.public is None:
        tell("Having it make its own private key.")
        console.keygen()
        sent.append(KEY)
    return tuple(sent)


def _send(console: Console, name: str, content: bytearray, before: Check, tell: Tell) -> bool:
    """Whether it differed and was sent."""
    if before.documents.get(name) == hashlib.sha256(content).hexdigest():
        return False
    tell(f"Giving it the document '{name}', {len(content)} bytes.")
    console.put(name, content)
    return True


def _see_that_it_is_whole(console: Console, settings: Settings, check: Check) -> None:
    """What is refused leaves nothing behind in the box that a later attempt could take over."""
    problems = [_problem(settings, each) for each in check.problems]
    if check.more:
        problems.append(Problem("more", f"the box finds {check.more} besides", "Begin with these."))
    problems += [
        Problem(f"'{name}'", "the box does not have it", "Run this again.")
        for name in check.missing
        if not problems and not (name == TUNNEL and settings.pairs)
    ]
    if problems:
        _take_back(console, [BOX, TUNNEL, KEY])
        raise RefusedError(
            f"The box cannot use {settings.source}",
            problems,
            "Mend what is named and run this again. The box runs as it did before.",
        )
    if settings.public and check.public != settings.public:
        _take_back(console, [BOX, TUNNEL, KEY])
        raise UndertowError(
            "The box has another key than it was given",
            "Its public key is not the one that goes with the private key.",
            "Run this again.",
            EXIT_MISMATCH,
        )


def _problem(settings: Settings, found: dict[str, Any]) -> Problem:
    """What the box found, with the place where the user wrote it."""
    what, why, mend = (str(found.get(word)) for word in ("what", "why", "mend"))
    if found.get("k") == TUNNEL and settings.tunnel is not None:
        return Problem(what, why, mend, settings.tunnel.name, found.get("line"))
    return Problem(what, why, mend)

"""`undertow sign-in`: let one client see a network's sign-in page, and watch while it does."""

import contextlib
import json as json_text
import sys
import time
from typing import Any

from undertow.console.client import Console, Object
from undertow.console.status import NO_CONSOLE
from undertow.errors import EXIT_IN_THE_WAY
from undertow.terminal import colour

OPEN, LOOKING = "open", "looking"
# Why a window ends when all went well.
TUNNEL = "the tunnel is up"
_LOOK_EVERY_S = 0.5
# A box looks for 15 s (firmware/box/sign_in_search.py).
LOOKING_S = 30.0


def main(
    url: str, client: str = "", close: bool = False, no_wait: bool = False, json: bool = False
) -> int:
    """Open the window, and wait until it is closed again; the exit status: 0: the tunnel is up.

    client: its address or MAC; empty: the only one. close: close it instead. no_wait: come back
    as soon as it is open.
    """
    if not url:
        raise NO_CONSOLE
    with Console(url) as console:
        console.hello()
        if close:
            told = console.sign_in("close")
        else:
            told = _open(console, client, json)
            if not no_wait and told["state"] == OPEN:
                told = _watch(console, told, json)
    if json:
        print(json_text.dumps(told, indent=2, sort_keys=True))
    else:
        _conclude(told)
    is_well = close or told["state"] == OPEN or told.get("why") == TUNNEL
    return 0 if is_well else EXIT_IN_THE_WAY


def words(told: Any) -> str:
    """How it is with the window: one line for people."""
    if told.get("state") == LOOKING:
        return "looking for this network's page"
    if told.get("state") == OPEN:
        page = ", ".join(str(each) for each in told.get("page") or ())
        return f"OPEN for {told.get('client')} ({told.get('mac')}), {told.get('left_s')} s: {page}"
    if told.get("why"):
        return f"closed: {told['why']}"
    return "this network wants one" if told.get("wanted") else ""


def _open(console: Console, client: str, json: bool) -> Object:
    told = console.sign_in("open", client)
    if not json:
        colour.say("The box looks for this network's sign-in page.")
    try:
        ends = time.monotonic() + LOOKING_S
        while told["state"] == LOOKING and time.monotonic() < ends:
            time.sleep(_LOOK_EVERY_S)
            told = console.sign_in("look")
    except KeyboardInterrupt:
        console.sign_in("close")  # or it would open later, with nobody there to see
        raise
    if told["state"] == LOOKING:
        told = {**console.sign_in("close"), "why": f"no page was found in {LOOKING_S:g} s"}
    return told


def _watch(console: Console, told: Object, json: bool) -> Object:
    if not json:
        colour.say(f"The window is {words(told)}", colour.WARNING)
        colour.say("Open any http:// page there and sign in. Ctrl-C closes the window.")
    try:
        while told["state"] == OPEN:
            _show_left(told, json)
            time.sleep(_LOOK_EVERY_S)
            told = console.sign_in("look")
    except KeyboardInterrupt:
        told = console.sign_in("close")
    finally:
        if not json and sys.stderr.isatty():
            print("\r\33[K", end="", file=sys.stderr, flush=True)
    return told


def _show_left(told: Object, json: bool) -> None:
    if not json and sys.stderr.isatty():
        with contextlib.suppress(OSError):
            print(f"\r{told.get('left_s')} s left \33[K", end="", file=sys.stderr, flush=True)


def _conclude(told: Object) -> None:
    if told["state"] == OPEN:
        colour.say(f"The window is {words(told)}", colour.WARNING)
    elif told.get("why") == TUNNEL:
        colour.say("Signed in: the tunnel is up, and the window is closed.", colour.GOOD)
    else:
        colour.say(f"The window is closed: {told.get('why') or 'nothing was open'}.")

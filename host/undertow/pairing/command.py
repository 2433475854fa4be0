"""`undertow verify`: pair a box with a gateway and compare the code, or say whether it was done."""

import json as json_text
import sys
from time import sleep
from typing import Any

from pairing.code import read_digits
from undertow.console import Console, Hello
from undertow.errors import EXIT_REFUSED, EXIT_USAGE, UndertowError
from undertow.pairing import verification
from undertow.pairing.address import Meeting, read
from undertow.pairing.run import Run, Shown
from undertow.reach import reach
from undertow.terminal import colour, figures, prompt

_DIGITS_MEND = (
    "Run this on a terminal, or with --digits-from-stdin, and write the digits that were heard "
    "there once the code is shown."
)


def main(
    console_url: str,
    board: str = "",
    flash_file: str = "",
    pair: str = "",
    room: str = "",
    json: bool = False,
    digits_from_stdin: bool = False,
) -> None:
    """Pair if a gateway is named, and tell whether the box is verified.

    console_url, board, flash_file: see undertow.reach. pair, room: see address.read.
    digits_from_stdin: a program writes what was heard.
    UndertowError: MismatchError, NotVerifiedError, or it did not work.
    """
    meeting = read(pair, room) if pair or room else None
    if meeting is not None and not digits_from_stdin:
        prompt.require_person("The code of the other end", _DIGITS_MEND)
    with reach(console_url, board, flash_file) as url, Console(url) as console:
        result = _asked(console) if meeting is None else _paired(console, meeting)
    if json:
        print(json_text.dumps(result, indent=2))
        return
    name, gateway, peer = result["name"], result["gateway"], result["peer"]
    colour.say(f"The box '{name}' is verified with '{gateway}'.", colour.GOOD, sys.stdout)
    print(f"The gateway's key is {peer}")
    print(f"The box's key is {result['public_key']}")


def _asked(console: Console) -> dict[str, Any]:
    box = console.hello()
    found = verification.ask(console, box)
    verification.require(found, box.name)
    return {"name": box.name, "public_key": console.check().public, **found}


def _paired(console: Console, meeting: Meeting) -> dict[str, Any]:
    box = console.hello()
    if box.name is None or box.state == "partial":
        raise UndertowError(
            "The box has no settings yet" if box.name is None else "The box is half provisioned",
            "It is paired once it has a name, its networks and its key.",
            f"Run `undertow provision --pair {meeting} --room {meeting.room}` first.",
            EXIT_REFUSED,
        )
    before = _unlocked(console, box)
    colour.say(f"Pairing the box '{box.name}' with the gateway at {meeting}, room {meeting.room}.")
    with Run(console, meeting, box.name) as run:
        _show(run.agree(), before)
        _compare(run)
        colour.say("The code is right here. Waiting for the person at the gateway to say so ...")
        if not run.finish():
            colour.say(
                "The gateway did not say that it has stored the box. If no packets flow, pair "
                "again.",
                colour.WARNING,
            )
    return {**_asked(console), "machine_ms": round(run.machine_s * 1000)}


def _unlocked(console: Console, box: Hello) -> dict[str, Any]:
    """What the box says of its verification, once it pairs again; nobody else is kept waiting.

    An emulated box lives as long as the command, and at its next start the wait begins anew.
    """
    while (found := verification.ask(console, box)).get("locked_s") and prompt.has_person():
        seconds = int(found["locked_s"])
        colour.say(
            f"A pairing has failed, so the box refuses for {seconds} s more. Waiting; Ctrl-C gives "
            "up ...",
            colour.WARNING,
        )
        sleep(seconds)
    return found


def _show(shown: Shown, before: dict[str, Any]) -> None:
    colour.say(f"The other end says that it is '{shown.name}', with the key {shown.public}.\n")
    _compare_with(before, shown)
    figures.show_code(shown.digits, shown.words)
    colour.say(
        "Have the person at the gateway, whose voice or face you know, read out the code that is "
        "shown there,\nand type the six digits that you HEAR. Type 'no' if it is another one."
    )


def _compare_with(before: dict[str, Any], shown: Shown) -> None:
    """Say in red whose key is another one than two people have compared once."""
    gateway, peer = before.get("gateway"), before.get("peer")
    if peer is not None and peer != shown.public:
        colour.say(
            f"KEY CHANGED: the box was verified with '{gateway}', and this is another key than "
            "that one's. If you did not mean to\nchange the gateway, and nobody made a new key "
            "there, somebody wants to be taken for it: then type 'no'.\n",
            colour.ALARM,
        )
    if before.get("own_changed"):
        colour.say(
            f"KEY CHANGED: the box's own key is another one than when it was verified with "
            f"'{gateway}'.\n",
            colour.ALARM,
        )


def _compare(run: Run) -> None:
    """Until six digits are typed, or that they differ. What is mistyped is not compared."""
    while True:
        heard = _heard()
        if heard.lower() in ("no", "n"):
            raise run.deny()
        digits = read_digits(heard)
        if digits is not None:
            run.confirm(digits)
            return
        colour.say("That is not six digits.")


def _heard() -> str:
    print("Digits heard:", end=" ", file=sys.stderr, flush=True)
    try:
        line = sys.stdin.readline()
    except KeyboardInterrupt:
        colour.say(
            "\nGiven up. Nothing was stored; as a code was shown, both ends refuse for a while."
        )
        raise
    if not line:
        raise UndertowError(
            "The pairing was given up",
            "Instead of the digits the input ended. Nothing was stored; as a code was shown, both "
            "ends refuse for 60 s.",
            _DIGITS_MEND,
            EXIT_USAGE,
        )
    return line.strip()

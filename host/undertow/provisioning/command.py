"""`undertow provision`: give a box its settings, and tell what came of it."""

import json as json_text
import sys
from dataclasses import replace

from undertow.console import Console
from undertow.pairing import address
from undertow.pairing.address import Meeting
from undertow.pairing.verification import CHANGED, YES
from undertow.provisioning.access_point import AccessPoint
from undertow.provisioning.provisioner import provision
from undertow.provisioning.result import Result
from undertow.provisioning.settings import read
from undertow.provisioning.wanted import Wanted
from undertow.provisioning.wifi import qr_text
from undertow.reach import reach
from undertow.terminal import colour, prompt, qr


def main(
    wanted: Wanted,
    console_url: str,
    board: str = "",
    flash_file: str = "",
    json: bool = False,
    with_qr: bool = False,
    pair: str = "",
    room: str = "",
) -> None:
    """Provision and tell what came of it.

    console_url, board, flash_file: see undertow.reach. with_qr: show codes, too. pair,
    room: the gateway that it is to be paired with afterwards (undertow.pairing.address).
    UndertowError: it did not work.
    """
    meeting = address.read(pair, room) if pair or room else None
    settings = read(replace(wanted, pairs=meeting is not None))
    try:
        with reach(console_url, board, flash_file) as url, Console(url) as console:
            result = provision(console, settings, colour.say)
    finally:
        if settings.made is not None:
            _tell_once(settings.made, with_qr)
        settings.wipe()
    if json:
        print(json_text.dumps(result.as_object(), indent=2))
    else:
        print(result.as_text())
    if with_qr and result.gateway is not None:
        stream = sys.stderr if json else sys.stdout
        print("\nThe box as a [Peer] of the gateway; nothing in this code is secret:", file=stream)
        qr.show(result.gateway.peer, stream)
    named = {"--board": board, "--flash": flash_file}
    if console_url:
        named = {"--console": console_url}
    where = "".join(f"{flag} {value} " for flag, value in named.items() if value)
    _tell_verification(result, meeting, where)


def _tell_once(own: AccessPoint, with_qr: bool) -> None:
    """On the terminal, and nowhere that is kept."""
    password = own.password.decode()
    colour.say(f"\nIts own Wi-Fi is called '{own.ssid}', with the password")
    colour.say(f"    {password}", colour.GOOD)
    colour.say("It is shown this once: write it down.")
    question = "Show it as a QR code, which everybody in sight of the screen can read, too?"
    if with_qr and prompt.confirm(question):
        qr.show(qr_text(own.ssid, password), sys.stderr)


def _tell_verification(result: Result, meeting: Meeting | None, where: str) -> None:
    """where: the flags that named the box."""
    if result.box.verified == YES:
        colour.say(
            "Verified: the keys at both ends are those that two people compared.", colour.GOOD
        )
    elif result.box.verified == CHANGED:
        colour.say(
            "A KEY HAS CHANGED since two people compared them: the box is not verified. If "
            "you did not mean that, someone may be in between. Pair again to compare the new keys.",
            colour.ALARM,
        )
    elif meeting is not None:
        colour.say(
            "Not verified, and without a tunnel until it is: "
            f"undertow verify {where}--pair {meeting} --room {meeting.room}",
            colour.WARNING,
        )
    else:
        colour.say(
            "Not verified: nobody has compared the keys of the two ends. With a gateway of ours: "
            "`undertow gateway pair` there, and `undertow verify` here.",
            colour.WARNING,
        )

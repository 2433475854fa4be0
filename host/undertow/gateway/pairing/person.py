"""The person at the gateway: what is shown to them, and what they answer."""

import json
import os
import sys
import termios
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from pairing.code import Code, read_digits
from undertow.terminal import colour, figures

YES, NO, GONE = "yes", "no", "gone"

NEW, SAME, CHANGED, OWN_CHANGED = "new", "same key", "KEY CHANGED", "OWN KEY CHANGED"


@dataclass(frozen=True)
class Guesthood:
    """Who says it is there, before anything is proven.

    standing: NEW, SAME, CHANGED, or OWN_CHANGED: the box is the same, and this gateway is not.
    """

    name: str
    source: str
    board: str
    public_key: str
    standing: str
    known_as: str = ""


class Person(Protocol):
    def opened(self, room: str, commands: Sequence[str], port: int, notes: Sequence[str]) -> None:
        """A room is open. commands: what to type at the box's end."""

    def compare(self, code: Code, guest: Guesthood) -> None:
        """Show the code and ask."""

    def confirmed_there(self) -> None: ...
    def confirmed_here(self) -> None: ...
    def leave(self, is_interrupted: bool) -> None:
        """It is over before they have confirmed."""

    def fileno(self) -> int: ...
    def answers(self) -> list[str]:
        """What came since: YES, NO, six digits, or GONE; what is none of them is asked again."""


class _Lines:
    """Standard input by lines, without waiting for one."""

    def __init__(self) -> None:
        self._rest = b""

    def fileno(self) -> int:
        return sys.stdin.fileno()

    def forget(self) -> None:
        """Nothing counts that was typed before now."""
        self._rest = b""
        if os.isatty(self.fileno()):
            termios.tcflush(self.fileno(), termios.TCIFLUSH)

    def take(self) -> list[str] | None:
        """Whole lines; None: there will be no more."""
        data = os.read(self.fileno(), 4096)
        if not data:
            return None
        *whole, self._rest = (self._rest + data).split(b"\n")
        self._rest = self._rest[-256:]
        return [line.decode(errors="replace").strip() for line in whole]


class AtTerminal:
    """Large figures, and questions; everything on standard error."""

    def __init__(self) -> None:
        self._lines = _Lines()
        self._must_type = False
        self._is_asked = False  # the cursor stands behind a question

    def opened(self, room: str, commands: Sequence[str], port: int, notes: Sequence[str]) -> None:
        colour.say("")
        figures.show(room)
        colour.say(f"\nRoom {room} is open for ten minutes. At the box's end, type:\n")
        for command in commands:
            colour.say(f"    {command}", "bold cyan")
        colour.say(f"\nIt comes in by TCP port {port}. Waiting. Ctrl-C closes the room.")
        for note in notes:
            colour.say(note, colour.WARNING)

    def compare(self, code: Code, guest: Guesthood) -> None:
        self._must_type = guest.standing in (CHANGED, OWN_CHANGED)
        board = f", {guest.board}" if guest.board else ""
        colour.say(f"\nA box is here that calls itself '{guest.name}'{board}, from {guest.source}.")
        if guest.standing == CHANGED:
            colour.say(
                f"KEY CHANGED: the box '{guest.known_as}' had another key until now. If it was not "
                "wiped or replaced, somebody wants to be taken for it: then answer no.",
                colour.ALARM,
            )
        elif guest.standing == OWN_CHANGED:
            colour.say(
                f"KEY CHANGED: this gateway had another key when it was compared with "
                f"'{guest.known_as}'. If nobody made a new one here, answer no.",
                colour.ALARM,
            )
        elif guest.standing == SAME:
            colour.say(f"Its key is known here, as '{guest.known_as}'.")
        colour.say("")
        figures.show_code(code.digits, code.words)
        colour.say(
            "Have the person at the box, whose voice or face you know, read out the code that is "
            "shown there."
        )
        # A "yes" from before the code was there is an answer to something else.
        self._lines.forget()
        self._ask()

    def confirmed_there(self) -> None:
        colour.say("\nThe other end has confirmed. Your answer is missing.")
        self._ask()

    def confirmed_here(self) -> None:
        colour.say("Confirmed here; waiting for the other end.")

    def leave(self, is_interrupted: bool) -> None:
        if self._is_asked:
            colour.say("")
            if is_interrupted:
                colour.say(
                    "Given up. Nothing has been stored; a code was shown, so there is a minute to "
                    "wait."
                )

    def fileno(self) -> int:
        return self._lines.fileno()

    def answers(self) -> list[str]:
        lines = self._lines.take()
        if lines is None:
            return [GONE]
        self._is_asked = False
        return [answer for line in lines if (answer := self._understand(line))]

    def _understand(self, line: str) -> str:
        word = line.lower()
        if word in ("n", "no"):
            return NO
        if word in ("y", "yes") and not self._must_type:
            return YES
        digits = read_digits(line)
        if digits is None:
            self._ask()
            return ""
        return digits

    def _ask(self) -> None:
        same = "" if self._must_type else ", or yes if you have compared them"
        question = f"The six digits from there{same}; no if they differ: "
        print(question, end="", file=sys.stderr, flush=True)
        self._is_asked = True


class AtPipe:
    """A program in place of a person: an object a line; its answer has to be the six digits.

    Not "yes": a pipe that says it to everything would have compared nothing.
    """

    def __init__(self) -> None:
        self._lines = _Lines()

    def opened(self, room: str, commands: Sequence[str], port: int, notes: Sequence[str]) -> None:
        self._tell("room", room=room, commands=list(commands), port=port, notes=list(notes))

    def compare(self, code: Code, guest: Guesthood) -> None:
        self._tell(
            "code",
            digits=code.digits,
            words=list(code.words),
            name=guest.name,
            source=guest.source,
            board=guest.board,
            public_key=guest.public_key,
            standing=guest.standing,
        )

    def confirmed_there(self) -> None:
        self._tell("confirmed there")

    def confirmed_here(self) -> None:
        self._tell("confirmed here")

    def leave(self, is_interrupted: bool) -> None:
        """The error says it."""

    def fileno(self) -> int:
        return self._lines.fileno()

    def answers(self) -> list[str]:
        lines = self._lines.take()
        if lines is None:
            return [GONE]
        found = [NO if line.lower() == NO else read_digits(line) for line in lines]
        return [answer for answer in found if answer is not None]

    def _tell(self, event: str, **details: object) -> None:
        print(json.dumps({"event": event, **details}), flush=True)

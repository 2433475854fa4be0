"""What a person sees of an examination: a line for each step, as soon as it is answered.

All of it goes to standard output, for it is the result. On a terminal a live line says which step
is being asked; elsewhere there are plain lines alone.
"""

import sys
from typing import Protocol

from rich.console import Console as Terminal
from rich.status import Status
from rich.text import Text

from undertow.console.look import NO, UNKNOWN, YES, Answer
from undertow.console.problem import Problem
from undertow.doctor import phone
from undertow.doctor.claims import claim
from undertow.terminal import colour, figures

_MARKS = {YES: ("yes", colour.GOOD), NO: ("no", colour.ALARM), UNKNOWN: ("?", colour.WARNING)}


class View(Protocol):
    """Who is told while it goes on."""

    def ask(self, step: str) -> None:
        """This step is being asked."""
        ...

    def tell(self, answer: Answer) -> None:
        """A step was answered."""
        ...

    def end(self) -> None:
        """Nothing is asked any more."""
        ...


class Silent:
    """For programs: they get one object at the end."""

    def ask(self, step: str) -> None:
        """Say nothing."""

    def tell(self, answer: Answer) -> None:
        """Say nothing."""

    def end(self) -> None:
        """Nothing is shown."""


class Lines:
    """For people. A with block is not needed: end() takes the live line away."""

    def __init__(self, terminal: Terminal | None = None) -> None:
        self.terminal = terminal or Terminal(highlight=False, soft_wrap=True)
        self._live: Status | None = None

    def ask(self, step: str) -> None:
        """Show which step is being asked, where lines can be taken back."""
        if not self.terminal.is_terminal:
            return
        line = Text(f"{claim(step)} ?", style="dim")
        if self._live is None:
            self._live = self.terminal.status(line)
            self._live.start()
        else:
            self._live.update(line)

    def tell(self, answer: Answer) -> None:
        """The step's line."""
        mark, style = _MARKS[answer.verdict]
        line = Text(f"  {mark:<5}", style=style)
        line.append(claim(answer.step), style="not bold default")
        if answer.note:
            line.append(f": {answer.note}", style="not bold default")
        self.terminal.print(line)
        self._flush()

    def end(self) -> None:
        """Take the live line away."""
        if self._live is not None:
            self._live.stop()
            self._live = None

    def conclude(self, problem: Problem | None, code: str) -> None:
        """What is in the way and what to do, and the code to be read over the phone."""
        if problem is None:
            self.say("\nNothing is in the way.", colour.GOOD)
            self.say(f"The code of that, for the phone, is {figures.grouped(code)}.")
            return
        self.explain(problem)
        self.say("\nTo whoever helps you, read this code over the phone:\n")
        figures.show(code, self.terminal.file)
        self.say(f"\n    {phone.spelled(code)}\n", colour.BOLD)
        self.say(f"`undertow doctor --code {code}` explains it there. It holds no address.")

    def explain(self, problem: Problem) -> None:
        """A sentence on what is in the way, and one on what to do."""
        self.say(f"\nIn the way is {problem.what}: {problem.why.rstrip('.')}.", colour.ALARM)
        self.say(f"What to do: {problem.mend}", colour.BOLD)

    def say(self, said: str, style: str = colour.PLAIN) -> None:
        """A line."""
        self.terminal.print(Text(said, style=style))
        self._flush()

    def _flush(self) -> None:
        # Who reads it line by line sees each step when it is answered.
        self.terminal.file.flush()


def lines() -> Lines:
    """On standard output."""
    return Lines(Terminal(file=sys.stdout, highlight=False, soft_wrap=True))

"""`undertow doctor`: ask a box what is in the way, or explain a code that was read out."""

import json as json_text
from collections.abc import Sequence

from undertow.console import Console
from undertow.console.status import NO_CONSOLE
from undertow.doctor import examination, phone, view
from undertow.doctor.phone import Meaning
from undertow.doctor.view import Lines
from undertow.errors import EXIT_IN_THE_WAY
from undertow.terminal import colour, figures
from ut1 import doctor_words


def ask(url: str, json: bool = False) -> int:
    """Have the box at a console look for what is in the way; the exit status: 0: nothing is."""
    if not url:
        raise NO_CONSOLE
    shown = None if json else view.lines()
    with Console(url) as console:
        name = console.hello().name
        report = examination.run(console, shown or view.Silent())
    if shown is not None:
        shown.conclude(report.problem, report.code)
    else:
        problem = report.problem
        found = {
            "name": name,
            "well": problem is None,
            "steps": [answer.as_object() for answer in report.answers],
            "problem": problem and {"what": problem.what, "why": problem.why, "mend": problem.mend},
            "code": report.code,
        }
        print(json_text.dumps(found, indent=2))
    return 0 if report.problem is None else EXIT_IN_THE_WAY


def explain(codes: Sequence[str], json: bool = False) -> None:
    """Say what codes mean that were heard over the phone, the oldest first."""
    found = phone.meanings(codes)
    if json:
        print(json_text.dumps({"codes": [each.as_object() for each in found]}, indent=2))
        return
    shown = view.lines()
    for index, each in enumerate(found):
        if index:
            shown.say("")
        _explain(shown, each, found[:index])


def _explain(shown: Lines, meaning: Meaning, before: Sequence[Meaning]) -> None:
    code = figures.grouped(meaning.code)
    if meaning.problem is None:
        shown.say(f"{code}: nothing is in the way.", colour.GOOD)
    else:
        of = f"step {meaning.number} of {len(doctor_words.STEPS)}"
        shown.say(f"{code}: the box stopped at {of}, '{meaning.claim}'.")
        shown.explain(meaning.problem)
        shown.say("")
    shown.say(_network(meaning, before))


def _network(meaning: Meaning, before: Sequence[Meaning]) -> str:
    if meaning.network is None:
        return "The box did not know which network it was on."
    if meaning.same_as is not None:
        return f"The same network as with {figures.grouped(meaning.same_as)}."
    if any(each.network is not None for each in before):
        return "Another network than before; or another box, which has other letters for it."
    return (
        f"The network is {meaning.network} to this box: the three characters in the middle. With "
        "--code OLD --code NEW you see whether two are from the same one."
    )

"""One examination: the box looks, and what it finds is shown as soon as it is known."""

import time
from contextlib import suppress

from undertow.console import Console
from undertow.console.client import RefusedByBoxError
from undertow.console.look import Answer, Look
from undertow.console.problem import Problem
from undertow.doctor import failure
from undertow.doctor.view import View
from undertow.errors import UndertowError
from ut1 import doctor_code, doctor_words
from ut1.errors import STATE

LOOK_S = 0.25
# A box gives each of its steps 30 s.
WHOLE_S = 30.0 * (len(doctor_words.STEPS) + 1)


class Report:
    """What an examination came to. problem: None: nothing is in the way."""

    def __init__(self, answers: list[Answer], problem: Problem | None, code: str) -> None:
        self.answers = answers
        self.problem = problem
        self.code = code


def run(console: Console, view: View, look_s: float = LOOK_S, whole_s: float = WHOLE_S) -> Report:
    """Have a box examine itself. Whatever ends it, the box is told to stop.

    UndertowError: it does not answer, starts anew meanwhile, or comes to no end.
    """
    began = time.monotonic()
    answers: list[Answer] = []
    try:
        look = console.doctor("begin")
        while True:
            for answer in look.answers:
                view.tell(answer)
            answers += look.answers
            if not look.is_running:
                break
            view.ask(look.step)
            if time.monotonic() - began > whole_s:
                console.doctor("stop")
                raise failure.endless(console.url, whole_s)
            time.sleep(look_s)
            look = _again(console, len(answers))
    except UndertowError:
        view.end()
        raise
    except BaseException:  # Ctrl-C: nobody wants to know any more
        view.end()
        with suppress(UndertowError):
            console.doctor("stop")
        raise
    view.end()
    # All is known, and a box that is gone by now has not found less.
    with suppress(UndertowError):
        console.doctor("stop")
    if look.code is None:
        raise failure.broken_off(console.url)
    return Report(answers, look.problem, doctor_code.plain(look.code))


def _again(console: Console, have: int) -> Look:
    try:
        return console.doctor("look", have)
    except RefusedByBoxError as refused:
        if refused.code != STATE:
            raise
        raise failure.broken_off(console.url) from None

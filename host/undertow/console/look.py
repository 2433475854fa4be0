"""How far a box's examination of itself is: the answer to `doctor` (firmware/lib/ut1)."""

from dataclasses import dataclass, field
from typing import Any

from undertow.console.problem import Problem
from ut1 import doctor_code

YES, NO, UNKNOWN = "yes", "no", "unknown"


@dataclass(frozen=True)
class Answer:
    """One step. verdict: YES, NO or UNKNOWN, where it could not be asked. note: half a sentence."""

    step: str
    verdict: str
    note: str = ""
    facts: dict[str, Any] = field(default_factory=dict)

    def as_object(self) -> dict[str, Any]:
        """As the box said it."""
        found: dict[str, Any] = {"step": self.step, "answer": self.verdict}
        found |= {"note": self.note} if self.note else {}
        return found | ({"facts": self.facts} if self.facts else {})


@dataclass(frozen=True)
class Look:
    """step: the one of now. answers: to those before it, without the ones that were known.

    problem: what is in the way, once it is over; None: nothing. code: to be read over the phone.
    """

    is_running: bool
    step: str
    answers: tuple[Answer, ...]
    problem: Problem | None
    code: str | None


def read(told: dict[str, Any]) -> Look:
    """LookupError, TypeError, ValueError, AttributeError: no box of ours says that."""
    problem, code = told["problem"], told["code"]
    if problem is not None:
        what, why, mend = (_words(problem[part]) for part in ("what", "why", "mend"))
        problem = Problem(what, why, mend)
    answers = tuple(_answer(each) for each in told["steps"])
    look = Look(told["running"] is True, _words(told["step"]), answers, problem, code)
    has_no = any(answer.verdict == NO for answer in answers)
    if code is None:
        if problem is not None:
            raise ValueError("something is in the way, and there is no code for it")
    elif look.is_running or not _is_code_of(code, problem) or (has_no and problem is None):
        raise ValueError("its parts contradict each other")
    return look


def _answer(told: dict[str, Any]) -> Answer:
    note, facts = told.get("note", ""), told.get("facts", {})
    if told["answer"] not in (YES, NO, UNKNOWN) or not isinstance(facts, dict):
        raise ValueError("it is no answer")
    return Answer(_words(told["step"]), told["answer"], _words(note) if note else "", facts)


def _words(said: object) -> str:
    if not isinstance(said, str) or not said.strip():
        raise ValueError("there are no words where some belong")
    return said


def _is_code_of(code: object, problem: Problem | None) -> bool:
    """Whether the code says, too, that something is in the way or that nothing is."""
    found = doctor_code.decode(code) if isinstance(code, str) else None
    return found is not None and (found[0] == doctor_code.ALL_IS_WELL) == (problem is None)

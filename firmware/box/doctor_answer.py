"""What a step of the doctor's ladder came to."""

from ut1 import doctor_words
from wg.compat import TYPE_CHECKING

if TYPE_CHECKING:
    Object = dict[str, object]

YES, NO, UNKNOWN = "yes", "no", "unknown"


class Answer:
    """verdict: YES, NO, or UNKNOWN: it could not be asked, which is no reason to stop.

    what, why, mend: in words, of a NO. note: half a sentence, of the others. reason: which NO of
    its step, and number: its place among those, from 1 (ut1.doctor_words). facts: for programs; no
    secret, and no address.
    """

    def __init__(self, verdict: str) -> None:
        self.name = ""
        self.verdict = verdict
        self.reason = ""
        self.number = 0
        self.what = self.why = self.mend = self.note = ""
        self.facts: "Object" = {}

    @staticmethod
    def yes(note: str = "") -> "Answer":
        answer = Answer(YES)
        answer.note = note
        return answer

    @staticmethod
    def unknown(note: str) -> "Answer":
        answer = Answer(UNKNOWN)
        answer.note = note
        return answer

    @staticmethod
    def no(reason: str, what: str = "", why: str = "", mend: str = "") -> "Answer":
        """what, why, mend: where the box knows it more precisely than the words of the reason."""
        answer = Answer(NO)
        answer.reason = reason
        answer.what, answer.why, answer.mend = what, why, mend
        return answer

    def take_place(self, step: int) -> None:
        """It is the answer to this step, from 1. ValueError: that knows no such reason."""
        self.name = doctor_words.STEPS[step - 1][0]
        if self.verdict != NO:
            return
        self.number = doctor_words.number(step, self.reason)
        _, what, why, mend = doctor_words.STEPS[step - 1][1][self.number - 1]
        self.what, self.why, self.mend = self.what or what, self.why or why, self.mend or mend

    def as_members(self) -> "Object":
        told: "Object" = {"step": self.name, "answer": self.verdict}
        if self.note:
            told["note"] = self.note
        if self.facts:
            told["facts"] = self.facts
        return told

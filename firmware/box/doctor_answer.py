"""What a step of the doctor's ladder came to."""

from wg.compat import TYPE_CHECKING

if TYPE_CHECKING:
    Object = dict[str, object]

YES, NO, UNKNOWN = "yes", "no", "unknown"


class Answer:
    """verdict: YES, NO, or UNKNOWN: it could not be asked, which is no reason to stop.

    what, why, mend: in words, of a NO. note: half a sentence, of the others. reason: 1 to 31, which
    NO of its step. facts: for programs; no secret, and no address.
    """

    def __init__(self, verdict: str) -> None:
        self.name = ""
        self.verdict = verdict
        self.reason = 0
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
    def no(reason: int, what: str, why: str, mend: str) -> "Answer":
        answer = Answer(NO)
        answer.reason = reason
        answer.what, answer.why, answer.mend = what, why, mend
        return answer

    def as_members(self) -> "Object":
        told: "Object" = {"step": self.name, "answer": self.verdict}
        if self.note:
            told["note"] = self.note
        if self.facts:
            told["facts"] = self.facts
        return told

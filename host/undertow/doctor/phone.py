"""A code as it is read over the phone, and what it means to who has heard it."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from undertow.console.problem import Problem
from undertow.doctor import failure
from undertow.doctor.claims import claim
from undertow.terminal.figures import GAP
from ut1 import doctor_code, doctor_words

# The spelling alphabet of ICAO, Annex 10; figures are said as figures.
_LETTERS = (
    "Alfa Bravo Charlie Delta Echo Foxtrot Golf Hotel Juliett Kilo Mike November Papa Quebec Romeo "
    "Sierra Tango Victor Whiskey X-ray Yankee Zulu"
)
_FIGURES = "zero one two three four five six seven eight nine"
_SPELLED = {word[0]: word for word in _LETTERS.split()}
_SPELLED |= {str(figure): word for figure, word in enumerate(_FIGURES.split())}
NETWORK = slice(2, 5)  # where the characters of a code stand for the network


@dataclass(frozen=True)
class Meaning:
    """What a code says. number: of the step, from 1; 0: all is well. claim: what does not hold.

    problem: None: all is well. network: the three characters that stand for it; None: the box did
    not know it. same_as: an earlier code from the same network and box; None: there is none.
    """

    code: str
    number: int
    step: str
    claim: str
    reason: str
    problem: Problem | None
    network: str | None
    same_as: str | None = None

    def as_object(self) -> dict[str, Any]:
        """For programs."""
        found = asdict(self)
        if self.problem is not None:
            words = {"what": self.problem.what, "why": self.problem.why, "mend": self.problem.mend}
            found["problem"] = words
        return found


def spelled(code: str) -> str:
    """A code as it is said: "eight zero Papa,  four Kilo Charlie"."""
    words = [_SPELLED[each] for each in code]
    groups = [words[start : start + GAP] for start in range(0, len(words), GAP)]
    return ",  ".join(" ".join(group) for group in groups)


def meanings(said: Sequence[str]) -> list[Meaning]:
    """What codes say that were heard, the oldest first. UndertowError: one was misheard."""
    found: list[Meaning] = []
    for each in said:
        found.append(_meaning(each, found))
    return found


def _meaning(said: str, before: Sequence[Meaning]) -> Meaning:
    decoded = doctor_code.decode(said)
    if decoded is None:
        raise failure.no_code(said)
    number, place, hash_ = decoded
    code = doctor_code.plain(said)
    network = code[NETWORK] if hash_ else None
    same = [each.code for each in before if network is not None and each.network == network]
    same_as = same[-1] if same else None
    if number == doctor_code.ALL_IS_WELL:
        return Meaning(code, 0, "", "", "", None, network, same_as)
    reason = doctor_words.reason(number, place)
    if reason is None:
        raise failure.unknown_reason(code, number, place)
    name, what, why, mend = reason
    step = doctor_words.STEPS[number - 1][0]
    problem = Problem(what, why, mend)
    return Meaning(code, number, step, claim(step), name, problem, network, same_as)

"""Something on the line that speaks the box's protocol, and means no good."""

from collections.abc import Callable
from typing import Any

import pytest

from undertow.console import Console
from undertow.console.client import RefusedByBoxError
from undertow.errors import EXIT_NO_BOX, UndertowError
from ut1.device import Session
from ut1.errors import VALUE, RefusedError

Answer = dict[str, Any]

# Moves the cursor, changes the title, hides what follows, turns the reading around; half a letter.
OBEYED = "\x1b[2J\x1b]0;title\x07\x9b8m\r\n\u202everified\u2066\ud800"
HELLO: Answer = {"fw": "1", "board": "b", "mac": "02", "name": "attic", "state": "live"}
CHECK: Answer = {
    "missing": [],
    "problems": [],
    "more": 0,
    "documents": {},
    "public": None,
    "digest": "00",
    "key": {"set": False},
}


class LyingLine:
    """A line to a box that answers as it is told to."""

    def __init__(self, answer: Callable[[str], Answer]) -> None:
        self._session = Session(lambda verb, _arguments, _data: answer(verb))
        self._said = b""

    def read(self, timeout_s: float) -> bytes:
        said, self._said = self._said, b""
        return said

    def write(self, data: bytes | bytearray) -> None:
        self._said += self._session.receive(bytearray(data))

    def close(self) -> None:
        pass


def console(**answers: Answer) -> Console:
    return Console("a lie", line=LyingLine(lambda verb: dict(answers[verb])))


def test_nothing_that_it_says_is_obeyed_by_a_terminal() -> None:
    problem = {"what": OBEYED, "why": [OBEYED], OBEYED: {"deep": OBEYED}}
    with console(status={"problem": problem}, log={"lines": [OBEYED]}) as box:
        said = [repr(box.status()), *box.log()]
    for text in said:
        assert text.isprintable() and "verified" in text
    assert all(bad not in text for text in said for bad in ("\\x1b", "\\u202e", "\\ud800"))


def test_its_refusals_are_as_harmless() -> None:
    def refuse(verb: str) -> Answer:
        raise RefusedError(VALUE, OBEYED, OBEYED)

    box = Console("a lie", line=LyingLine(refuse))
    for ask in (box.hello, box.check):
        with pytest.raises(RefusedByBoxError) as caught:
            ask()
        assert all(text.isprintable() for text in (caught.value.why, caught.value.mend))


@pytest.mark.parametrize("name", ["a; reboot", "$(id)", "", "-n", 7, ["attic"], "x" * 64])
def test_a_name_that_would_be_more_than_a_word_of_a_command_is_none(name: object) -> None:
    with pytest.raises(UndertowError, match="does not answer") as caught:
        console(hello={**HELLO, "name": name}).hello()
    assert caught.value.exit_code == EXIT_NO_BOX


@pytest.mark.parametrize("key", ["AAAA; reboot", "x" * 44, 7, f"{'A' * 43}=\nAllowedIPs = ::/0"])
def test_a_key_that_is_none_is_put_into_no_command(key: object) -> None:
    for answers in ({"keygen": {"public": key}}, {"check": {**CHECK, "public": key}}):
        box = console(**answers)
        with pytest.raises(UndertowError, match="does not answer"):
            box.keygen() if "keygen" in answers else box.check()


@pytest.mark.parametrize("left_out", sorted(CHECK))
def test_an_answer_without_its_members_is_no_fault_of_ours(left_out: str) -> None:
    answer = {name: value for name, value in CHECK.items() if name != left_out}
    with pytest.raises(UndertowError, match="does not answer 'check'"):
        console(check=answer).check()
    assert console(check=CHECK).check().digest == "00"

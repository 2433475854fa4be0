"""`undertow sign-in`, with boxes that answer by a script. A real window: tests/boards."""

from collections.abc import Callable
from typing import Any

import pytest
from tests.host.test_lying_box import HELLO, OBEYED

from undertow.console import Console, sign_in
from undertow.errors import EXIT_IN_THE_WAY
from ut1.device import Session


class Box:
    """A line to a box that says the same until it is told to close. asked: each op."""

    def __init__(
        self, told: dict[str, Any], interrupt: Callable[[], object] = lambda: None
    ) -> None:
        """interrupt: called when the box is looked at, and may raise."""
        self.asked: list[str] = []
        self._told = told
        self._interrupt = interrupt
        self._session = Session(self._answer)
        self._said = b""

    def _answer(self, verb: str, arguments: dict[str, Any], _data: object) -> dict[str, Any]:
        if verb == "hello":
            return dict(HELLO)
        self.asked.append(arguments["op"])
        if self.asked[-1] == "close":
            return {"state": "closed", "why": "closed", "wanted": False}
        return dict(self._told)

    def read(self, timeout_s: float) -> bytes:
        said, self._said = self._said, b""
        return said

    def write(self, data: bytes | bytearray) -> None:
        if self.asked[1:] == ["look"]:
            interrupt, self._interrupt = self._interrupt, lambda: None
            interrupt()
        self._said += self._session.receive(bytearray(data))

    def close(self) -> None:
        pass


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Callable[[Box], int]:
    monkeypatch.setattr(sign_in, "_LOOK_EVERY_S", 0.01)

    def run(box: Box) -> int:
        monkeypatch.setattr(sign_in, "Console", lambda url: Console(url, line=box))
        return sign_in.main("a box")

    return run


def interrupt() -> None:
    raise KeyboardInterrupt


def test_who_goes_away_while_the_box_looks_leaves_no_window_that_opens_later(
    run: Callable[[Box], int],
) -> None:
    box = Box({"state": "looking"}, interrupt)
    with pytest.raises(KeyboardInterrupt):
        run(box)
    assert box.asked == ["open", "look", "close"]


def test_a_box_that_looks_for_ever_is_not_waited_for(
    run: Callable[[Box], int],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(sign_in, "LOOKING_S", 0.1)
    box = Box({"state": "looking"})
    assert run(box) == EXIT_IN_THE_WAY
    assert box.asked[-1] == "close"
    assert "no page was found" in capsys.readouterr().err


def test_what_a_network_calls_its_page_moves_no_cursor(
    run: Callable[[Box], int], capsys: pytest.CaptureFixture[str]
) -> None:
    told = {"state": "open", "page": [OBEYED], "client": OBEYED, "mac": OBEYED, "left_s": 3}
    assert run(Box(told, interrupt)) == EXIT_IN_THE_WAY
    said = capsys.readouterr().err
    assert "OPEN for" in said
    assert all(line.isprintable() for line in said.splitlines())
    assert run(Box({"state": "closed", "why": OBEYED})) == EXIT_IN_THE_WAY
    assert all(line.isprintable() for line in capsys.readouterr().err.splitlines())

"""What people see: QR codes that are the code, large digits, colour where it is allowed."""

import io
import sys

import pytest
import segno

from undertow.errors import EXIT_USAGE, UndertowError
from undertow.terminal import colour, figures, prompt, qr

TEXT = "WIFI:T:WPA;S:Hotel;P:correct horse;;"
_MODULES = {" ": (0, 0), "▀": (1, 0), "▄": (0, 1), "█": (1, 1)}


class Terminal(io.StringIO):
    """A terminal of an encoding."""

    def __init__(self, encoding: str = "utf-8") -> None:
        super().__init__()
        self._encoding = encoding

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return self._encoding

    def isatty(self) -> bool:
        return True


def modules(lines: list[str], dark: int) -> list[list[int]]:
    """The modules that lines of half blocks draw. dark: what a drawn half stands for."""
    rows: list[list[int]] = []
    for line in lines:
        halves = [_MODULES[character] for character in line]
        rows += [[upper if dark else 1 - upper for upper, _ in halves]]
        rows += [[lower if dark else 1 - lower for _, lower in halves]]
    return rows


def expected() -> list[list[int]]:
    code = segno.make(TEXT, error="m", micro=False)
    return [[int(module) for module in row] for row in code.matrix_iter(border=4)]


def test_a_code_on_a_terminal_is_black_on_white_and_the_right_one() -> None:
    lines = list(qr.lines(TEXT, has_colour=True))
    assert all(line.startswith("\x1b[30;107m") and line.endswith("\x1b[0m") for line in lines)
    drawn = modules([line[len("\x1b[30;107m") : -len("\x1b[0m")] for line in lines], dark=1)
    assert drawn[: len(expected())] == expected()


def test_without_colours_the_light_modules_are_drawn() -> None:
    drawn = modules(list(qr.lines(TEXT, has_colour=False)), dark=0)
    assert drawn[: len(expected())] == expected()


def test_a_terminal_without_blocks_gets_characters_that_it_has() -> None:
    out = Terminal("ascii")
    qr.show(TEXT, out)
    lines = out.getvalue().splitlines()
    width = 2 * len(expected()[0])
    drawn = [[int(line.ljust(width)[i] == " ") for i in range(0, width, 2)] for line in lines]
    # "##" is light, as on a dark terminal the drawn blocks are; trailing blanks are dark.
    assert drawn == expected()


def test_digits_are_five_lines_high_and_in_two_groups() -> None:
    lines = figures.large("370855")
    assert len(lines) == 5
    assert len(set(map(len, (line.ljust(64) for line in lines)))) == 1
    assert figures.grouped("370855") == "370 855"
    assert figures.large("1", "#") == ["  ##", "####", "  ##", "  ##", "######"]


def test_no_two_digits_look_the_same() -> None:
    assert len({tuple(figures.large(digit)) for digit in "0123456789"}) == 10


def test_colour_is_for_terminals_that_want_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    bright, plain, file = Terminal(), Terminal(), io.StringIO()
    colour.say("A KEY HAS CHANGED", colour.ALARM, bright)
    assert "31m" in bright.getvalue()
    monkeypatch.setenv("NO_COLOR", "1")
    colour.say("A KEY HAS CHANGED", colour.ALARM, plain)
    colour.say("A KEY HAS CHANGED", colour.ALARM, file)
    assert "31m" not in plain.getvalue()
    assert file.getvalue() == "A KEY HAS CHANGED\n"


def test_brackets_in_what_is_said_are_no_markup() -> None:
    out = Terminal()
    colour.say("the network '[red]x[/red]'", stream=out)
    assert "[red]x[/red]" in out.getvalue()


def test_questions_go_to_nobody_where_nobody_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("yes\n"))
    assert not prompt.confirm("Really?")
    for ask in (prompt.ask, prompt.ask_secret):
        with pytest.raises(UndertowError) as caught:
            ask("Name?", "The name", "Give --name.")
        assert caught.value.exit_code == EXIT_USAGE
        assert caught.value.mend == "Give --name."


def test_an_answer_is_asked_for_beside_the_results(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Stdin(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr(sys, "stdin", Stdin(" attic \ny\nn\n"))
    assert prompt.ask("Name?", "The name", "Give --name.") == "attic"
    assert prompt.confirm("Really?")
    assert not prompt.confirm("Really?")
    assert not prompt.confirm("Really?"), "the input has ended"
    with pytest.raises(UndertowError, match="Instead of an answer the input ended"):
        prompt.ask("Name?", "The name", "Give --name.")
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("Name? Really? [y/N] ")

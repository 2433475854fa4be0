"""`undertow doctor`: a box that really examines itself, one that lies, and codes over the phone."""

import io
import json
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console as RichConsole
from tests.host.bad_line import BadLine
from tests.host.conftest import Box
from tests.host.test_cli import undertow
from tests.host.test_lying_box import HELLO, OBEYED, LyingLine
from tests.support.terminal import Terminal

from undertow import paths
from undertow.console import Console
from undertow.doctor import examination, phone, view
from undertow.doctor.claims import CLAIMS, claim
from undertow.errors import (
    EXIT_IN_THE_WAY,
    EXIT_INTERRUPTED,
    EXIT_NO_BOX,
    EXIT_REFUSED,
    EXIT_USAGE,
    UndertowError,
)
from undertow.terminal import figures
from ut1 import doctor_code, doctor_words
from ut1.errors import OP, STATE, RefusedError

HOTEL = b"\xab\xcd"
UDP_CODE = doctor_code.encode(8, 1, HOTEL)
WELL_CODE = doctor_code.encode(0, 0, HOTEL)
STEPS = [step[0] for step in doctor_words.STEPS]
STOPPED = b"the doctor was stopped"


@contextmanager
def abroad(folder: Path, where: str) -> Iterator[Box]:
    """A box in such a place (doctor_side.py)."""
    with BadLine(folder, seed=1) as line:
        box = Box(folder, line, where, program="doctor_side.py")
        try:
            box.start()
            yield box
        finally:
            box.cut_power()


def doctor(box: Box, *words: str) -> Any:
    return undertow("doctor", "--console", box.line.socket_url, *words)


# --- a box that really looks ---


def test_where_all_is_well_each_step_has_its_line(tmp_path: Path) -> None:
    with abroad(tmp_path, "well") as box:
        done = doctor(box)
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    for line, step in zip(lines, STEPS, strict=False):
        assert re.fullmatch(rf"  (yes  |\?    ){re.escape(claim(step))}(: .+)?", line)
    assert lines[len(STEPS) :][:2] == ["", "Nothing is in the way."]
    assert "\x1b" not in done.stdout


@pytest.mark.parametrize(
    ("where", "step", "reason", "words"),
    [
        ("no-link", "link", "none", "In the way is the uplink: there is no link."),
        ("no-address", "address", "none", "In the way is the uplink: the network gives no address"),
        ("blocked", "way out", "not-there", "the internet works here, but not to your gateway."),
        ("dark", "udp", "closed", "none of its UDP ports answers here, and no other way reaches"),
    ],
)
def test_it_stops_at_the_first_no_with_a_code_that_says_the_same_on_the_phone(
    tmp_path: Path, where: str, step: str, reason: str, words: str
) -> None:
    with abroad(tmp_path, where) as box:
        done = doctor(box)
    assert done.returncode == EXIT_IN_THE_WAY
    assert words in done.stdout
    shown = [line for line in done.stdout.splitlines() if line.startswith("  no ")]
    assert [line.split(None, 1)[1] for line in shown] == [claim(step)]
    code = re.search(r"--code (\w+)", done.stdout)
    assert code is not None
    assert "\n".join(f"    {line}" for line in figures.large(code[1], "#")) in done.stdout
    heard = json.loads(undertow("doctor", "--code", code[1], "--json").stdout)["codes"][0]
    assert (heard["step"], heard["reason"]) == (step, reason)
    for part in ("what", "mend"):
        assert heard["problem"][part] in done.stdout
    # Only a box that has an address knows which network it is on.
    assert (heard["network"] is None) == (where in ("no-link", "no-address"))


def test_programs_get_one_object_with_all_of_it(tmp_path: Path) -> None:
    with abroad(tmp_path, "no-udp") as box:
        done = doctor(box, "--json")
    found = json.loads(done.stdout)
    assert (done.returncode, done.stderr) == (0, "")
    assert (found["well"], found["problem"]) == (True, None)
    assert [each["step"] for each in found["steps"]] == STEPS
    udp = found["steps"][STEPS.index("udp")]
    assert udp["note"] == "UDP is closed here, so the tunnel goes by TCP"
    assert udp["facts"]["open"] == []
    assert doctor_code.decode(found["code"]) is not None


def test_ctrl_c_ends_what_the_box_began(tmp_path: Path) -> None:
    with abroad(tmp_path, "slow") as box:
        words = (sys.executable, "-m", "undertow.cli", "doctor", "--console", box.line.socket_url)
        with Terminal(words) as person:
            person.wait_for(r"the network's router answers")
            assert STOPPED not in box.line.heard_by_laptop
            person.interrupt()
            assert person.wait() == EXIT_INTERRUPTED
        assert STOPPED in box.line.heard_by_laptop
        assert person.shown().rstrip().endswith("interrupted")
        # It is free for the next one.
        with box.console() as console:
            assert console.doctor("begin").is_running
            console.doctor("stop")
            with pytest.raises(UndertowError, match="Nothing is being examined"):
                console.doctor("look")


def test_on_a_terminal_the_step_of_now_is_shown_until_it_is_answered(tmp_path: Path) -> None:
    with abroad(tmp_path, "no-address") as box:
        words = (sys.executable, "-m", "undertow.cli", "doctor", "--console", box.line.socket_url)
        with Terminal(words) as person:
            assert person.wait() == EXIT_IN_THE_WAY
        with Terminal(words, {"NO_COLOR": "1"}) as plain:
            assert plain.wait() == EXIT_IN_THE_WAY
    for shown in (person.shown(), plain.shown()):
        asked = shown.index("the network gives the box an address ?")
        assert shown.index("yes  the cable is in") < asked
        assert asked < shown.index("no   the network gives the box an address")
        assert "█" in shown
    assert re.search(r"\x1b\[1;31mIn the way is", person.raw())
    assert not re.search(r"\x1b\[[0-9;]*3[0-9]m", plain.raw())


def test_a_box_that_cannot_be_asked_is_told_in_words(box: Box) -> None:
    """What its console alone is left of."""
    done = doctor(box)
    assert done.returncode == EXIT_REFUSED
    assert "does no more than talk to its console" in done.stderr


def test_nobody_at_the_line_is_told_with_what_to_try(tmp_path: Path) -> None:
    done = undertow("doctor", "--console", f"unix:{tmp_path}/none", "--json")
    assert done.returncode == EXIT_NO_BOX
    assert json.loads(done.stdout)["error"]["mend"].startswith("Start the board")
    with (
        BadLine(tmp_path, seed=1) as line,
        Console(line.socket_url, timeout_ms=20, tries=2) as console,
        pytest.raises(UndertowError) as caught,
    ):
        console.hello()
    assert caught.value.exit_code == EXIT_NO_BOX
    assert caught.value.what.startswith("Nobody answers") and caught.value.mend


# --- answers that a box gives by a script ---


def look(*answers: dict[str, Any], **other: Any) -> dict[str, Any]:
    over = {"running": False, "step": "leaks", "problem": None, "code": None}
    return {**over, "steps": list(answers), **other}


def said(step: str, answer: str = "yes", **more: Any) -> dict[str, Any]:
    return {"step": step, "answer": answer, **more}


def scripted(*looks: dict[str, Any]) -> Console:
    """A box that says these, one after the other, and the last one for ever."""
    left = list(looks)

    def answer(verb: str) -> dict[str, Any]:
        if verb == "hello":
            return dict(HELLO)
        told = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(told.get("raises"), RefusedError):
            raise told["raises"]
        return dict(told)

    return Console("a lie", line=LyingLine(answer))


def examined(*looks: dict[str, Any]) -> tuple[examination.Report, str]:
    out = io.StringIO()
    shown = view.Lines(RichConsole(file=out, highlight=False, soft_wrap=True))
    report = examination.run(scripted(*looks), shown, look_s=0.0)
    shown.conclude(report.problem, report.code)
    return report, out.getvalue()


PROBLEM = {"what": "the gateway", "why": "it does not answer", "mend": "See that it runs."}


def test_each_step_is_shown_once_however_often_it_is_looked() -> None:
    _, shown = examined(
        look(said("settings"), running=True, step="link"),
        look(running=True, step="link"),
        look(said("link"), said("a newer step", note="its note"), running=True, step="address"),
        look(said("address", "no"), problem=PROBLEM, code=doctor_code.encode(3, 1, b"")),
    )
    assert shown.splitlines()[:7] == [
        "  yes  the box is set up and has a gateway",
        "  yes  the cable is in, or the Wi-Fi is joined",
        "  yes  a newer step: its note",
        "  no   the network gives the box an address",
        "",
        "In the way is the gateway: it does not answer.",
        "What to do: See that it runs.",
    ]


def test_nothing_that_it_says_is_obeyed_by_a_terminal() -> None:
    problem = {"what": OBEYED, "why": OBEYED, "mend": f"[red]{OBEYED}[/red]"}
    report, shown = examined(
        look(said(OBEYED, "yes", note=OBEYED), running=True, step=OBEYED),
        look(said("udp", "no", facts={OBEYED: [OBEYED]}), problem=problem, code=UDP_CODE),
    )
    assert all(line.isprintable() for line in shown.splitlines())
    assert repr([answer.as_object() for answer in report.answers]).isprintable()
    assert "\\x1b" not in repr(shown) and "[red]" in shown


@pytest.mark.parametrize(
    "last",
    [
        look(said("udp", "no"), code=UDP_CODE),
        look(said("udp", "no"), problem=PROBLEM),
        look(said("udp", "no"), problem=PROBLEM, code=WELL_CODE),
        look(said("udp", "no"), problem=PROBLEM, code="81NF6J"),
        look(said("udp", "no"), problem=PROBLEM, code=7),
        look(said("udp"), code=UDP_CODE),
        look(said("udp", "perhaps"), code=WELL_CODE),
        look(said("", "yes"), code=WELL_CODE),
        look(said("udp", facts=[]), code=WELL_CODE),
        look(said("udp", note=["x"]), code=WELL_CODE),
        look("udp", code=WELL_CODE),  # type: ignore[arg-type]
        look(said("udp", "no"), problem={"what": "x", "why": "y"}, code=UDP_CODE),
        look(said("udp", "no"), problem={**PROBLEM, "mend": ""}, code=UDP_CODE),
        look(said("udp"), code=WELL_CODE, running=True),
        {"running": False},
        {**look(), "steps": 7},
    ],
)
def test_what_cannot_be_a_boxs_answer_is_believed_in_no_part(last: dict[str, Any]) -> None:
    with pytest.raises(UndertowError, match="does not answer 'doctor' as a box does") as caught:
        examined(last)
    assert caught.value.exit_code == EXIT_NO_BOX


def test_a_box_that_starts_anew_meanwhile_has_not_found_that_all_is_well() -> None:
    gone = {"raises": RefusedError(STATE, "nothing is being examined", "Begin with 'begin'.")}
    for last in (gone, look(said("link"))):
        with pytest.raises(UndertowError, match="broke off") as caught:
            examined(look(said("settings"), running=True, step="link"), last)
        assert caught.value.exit_code == EXIT_NO_BOX


def test_older_firmware_says_that_it_has_no_doctor() -> None:
    none = {"raises": RefusedError(OP, "this box knows no 'doctor'", "Update the firmware.")}
    with pytest.raises(UndertowError, match="This box knows no 'doctor'") as caught:
        examined(none)
    assert caught.value.exit_code == EXIT_REFUSED


def test_a_code_is_shown_as_it_is_read_out_however_a_box_writes_it() -> None:
    code = f"{UDP_CODE[:3].lower()} -{UDP_CODE[3:].replace('0', 'o')}"
    report, shown = examined(look(said("udp", "no"), problem=PROBLEM, code=code))
    assert report.code == UDP_CODE
    assert phone.spelled(UDP_CODE) in shown


def test_a_box_that_never_comes_to_an_end_is_not_waited_for() -> None:
    asked: list[str] = []

    def endless(verb: str) -> dict[str, Any]:
        asked.append(verb)
        return look(running=True, step="link")

    box = Console("a lie", line=LyingLine(endless))
    with pytest.raises(UndertowError, match="comes to no end") as caught:
        examination.run(box, view.Silent(), look_s=0.0, whole_s=0.0)
    assert caught.value.exit_code == EXIT_NO_BOX
    assert len(asked) == 2  # and is told to stop


# --- a code over the phone ---


def test_every_no_that_a_box_can_say_is_explained_in_its_words() -> None:
    for number, (step, reasons) in enumerate(doctor_words.STEPS, 1):
        for place, (name, what, why, mend) in enumerate(reasons, 1):
            (found,) = phone.meanings([doctor_code.encode(number, place, HOTEL)])
            problem = found.problem
            assert problem is not None
            assert (found.step, found.reason) == (step, name)
            assert (problem.what, problem.why, problem.mend) == (what, why, mend)


def test_the_firmware_says_no_for_each_of_these_reasons_and_for_no_others() -> None:
    """A reason without words would only be found by the one who needs it."""
    said_by_box: set[str] = set()
    for file in (paths.FIRMWARE / "box").glob("doctor_*.py"):
        said_by_box |= set(re.findall(r'Answer\.no\(\s*"([^"]+)"', file.read_text()))
        assert len(re.findall(r"Answer\.no\((?!\s*\")", file.read_text())) == 0
    assert said_by_box == {reason[0] for step in doctor_words.STEPS for reason in step[1]}


def test_words_are_sentences_when_they_are_put_together() -> None:
    assert list(CLAIMS) == STEPS
    for step, reasons in doctor_words.STEPS:
        assert claim(step)[0].islower() and claim(step)[-1].isalpha()
        for _, what, why, mend in reasons:
            assert what[0].islower() and why[0].islower() and not why.endswith(".")
            assert mend[0].isupper() and mend.endswith(".")


def test_codes_of_one_network_are_known_as_such() -> None:
    old, other, new = (doctor_code.encode(2, 2, b""), doctor_code.encode(8, 1, b"\x12\x34"), "")
    new = doctor_code.encode(10, 1, HOTEL)
    found = phone.meanings([UDP_CODE, old, other, new])
    assert [each.same_as for each in found] == [None, None, None, UDP_CODE]
    assert [each.network for each in found] == [UDP_CODE[2:5], None, other[2:5], UDP_CODE[2:5]]
    done = undertow("doctor", *(word for each in found for word in ("--code", each.code)))
    assert done.returncode == 0
    for words in (
        f"The network is {UDP_CODE[2:5]} to this box",
        "The box did not know which network it was on.",
        "Another network than before",
        f"The same network as with {figures.grouped(UDP_CODE)}.",
    ):
        assert done.stdout.count(words) == 1


def test_a_code_may_be_typed_as_it_was_heard() -> None:
    heard = "oo-" + WELL_CODE[2:].lower()
    done = undertow("doctor", "--code", heard)
    assert done.stdout.startswith(f"{figures.grouped(WELL_CODE)}: nothing is in the way.")
    typed = f"{UDP_CODE[:3].lower()} {UDP_CODE[3:]}"
    (found,) = phone.meanings([typed])
    assert found.code == UDP_CODE


@pytest.mark.parametrize(
    ("heard", "why"),
    [
        ("81NF6", "It has 5 characters, and a code has 6."),
        ("", "It has 0 characters"),
        ("81UF6K", "No code has 'U' in it."),
        ("81\x1bF6K", "No code has '?' in it."),
        ("81NF6J", "A character was misheard"),
        ("18NF6K", "A character was misheard"),
    ],
)
def test_what_was_misheard_is_refused_with_words(heard: str, why: str) -> None:
    done = undertow("doctor", "--code", heard, "--json")
    assert done.returncode == EXIT_USAGE
    error = json.loads(done.stdout)["error"]
    assert why in error["why"]
    assert "read out again" in error["mend"]
    assert "\x1b" not in done.stderr


def test_a_reason_of_newer_firmware_is_not_guessed() -> None:
    for code in (doctor_code.encode(31, 1, HOTEL), doctor_code.encode(9, 1, HOTEL)):
        with pytest.raises(UndertowError, match="only newer firmware has"):
            phone.meanings([code])


def test_a_code_is_spelled_with_words_that_begin_as_its_letters_do() -> None:
    every = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
    words = phone.spelled(every).replace(",", "").split()
    assert [word[0] for word in words[10:]] == list(every[10:])
    assert words[:3] == ["zero", "one", "two"]
    drawn = {tuple(figures.large(each)) for each in every}
    assert len(drawn) == len(every)


def test_the_task_is_the_same_and_ends_with_the_same_status(tmp_path: Path) -> None:
    from tests.host.test_cli import invoke

    done = invoke("doctor", "--code", UDP_CODE, "--code", UDP_CODE)
    assert done.returncode == 0
    assert "The same network as with" in done.stdout
    with abroad(tmp_path, "no-link") as box:
        done = invoke("doctor", "--console", box.line.socket_url, "--json")
    assert done.returncode == EXIT_IN_THE_WAY
    assert json.loads(done.stdout)["steps"][-1]["step"] == "link"

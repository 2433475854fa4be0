"""A box pairs with a gateway over TCP, a laptop in between: whatever ends it, ends it well."""

import base64
import io
import json
import socket
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.host.conftest import Box
from tests.host.gateway_end import PUBLIC, ROOM, Behaviour, GatewayEnd
from tests.host.test_provisioning import config
from tests.support.console_text import decoded

from pairing import frames
from undertow.errors import (
    EXIT_FAILURE,
    EXIT_MISMATCH,
    EXIT_NO_BOX,
    EXIT_REFUSED,
    EXIT_USAGE,
    UndertowError,
)
from undertow.pairing import address, command, failure, gateway_line, run
from undertow.provisioning import Wanted
from undertow.provisioning import main as provision

PATIENCE_S = 20.0
OTHER_PUBLIC = base64.b64encode(bytes(range(1, 33))).decode()


class Person:
    """Standard input with somebody at it, who types what hear() gives."""

    def __init__(self, hear: Callable[[], str]) -> None:
        self._hear = hear

    def isatty(self) -> bool:
        return True

    def readline(self) -> str:
        return self._hear()


def wait_for(condition: Callable[[], object]) -> None:
    end = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.005)


def hearing(gateway: GatewayEnd, change: Callable[[str], str] = str) -> Person:
    """A person who hears the gateway's code and types it, perhaps wrongly."""

    def hear() -> str:
        wait_for(lambda: gateway.codes and not gateway.is_agreeing)
        return change(gateway.codes[-1]) + "\n"

    return Person(hear)


def give_settings(box: Box, gateway: GatewayEnd) -> None:
    provision(Wanted(name="attic"), box.line.socket_url, pair=gateway.pair, room=ROOM)


def verify(box: Box, gateway: GatewayEnd | None = None, **options: bool) -> None:
    pair, room = ("", "") if gateway is None else (gateway.pair, ROOM)
    command.main(box.line.socket_url, pair=pair, room=room, **options)


@pytest.fixture
def gateway() -> Iterator[GatewayEnd]:
    with GatewayEnd() as made:
        yield made


@pytest.fixture
def listening(gateway: GatewayEnd, monkeypatch: pytest.MonkeyPatch) -> GatewayEnd:
    """A gateway whose code is heard and typed."""
    monkeypatch.setattr(sys, "stdin", hearing(gateway))
    return gateway


def failing(box: Box, gateway: GatewayEnd, **options: bool) -> UndertowError:
    with pytest.raises(UndertowError) as caught:
        verify(box, gateway, **options)
    return caught.value


def kept(box: Box) -> tuple[str, str, bool]:
    """The box's state, its verification, and whether it has a tunnel."""
    with box.console() as console:
        hello = console.hello()
        return hello.state, hello.verified, "tunnel" in console.check().documents


UNPAIRED = ("ready", "no", False)


def test_a_box_pairs_and_is_verified_and_runs(
    box: Box, listening: GatewayEnd, capsys: pytest.CaptureFixture[str]
) -> None:
    give_settings(box, listening)
    assert kept(box) == UNPAIRED
    assert (
        f"undertow verify --console {box.line.socket_url} --pair {listening.pair} --room 4711\n"
    ) in capsys.readouterr().err
    verify(box, listening)
    out, err = capsys.readouterr()
    assert kept(box) == ("live", "yes", True)
    with box.console() as console:
        own = console.check().public
    (key, preshared), *others = listening.peers
    assert (key, others) == (own, [])
    assert out == (
        f"The box 'attic' is verified with 'home'.\nThe gateway's key is {PUBLIC}\n"
        f"The box's key is {own}\n"
    )
    code = listening.codes[0]
    assert f"{code[:3]} {code[3:]}     {'  '.join(listening.words[0])}" in err
    assert "█" in err
    wait_for(lambda: listening.ended == [frames.DONE])
    flash = b"".join(file.read_bytes() for file in box.flash.iterdir() if file.is_file())
    assert base64.b64encode(preshared) in flash, "both ends have the same preshared key"
    for form in (base64.b64encode(preshared).decode(), preshared.hex()):
        assert form not in out + err + decoded(box.line.heard_by_laptop)
        assert form not in decoded(box.line.heard_by_box), "the key never passes the laptop"


def test_programs_get_one_object(
    box: Box, listening: GatewayEnd, capsys: pytest.CaptureFixture[str]
) -> None:
    give_settings(box, listening)
    capsys.readouterr()
    verify(box, listening, json=True)
    told = json.loads(capsys.readouterr().out)
    assert (told["name"], told["state"], told["gateway"]) == ("attic", "yes", "home")
    assert told["peer"] == PUBLIC
    assert told["machine_ms"] > 0


def test_a_verified_box_says_with_whom(
    box: Box, listening: GatewayEnd, capsys: pytest.CaptureFixture[str]
) -> None:
    give_settings(box, listening)
    verify(box, listening)
    capsys.readouterr()
    verify(box)
    assert capsys.readouterr().out.startswith("The box 'attic' is verified with 'home'.\n")


def test_a_box_with_a_file_is_not_verified_and_learns_how(box: Box) -> None:
    provision(Wanted(config(box)), box.line.socket_url)
    with pytest.raises(failure.NotVerifiedError) as caught:
        verify(box)
    assert caught.value.exit_code == EXIT_MISMATCH
    assert caught.value.what == "The box 'home' is not verified"
    assert "undertow verify --pair HOST --room N" in caught.value.mend
    assert caught.value.as_object()["verification"]["state"] == "no"


def test_a_box_with_a_file_can_pair_and_a_paired_one_again(box: Box, listening: GatewayEnd) -> None:
    provision(Wanted(config(box)), box.line.socket_url)
    verify(box, listening)
    assert kept(box) == ("live", "yes", True)
    verify(box, listening)
    assert kept(box) == ("live", "yes", True)
    (first, before), (second, after) = listening.peers
    assert first == second, "the box keeps its key"
    assert before != after, "and makes another preshared key"


def test_a_key_that_changes_afterwards_is_said_at_once(
    box: Box, listening: GatewayEnd, capsys: pytest.CaptureFixture[str]
) -> None:
    give_settings(box, listening)
    verify(box, listening)
    provision(Wanted(config(box), import_key=True), box.line.socket_url)
    assert "A KEY HAS CHANGED" in capsys.readouterr().err
    with pytest.raises(failure.NotVerifiedError) as caught:
        verify(box)
    assert "NOT VERIFIED ANY MORE: the box's own key" in caught.value.what
    assert "HAS CHANGED" in caught.value.what
    assert "someone may be in between" in caught.value.why


def test_the_gateways_key_that_changes_is_named(box: Box, listening: GatewayEnd) -> None:
    listening.behaviour.public = "TrMvSoP4jYQlY6RIzBgbssQqY3vxI2Pi+y71lOWWXX0="
    give_settings(box, listening)
    verify(box, listening)
    provision(Wanted(config(box)), box.line.socket_url)
    with pytest.raises(failure.NotVerifiedError) as caught:
        verify(box)
    assert "the key of the gateway 'home' HAS CHANGED" in caught.value.what


# --- what people do ---


def test_other_digits_say_that_someone_may_be_in_between_and_lock_the_box(
    box: Box, gateway: GatewayEnd, monkeypatch: pytest.MonkeyPatch
) -> None:
    give_settings(box, gateway)
    monkeypatch.setattr(sys, "stdin", hearing(gateway, lambda code: f"{int(code) ^ 1:06}"))
    error = failing(box, gateway)
    assert isinstance(error, failure.MismatchError)
    assert error.exit_code == EXIT_MISMATCH
    assert error.what == "The codes differ"
    assert "SOMEONE MAY BE IN BETWEEN" in error.why
    assert "60 s" in error.mend
    wait_for(lambda: gateway.ended == [frames.NO_MATCH])
    assert gateway.peers == []
    assert kept(box) == UNPAIRED
    monkeypatch.setattr(sys, "stdin", io.StringIO())  # nobody, so nobody is kept waiting
    locked = failing(box, gateway, digits_from_stdin=True)
    assert locked.exit_code == EXIT_REFUSED
    assert " s more none may begin" in locked.why


def test_a_person_waits_with_the_box_until_it_pairs_again(
    box: Box,
    gateway: GatewayEnd,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """An emulated box ends with the command, and at its next start the wait would begin anew."""
    give_settings(box, gateway)
    monkeypatch.setattr(sys, "stdin", hearing(gateway, lambda code: f"{int(code) ^ 1:06}"))
    assert isinstance(failing(box, gateway), failure.MismatchError)
    waits: list[float] = []

    def give_up(seconds: float) -> None:
        waits.append(seconds)
        raise KeyboardInterrupt

    monkeypatch.setattr(command, "sleep", give_up)
    with pytest.raises(KeyboardInterrupt):
        verify(box, gateway)
    ((seconds,), said) = waits, capsys.readouterr().err
    assert 50 < seconds <= 60
    assert f"the box refuses for {seconds} s more. Waiting" in said
    assert len(gateway.codes) == 1, "no attempt was made"


def test_another_key_than_the_one_that_was_compared_is_told_before_the_code(
    box: Box, listening: GatewayEnd, capsys: pytest.CaptureFixture[str]
) -> None:
    give_settings(box, listening)
    for public, is_changed in ((PUBLIC, False), (PUBLIC, False), (OTHER_PUBLIC, True)):
        listening.behaviour.public = public
        capsys.readouterr()
        verify(box, listening)
        told = capsys.readouterr().err
        alarm = "KEY CHANGED: the box was verified with 'home', and this is another key"
        assert (alarm in told) == is_changed
        assert not is_changed or told.index(alarm) < told.index("  ".join(listening.words[-1]))


def test_saying_no_is_a_mismatch_too(
    box: Box, gateway: GatewayEnd, monkeypatch: pytest.MonkeyPatch
) -> None:
    give_settings(box, gateway)
    monkeypatch.setattr(sys, "stdin", hearing(gateway, lambda _code: "No"))
    assert isinstance(failing(box, gateway), failure.MismatchError)
    wait_for(lambda: gateway.ended == [frames.NO_MATCH])
    assert kept(box) == UNPAIRED


def test_what_is_mistyped_is_asked_again_and_costs_no_attempt(
    box: Box, gateway: GatewayEnd, monkeypatch: pytest.MonkeyPatch
) -> None:
    give_settings(box, gateway)
    typed = iter(["", "12345", "what?", "{code}"])
    monkeypatch.setattr(
        sys,
        "stdin",
        hearing(gateway, lambda code: next(typed).replace("{code}", f"{code[:3]}-{code[3:]}")),
    )
    verify(box, gateway)
    assert kept(box) == ("live", "yes", True)


def test_ctrl_c_tells_both_ends(
    box: Box,
    gateway: GatewayEnd,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def interrupted() -> str:
        raise KeyboardInterrupt

    give_settings(box, gateway)
    monkeypatch.setattr(sys, "stdin", Person(interrupted))
    with pytest.raises(KeyboardInterrupt):
        verify(box, gateway)
    assert "Digits heard: \nGiven up. Nothing was stored" in capsys.readouterr().err
    wait_for(lambda: gateway.ended == [frames.GAVE_UP])
    assert kept(box) == UNPAIRED
    with box.console() as console:
        assert console.status()["verification"]["locked_s"] > 0, "a code was shown"


def test_input_that_ends_gives_up_at_both_ends(
    box: Box, gateway: GatewayEnd, monkeypatch: pytest.MonkeyPatch
) -> None:
    give_settings(box, gateway)
    monkeypatch.setattr(sys, "stdin", Person(lambda: ""))
    error = failing(box, gateway, digits_from_stdin=True)
    assert error.exit_code == EXIT_USAGE
    wait_for(lambda: gateway.ended == [frames.GAVE_UP])


def test_without_a_terminal_nothing_begins(box: Box, gateway: GatewayEnd) -> None:
    error = failing(box, gateway)
    assert error.exit_code == EXIT_USAGE
    assert "--digits-from-stdin" in error.mend
    assert gateway.heard == [], "the room is not used up"


def test_the_other_person_says_no_before_ours_has_typed(
    box: Box, gateway: GatewayEnd, monkeypatch: pytest.MonkeyPatch
) -> None:
    def hear_late() -> str:
        wait_for(lambda: gateway.served)
        return gateway.codes[-1]

    give_settings(box, gateway)
    monkeypatch.setattr(sys, "stdin", Person(hear_late))
    gateway.behaviour.reason_after_reveal = frames.NO_MATCH
    error = failing(box, gateway)
    assert isinstance(error, failure.MismatchError)
    assert error.what == "The person at the gateway says that the codes differ"
    assert kept(box) == UNPAIRED
    said = decoded(box.line.heard_by_box)
    assert '"op":"cancel"' in said
    assert '"op":"confirm"' not in said, "what is over is not confirmed"


def test_nobody_at_the_other_end(
    box: Box, listening: GatewayEnd, monkeypatch: pytest.MonkeyPatch
) -> None:
    give_settings(box, listening)
    monkeypatch.setattr(run.Run.finish, "__defaults__", (0.2,))
    listening.behaviour.confirms = False
    error = failing(box, listening)
    assert error.what == "Nobody confirmed the code at the gateway"
    assert kept(box) == UNPAIRED


# --- what networks and programs do ---


@pytest.mark.parametrize(
    ("behaviour", "exit_code", "what"),
    [
        (Behaviour(hangs_up=True), EXIT_REFUSED, "has no room 4711"),
        (Behaviour(reason=frames.NO_ROOM), EXIT_REFUSED, "has no room 4711"),
        (Behaviour(reason=frames.LOCKED), EXIT_REFUSED, "does not pair now"),
        (Behaviour(reason=frames.GAVE_UP), EXIT_FAILURE, "The gateway gave up"),
        (Behaviour(answers=b"HTTP/1.1 400 Bad Request\r\n"), EXIT_NO_BOX, "no gateway of ours"),
        (
            Behaviour(answers=frames.frame(frames.CONFIRMATION, bytes(16))),
            EXIT_NO_BOX,
            "no gateway",
        ),
        (Behaviour(answers=frames.frame(frames.ANSWER, bytes(88))), EXIT_REFUSED, "refused 'pair'"),
        (Behaviour(hangs_up_before_storing=True), None, ""),
    ],
)
def test_a_gateway_that_ends_it_is_told_with_what_to_do(
    box: Box,
    behaviour: Behaviour,
    exit_code: int | None,
    what: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    with GatewayEnd(behaviour) as gateway:
        monkeypatch.setattr(sys, "stdin", hearing(gateway))
        give_settings(box, gateway)
        if exit_code is None:
            verify(box, gateway)
            assert "did not say that it has stored the box" in capsys.readouterr().err
            return
        error = failing(box, gateway)
    assert what in error.what
    assert error.exit_code == exit_code
    assert kept(box) == UNPAIRED


def test_a_wrong_number_is_told_and_costs_the_box_nothing(box: Box, listening: GatewayEnd) -> None:
    give_settings(box, listening)
    with pytest.raises(UndertowError) as caught:
        command.main(box.line.socket_url, pair=listening.pair, room="4712")
    assert "has no room 4712" in caught.value.what
    verify(box, listening)
    assert kept(box)[1] == "yes"


def test_a_gateway_that_says_nothing_is_told(
    box: Box, listening: GatewayEnd, monkeypatch: pytest.MonkeyPatch
) -> None:
    give_settings(box, listening)
    listening.behaviour.is_silent = True
    monkeypatch.setattr(gateway_line.GatewayLine.receive, "__defaults__", (0.2,))
    error = failing(box, listening)
    assert "does not answer" in error.what
    assert error.exit_code == EXIT_NO_BOX
    wait_for(lambda: listening.ended == [frames.GAVE_UP])


def test_a_gateway_that_is_not_there_is_told_before_the_box_is_asked(
    box: Box, listening: GatewayEnd
) -> None:
    give_settings(box, listening)
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(UndertowError) as caught:
        command.main(box.line.socket_url, pair=f"127.0.0.1:{port}", room=ROOM)
    assert caught.value.what == f"There is no way to the gateway at 127.0.0.1:{port}"
    with pytest.raises(UndertowError, match="There is no way to the gateway"):
        command.main(box.line.socket_url, pair="no-such-host.invalid", room=ROOM)


def test_settings_that_the_box_cannot_use_are_told_and_leave_nothing(
    box: Box, listening: GatewayEnd
) -> None:
    give_settings(box, listening)
    listening.behaviour.info.endpoints = []
    error = failing(box, listening)
    assert error.exit_code == EXIT_REFUSED
    assert "undertow gateway remove attic" in error.mend
    assert kept(box) == UNPAIRED


@pytest.mark.parametrize("cut", range(300, 3300, 300))
def test_wherever_the_cable_is_pulled_the_box_is_paired_or_is_not(
    box: Box, listening: GatewayEnd, cut: int
) -> None:
    give_settings(box, listening)
    box.line.cut_after = cut
    with pytest.raises(UndertowError) as caught:
        verify(box, listening)
        raise UndertowError("It was not cut", "", "")
    box.line.cut_after = None
    if caught.value.what != "It was not cut":
        assert "broke off" in caught.value.what
    state, verified, has_tunnel = kept(box)
    assert (state, verified, has_tunnel) in (
        UNPAIRED,
        ("partial", "no", True),
        ("live", "yes", True),
    )
    if state == "partial":  # what was staged is not taken over by who did not mean it
        provision(Wanted(name="cellar"), box.line.socket_url, pair=listening.pair, room=ROOM)
        assert kept(box) == UNPAIRED


def test_a_box_without_settings_is_told_what_comes_first(box: Box, listening: GatewayEnd) -> None:
    error = failing(box, listening)
    assert error.what == "The box has no settings yet"
    assert f"undertow provision --pair {listening.pair} --room 4711" in error.mend


@pytest.mark.parametrize(
    ("pair", "room", "meeting"),
    [
        ("home.example", "4711", ("home.example", 51820)),
        ("home.example:443", "0000", ("home.example", 443)),
        ("192.0.2.1:1", "4711", ("192.0.2.1", 1)),
        ("2001:db8::1", "4711", ("2001:db8::1", 51820)),
        ("[2001:db8::1]:443", "4711", ("2001:db8::1", 443)),
        ("[2001:db8::1]", "4711", ("2001:db8::1", 51820)),
    ],
)
def test_a_gateway_is_named_as_people_write_it(
    pair: str, room: str, meeting: tuple[str, int]
) -> None:
    found = address.read(pair, room)
    assert (found.host, found.port, found.room) == (*meeting, room)


@pytest.mark.parametrize(
    ("pair", "room"),
    [
        ("", "4711"),
        ("home.example", ""),
        ("home.example", "471"),
        ("home.example", "47111"),
        ("home.example", "four"),
        ("home.example", "٤٧١١"),
        ("home.example:", "4711"),
        ("home.example:0", "4711"),
        ("home.example:65536", "4711"),
        ("home.example:x", "4711"),
        (":443", "4711"),
        ("[2001:db8::1", "4711"),
        ("[2001:db8::1]443", "4711"),
    ],
)
def test_what_names_no_gateway_is_wrong_usage(pair: str, room: str) -> None:
    with pytest.raises(UndertowError) as caught:
        address.read(pair, room)
    assert caught.value.exit_code == EXIT_USAGE


def test_a_run_is_in_the_box_alone_and_its_files_hold_no_code(
    box: Box, listening: GatewayEnd, tmp_path: Path
) -> None:
    give_settings(box, listening)
    verify(box, listening)
    assert listening.codes[0] not in box.log.read_text()
    with box.console() as console:
        assert listening.codes[0] not in "\n".join(console.log())


def test_a_gateway_that_talks_without_end_is_none() -> None:
    chatter = 400 * frames.frame(frames.CONFIRMATION, bytes(16))
    with socket.create_server(("127.0.0.1", 0)) as server:
        line = gateway_line.GatewayLine(
            address.Meeting("127.0.0.1", server.getsockname()[1], "4711")
        )
        connection, _ = server.accept()
        with connection:
            connection.sendall(chatter)
            with pytest.raises(UndertowError, match="no gateway of ours"):
                line.see_that_it_goes_on()
            line.close()

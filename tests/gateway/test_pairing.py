"""Pairing over real sockets: who is let in, who is not, and who is in between."""

import base64
import socket
import threading

import pytest
from tests.gateway.talk import DIGITS, PATIENCE_S, Box, Opened, Scripted, fill_random, fresh_key

from pairing import frames
from pairing.info import Info
from pairing.session import Responder
from undertow.errors import EXIT_MISMATCH, EXIT_REFUSED, UndertowError
from undertow.gateway import keys, peers
from undertow.gateway.lockout import KeptLockout, now_ms
from undertow.gateway.pairing import command, run
from undertow.gateway.pairing.command import Room
from undertow.gateway.state import State
from undertow.lab.namespace import wait_until


@pytest.fixture(autouse=True)
def _short_farewell(monkeypatch: pytest.MonkeyPatch) -> None:
    """Boxes here do not hang up when they are told that it is over."""
    monkeypatch.setattr(run, "FAREWELL_S", 0.05)


def pair(state: State, name: str = "attic", key: object = None, answer: str = DIGITS) -> Box:
    """A pairing in which everything is right."""
    with Opened(state, Scripted(answer)) as opened:
        box = Box(opened.connect(), opened.person.room, name, key)  # type: ignore[arg-type]
        code = box.agree()
        box.confirm()
        box.psk = box.finish()  # type: ignore[attr-defined]
        assert opened.person.code is not None
        assert opened.person.code.digits == code.digits
        assert opened.end() is None
    return box


def locked_s(state: State) -> int:
    return KeptLockout(state.folder).locked_s(now_ms())


def test_what_both_confirmed_is_stored_with_the_same_preshared_key(state: State) -> None:
    box = pair(state)
    (peer,) = state.peers().by_name.values()
    assert base64.b64decode(peer.public_key) == box.key.public()
    assert peer.state(state.public_key()) == peers.VERIFIED
    psk = state.preshared_key(peer)
    assert psk is not None
    assert base64.b64decode(psk) == box.psk  # type: ignore[attr-defined]
    assert locked_s(state) == 0


def test_yes_counts_as_much_as_the_digits(state: State) -> None:
    pair(state, answer="yes")
    assert list(state.peers().by_name) == ["attic"]


def test_the_box_gets_all_that_its_tunnel_needs(state: State) -> None:
    state.change_settings(endpoints=("home.example:4444", "192.0.2.9"), dns=("192.0.2.53",))
    found = pair(state).gateway
    assert found.endpoints == ["home.example:4444", "192.0.2.9:51820"]
    assert (found.address, found.allowed_ips) == ("10.51.82.2/32", "0.0.0.0/0")
    assert (found.dns, found.mtu, found.keepalive) == ("192.0.2.53", 1420, 25)
    assert found.name == state.settings().name


def test_who_confirms_first_does_not_matter(state: State) -> None:
    person = Scripted()
    with Opened(state, person) as opened:
        box = Box(opened.connect(), person.room)
        code = box.agree()
        box.confirm()
        wait_until(lambda: "confirmed there" in person.heard, PATIENCE_S, lambda: "never told")
        assert not state.peers().by_name
        person.say(code.digits)
        box.finish()
        assert opened.end() is None
    person = Scripted(DIGITS)
    with Opened(state, person) as opened:
        box = Box(opened.connect(), person.room, "other")
        box.agree()
        wait_until(lambda: "confirmed here" in person.heard, PATIENCE_S, lambda: "never told")
        assert "other" not in state.peers().by_name
        box.confirm()
        box.finish()
        assert opened.end() is None


@pytest.mark.parametrize("answer", ["no", "000000"])
def test_nothing_is_stored_when_our_person_sees_another_code(state: State, answer: str) -> None:
    with Opened(state, Scripted(answer)) as opened:
        box = Box(opened.connect(), opened.person.room)
        code = box.agree()
        if code.digits == answer:
            pytest.skip("the one code in a million")
        box.confirm()
        assert box.receive(frames.END) == bytes([frames.NO_MATCH])
        error = opened.end()
    assert isinstance(error, UndertowError)
    assert error.exit_code == EXIT_MISMATCH
    assert "Someone may be in between" in error.what
    assert not state.peers().by_name
    assert 55 <= locked_s(state) <= 60


def test_nothing_is_stored_when_the_other_person_sees_another_code(state: State) -> None:
    with Opened(state, Scripted()) as opened:
        box = Box(opened.connect(), opened.person.room)
        box.agree()
        box.connection.sendall(frames.end(frames.NO_MATCH))
        error = opened.end()
    assert isinstance(error, UndertowError) and error.exit_code == EXIT_MISMATCH
    assert not state.peers().by_name
    assert locked_s(state) > 0


def test_a_wrong_confirmation_stores_nothing_and_says_who_may_be_there(state: State) -> None:
    with Opened(state, Scripted(DIGITS)) as opened:
        box = Box(opened.connect(), opened.person.room)
        box.agree()
        box.connection.sendall(frames.frame(frames.CONFIRMATION, bytes(16)))
        error = opened.end()
    assert isinstance(error, UndertowError)
    assert "Someone may be in between" in error.what
    assert not state.peers().by_name
    assert locked_s(state) > 0


def test_our_own_confirmation_sent_back_is_none(state: State) -> None:
    with Opened(state, Scripted(DIGITS)) as opened:
        box = Box(opened.connect(), opened.person.room)
        box.agree()
        ours = box.receive(frames.CONFIRMATION)
        box.connection.sendall(frames.frame(frames.CONFIRMATION, ours))
        assert opened.end() is not None
    assert not state.peers().by_name


def test_another_key_than_the_committed_one_ends_it_before_a_code_is_shown(state: State) -> None:
    with Opened(state, Scripted(DIGITS)) as opened:
        box = Box(opened.connect(), opened.person.room)
        other = Box(box.connection, opened.person.room)
        commitment = frames.frame(frames.COMMITMENT, box.session.commitment())
        box.connection.sendall(frames.hello(box.room) + commitment)
        other.session.commitment()
        reveal = other.session.receive_answer(box.receive(frames.ANSWER))
        box.connection.sendall(frames.frame(frames.REVEAL, reveal))
        error = opened.end()
        assert opened.person.code is None
    assert isinstance(error, UndertowError)
    assert "Someone may be in between" in error.what
    assert locked_s(state) > 0


def test_a_middle_man_shows_the_two_ends_different_codes(state: State) -> None:
    """He plays the box to the gateway and the gateway to the box, each with keys of his own."""
    with Opened(state, Scripted()) as opened:
        room = opened.person.room
        here, there = socket.socketpair()
        box = Box(here, room)
        middle = Box(opened.connect(), room)

        def play_gateway() -> None:
            reader = frames.Reader()
            responder = Responder(room, fresh_key().public(), Info("home").encode(), fill_random)
            while True:
                for kind, body in reader.feed(there.recv(4096)):
                    if kind == frames.COMMITMENT:
                        answer = responder.receive_commitment(body)
                        there.sendall(frames.frame(frames.ANSWER, answer))
                    elif kind == frames.REVEAL:
                        responder.receive_reveal(body)
                        return

        thread = threading.Thread(target=play_gateway)
        thread.start()
        at_box = box.agree()
        thread.join(PATIENCE_S)
        middle.agree()
        wait_until(lambda: opened.person.code, PATIENCE_S, lambda: "no code was shown")
        assert opened.person.code is not None
        if at_box.digits == opened.person.code.digits:
            pytest.skip("he was lucky: once in a million times")
        opened.person.say(at_box.digits)  # as heard by voice from the box
        middle.confirm()
        assert isinstance(opened.end(), UndertowError)
    assert not state.peers().by_name


@pytest.mark.parametrize("ends", ["hangs up", "says so"])
def test_who_leaves_after_a_code_was_shown_has_had_a_try(state: State, ends: str) -> None:
    with Opened(state, Scripted()) as opened:
        box = Box(opened.connect(), opened.person.room)
        box.agree()
        wait_until(lambda: opened.person.code, PATIENCE_S, lambda: "no code was shown")
        if ends == "says so":
            box.connection.sendall(frames.end(frames.GAVE_UP))
        box.connection.close()
        error = opened.end()
    assert isinstance(error, UndertowError) and error.exit_code == EXIT_REFUSED
    assert locked_s(state) > 0


def test_who_leaves_with_our_answer_has_had_a_try_although_no_code_was_shown(state: State) -> None:
    """With the answer and his own reveal, which he keeps to himself, he can know our code."""
    with Opened(state, Scripted()) as opened:
        with opened.connect() as connection:
            commitment = frames.frame(frames.COMMITMENT, bytes(32))
            connection.sendall(frames.hello(opened.person.room) + commitment)
            connection.recv(4096)
        assert isinstance(opened.end(), UndertowError)
    assert 55 <= locked_s(state) <= 60


def test_a_room_is_used_up_by_the_first_who_commits(state: State) -> None:
    with Opened(state, Scripted()) as opened:
        box = Box(opened.connect(), opened.person.room)
        box.agree()
        with pytest.raises(ConnectionRefusedError):
            opened.connect()
        box.connection.close()
        opened.end()


def test_failures_lock_the_next_room_for_a_minute_and_the_third_for_ten(state: State) -> None:
    lockout = KeptLockout(state.folder)
    for expected in (60, 60, 600, 600):
        lockout.fail(now_ms())
        assert expected - 5 <= locked_s(state) <= expected
        with pytest.raises(UndertowError, match="locked") as caught:
            Room(state, Scripted()).require_unlocked()
        assert caught.value.exit_code == EXIT_REFUSED
    lockout.succeed(now_ms())
    Room(state, Scripted()).require_unlocked()


def test_the_try_counts_before_the_code_is_seen(state: State) -> None:
    """Whoever kills the program, or cuts its power, with the code on the screen wins nothing."""
    seen: list[int] = []
    person = Scripted("no")
    show = person.compare
    person.compare = lambda code, guest: (seen.append(locked_s(state)), show(code, guest))[0]  # type: ignore[method-assign,assignment,func-returns-value]
    with Opened(state, person) as opened:
        Box(opened.connect(), person.room).agree()
        opened.end()
    assert seen and seen[0] > 0


def test_the_wait_begins_when_it_failed_and_not_when_the_code_was_shown(
    state: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [1_000_000]
    monkeypatch.setattr(command, "now_ms", lambda: clock[0])
    with Opened(state, Scripted()) as opened:
        box = Box(opened.connect(), opened.person.room)
        box.agree()
        wait_until(lambda: opened.person.code, PATIENCE_S, lambda: "no code was shown")
        clock[0] += 50_000  # two people take their time
        opened.person.say("no")
        assert box.receive(frames.END) == bytes([frames.NO_MATCH])
        assert opened.end() is not None
    lockout = KeptLockout(state.folder)
    assert lockout.locked_s(clock[0]) == 60
    # And it was one failure, not two.
    for expected in (60, 600):
        lockout.fail(clock[0])
        assert lockout.locked_s(clock[0]) == expected


def test_a_wait_begins_anew_after_a_reboot_and_goes_on_after_a_restart(state: State) -> None:
    KeptLockout(state.folder, "boot one").fail(1_000_000)
    assert KeptLockout(state.folder, "boot one").locked_s(1_050_000) == 10
    assert KeptLockout(state.folder, "boot one").locked_s(1_060_000) == 0
    assert KeptLockout(state.folder, "boot two").locked_s(5_000) == 60
    assert KeptLockout(state.folder, "boot two").locked_s(35_000) == 30
    assert KeptLockout(state.folder, "boot three").locked_s(7_000) == 60


@pytest.mark.parametrize("what", ["garbage", "a reveal that is none", "a confirmation too much"])
def test_whatever_breaks_a_run_after_the_answer_starts_the_wait_when_it_breaks(
    state: State, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    clock = [1_000_000]
    monkeypatch.setattr(command, "now_ms", lambda: clock[0])
    person = Scripted()
    with Opened(state, person) as opened:
        box = Box(opened.connect(), person.room)
        if what == "a reveal that is none":
            box.connection.sendall(frames.hello(box.room) + frames.frame(1, bytes(32)))
            box.receive(frames.ANSWER)
            clock[0] += 50_000
            box.connection.sendall(frames.frame(frames.REVEAL, bytes(100)))
        else:
            box.agree()
            wait_until(lambda: person.code, PATIENCE_S, lambda: "no code was shown")
            clock[0] += 50_000
            confirmation = frames.frame(frames.CONFIRMATION, box.session.confirm())
            box.connection.sendall(b"\xff" if what == "garbage" else 2 * confirmation)
        assert isinstance(opened.end(), UndertowError)
    assert not state.peers().by_name
    assert person.heard.count("confirmed there") <= 1
    assert KeptLockout(state.folder).locked_s(clock[0]) == 60


def test_a_known_name_with_another_key_is_told_and_only_then_replaced(state: State) -> None:
    first = pair(state)
    before = state.peers().by_name["attic"]
    with Opened(state, Scripted(DIGITS)) as opened:
        box = Box(opened.connect(), opened.person.room)
        box.agree()
        wait_until(lambda: opened.person.guest, PATIENCE_S, lambda: "no guest")
        assert opened.person.guest is not None
        assert opened.person.guest.standing == "KEY CHANGED"
        assert state.peers().by_name["attic"] == before
        box.confirm()
        box.finish()
        assert opened.end() is None
    after = state.peers().by_name["attic"]
    assert base64.b64decode(after.public_key) == box.key.public() != first.key.public()
    assert len(state.peers().by_name) == 1


def test_a_gateway_with_another_key_than_was_compared_is_told(state: State) -> None:
    box = pair(state)
    (state.folder.path / keys.PRIVATE_KEY).unlink()
    with Opened(state, Scripted(DIGITS)) as opened:
        again = Box(opened.connect(), opened.person.room, key=box.key)
        again.agree()
        wait_until(lambda: opened.person.guest, PATIENCE_S, lambda: "no guest")
        assert opened.person.guest is not None
        assert opened.person.guest.standing == "OWN KEY CHANGED"
        again.confirm()
        again.finish()
        assert opened.end() is None
    (peer,) = state.peers().by_name.values()
    assert peer.state(state.public_key()) == "verified"


def test_a_known_box_that_pairs_again_keeps_its_name_and_gets_a_new_preshared_key(
    state: State,
) -> None:
    box = pair(state)
    before = state.peers().by_name["attic"]
    pair(state, "renamed", box.key)
    (after,) = state.peers().by_name.values()
    assert (after.name, after.public_key) == ("attic", before.public_key)
    assert after.psk != before.psk
    # The old one is nowhere any more.
    assert {file.name for file in state.folder.path.glob("psk-*")} == {after.psk}


def test_the_address_of_a_pairing_is_promised_to_nobody_else(state: State) -> None:
    with Opened(state, Scripted()) as opened:
        assert [str(address) for address in state.peers().reserved] == ["10.51.82.2"]
        with opened.connect() as connection:
            commitment = frames.frame(frames.COMMITMENT, bytes(32))
            connection.sendall(frames.hello(opened.person.room) + commitment)
        opened.end()
    assert not state.peers().reserved


def test_who_commits_and_never_reveals_does_not_hold_the_room(
    state: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "REVEAL_S", 0.3)
    with Opened(state, Scripted()) as opened, opened.connect() as connection:
        commitment = frames.frame(frames.COMMITMENT, bytes(32))
        connection.sendall(frames.hello(opened.person.room) + commitment)
        assert opened.end() is not None
    assert locked_s(state) > 0

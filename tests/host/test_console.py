"""The console against a box's own, over a line that does everything to bytes that lines do."""

import pytest
from tests.host.bad_line import Harm
from tests.host.conftest import Box
from tests.host.port_server import lend

from undertow.console import Console, RefusedByBoxError, client
from undertow.errors import EXIT_NO_BOX, EXIT_REFUSED, UndertowError

# About half of all frames are damaged: each is 100 to 240 bytes long.
BAD = Harm(lost=0.001, corrupted=0.001, doubled=0.001)
# On such a line patience is what helps.
PATIENT = {"timeout_ms": 100, "tries": 100}

DOCUMENT = bytearray(b"[Box]\nName = attic\n" + b"# a comment that is long enough\n" * 20)


def test_a_blank_box_says_who_it_is(box: Box) -> None:
    with box.console() as console:
        hello = console.hello()
    assert (hello.firmware, hello.board, hello.state) == ("0.0.0-test", "unix", "blank")
    assert hello.name is None


def test_a_serial_port_is_as_good_as_a_socket(box: Box) -> None:
    with Console(box.line.tty_name) as console:
        console.hello()
        console.put("box", DOCUMENT)
        assert "box" not in console.check().missing


@pytest.mark.filterwarnings("ignore:set(Name|Daemon):DeprecationWarning")  # in pyserial 3.5
def test_a_port_of_another_machine_is_as_good(box: Box) -> None:
    with Console(lend(box.line.tty_name)) as console:
        console.hello()
        console.put("box", DOCUMENT)
        assert "box" not in console.check().missing


def test_a_bad_line_changes_nothing_that_is_said(box: Box) -> None:
    box.line.harm = BAD
    with box.console(**PATIENT) as console:
        for _ in range(3):
            console.hello()
            console.put("box", DOCUMENT)
            check = console.check()
            assert check.missing == ("tunnel", "key")
    box.line.harm = Harm()
    with box.console() as console:
        assert console.check() == check


def test_a_request_that_is_repeated_is_executed_once(box: Box) -> None:
    """Each execution of keygen makes another key."""
    box.line.harm = BAD
    with box.console(**PATIENT) as console:
        for _ in range(20):
            public = console.keygen()
            assert console.check().public == public


def test_a_megabyte_of_noise_is_survived_at_both_ends(box: Box) -> None:
    box.line.inject_noise(1 << 20)
    with box.console(tries=20) as console:
        console.hello()
        for _ in range(16):
            box.line.say_to_laptop(b"@ut1 " + box.line.noise(1 << 16))
            assert console.hello().state == "blank"
    assert len(box.line.heard_by_laptop) > 1 << 20


def test_boot_messages_and_other_programs_answers_are_passed_over(box: Box) -> None:
    with box.console() as console:
        console.hello()
        box.line.say_to_laptop(b"rst:0x1 (POWERON_RESET)\r\n@ut1 1 ok e30= 00000000\r\n")
        assert console.hello().board == "unix"


def test_what_arrived_before_the_line_was_cut_is_still_there(box: Box) -> None:
    with box.console() as console:
        console.put("box", DOCUMENT)
        box.line.cut_after = 1000
        with pytest.raises(UndertowError) as caught:
            for _ in range(100):
                console.put("tunnel", DOCUMENT)
    assert caught.value.exit_code == EXIT_NO_BOX
    assert caught.value.what == f"The line to {box.line.socket_url} broke off"
    with box.console() as console:
        assert console.hello().state == "partial"
        assert "box" in console.check().documents


@pytest.mark.parametrize("cut", [1, 7, 100, 250, 500])
def test_wherever_the_line_is_cut_the_next_one_is_understood(box: Box, cut: int) -> None:
    with box.console() as console:
        box.line.cut_after = cut
        with pytest.raises(UndertowError):
            for _ in range(10):
                console.put("box", DOCUMENT)
    with box.console() as console:
        console.put("box", DOCUMENT)
        assert "box" in console.check().documents


def test_what_was_not_committed_does_not_outlive_the_power(box: Box) -> None:
    with box.console() as console:
        console.put("box", DOCUMENT)
        assert console.hello().state == "partial"
    box.cut_power()
    box.start()
    with box.console() as console:
        assert console.hello().state == "blank"


def test_answers_that_are_longer_than_a_line_arrive_whole(box: Box) -> None:
    broken = bytearray(b"[Interface]\n" + b"Address = 10.0.0.300/24\n" * 12)
    box.line.harm = BAD
    with box.console(**PATIENT) as console:
        console.put("tunnel", broken)
        check = console.check()
    assert [each["line"] for each in check.problems] == [2, 3, 4, 5, 6, 7, 8, 9]
    assert check.more == 4
    assert {each["why"] for each in check.problems} == {"'10.0.0.300' is not an IP address"}


def test_a_refusal_is_told_in_the_boxs_words(box: Box) -> None:
    with box.console() as console, pytest.raises(RefusedByBoxError) as caught:
        console.commit("0" * 64)
    assert caught.value.code == "state"
    assert caught.value.exit_code == EXIT_REFUSED
    assert str(caught.value) == (
        "The box refused 'commit'. What the box has is not whole, or something is wrong with it. "
        "Ask for 'check': it says what."
    )


def test_a_verb_that_the_box_does_not_know_is_told(box: Box) -> None:
    with box.console() as console, pytest.raises(RefusedByBoxError) as caught:
        console.request("dance")
    assert str(caught.value) == (
        "The box refused 'dance'. This box knows no 'dance'. Update the firmware of the box."
    )


def test_a_key_that_is_none_is_refused_without_being_shown(box: Box) -> None:
    text = bytearray(b"yAnz5TF+lXXJte14tji3zlMNq+hd2rYUIgJBgB3fBm?=")
    with box.console() as console, pytest.raises(RefusedByBoxError) as caught:
        console.put("key", text)
    assert str(caught.value) == (
        "The box refused 'put'. 'key' is not a private key. "
        "Give the 44 characters that `wg genkey` printed."
    )


@pytest.mark.parametrize(
    ("versions", "update"), [((7, 9), "firmware of the box"), ((0, 0), "host")]
)
def test_a_box_of_another_version_is_told_with_what_to_update(
    box: Box, versions: tuple[int, int], update: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "PROTO_MIN", versions[0])
    monkeypatch.setattr(client, "PROTO_MAX", versions[1])
    with box.console() as console, pytest.raises(UndertowError) as caught:
        console.hello()
    assert caught.value.exit_code == EXIT_NO_BOX
    assert caught.value.what == (
        f"The box at {box.line.socket_url} speaks another version of the console's protocol"
    )
    assert caught.value.why == (
        f"The box speaks version 1 to 1 of this protocol, the host {versions[0]} to {versions[1]}."
    )
    assert caught.value.mend.startswith(f"Update the {update}")


def test_a_box_that_falls_silent_is_told(box: Box) -> None:
    with box.console(timeout_ms=50, tries=2) as console:
        console.hello()
        box.cut_power()
        with pytest.raises(UndertowError) as caught:
            console.check()
    assert caught.value.exit_code == EXIT_NO_BOX
    assert str(caught.value) == (
        f"The box at {box.line.socket_url} stopped answering. It was asked for 'check', again and "
        "again for 0.1 s. Run this again: it goes on where it stopped. If it stays so, turn the "
        "box off and on."
    )


def test_the_log_and_the_status_can_be_read(box: Box) -> None:
    with box.console() as console:
        assert console.status()["box"]["state"] == "blank"
        assert console.log() == []


def test_a_box_is_wiped_by_its_name_alone(box: Box) -> None:
    from tests.host.test_provisioning import provisioned

    provisioned(box)
    with box.console() as console:
        with pytest.raises(RefusedByBoxError) as caught:
            console.wipe("another")
        assert caught.value.why == "This box is called 'home'."
        console.wipe("home")
        assert console.hello().state == "blank"
        assert console.check().public is None


def test_a_reboot_keeps_what_was_committed(box: Box) -> None:
    from tests.host.test_provisioning import provisioned

    public = provisioned(box).public_key
    with box.console() as console:
        console.reboot()
        assert console.hello().state == "live"
        assert console.check().public == public

"""`invoke log`, `reboot` and `wipe` against the firmware's own code."""

import io
import sys

import pytest
from tests.host.conftest import Box

from undertow import reach
from undertow.console import commands
from undertow.errors import EXIT_NO_BOX, EXIT_USAGE, UndertowError
from undertow.flash import ports


def name_it(box: Box) -> None:
    """Give the box a name and all else that it needs."""
    with box.console() as console:
        console.put("box", bytearray(b"[Box]\nName = attic\n"))
        console.put(
            "tunnel",
            bytearray(
                b"[Interface]\nAddress = 10.0.0.2/32\n[Peer]\nEndpoint = 192.0.2.1:51820\n"
                b"PublicKey = TrMvSoP4jYQlY6RIzBgbssQqY3vxI2Pi+y71lOWWXX0=\n"
                b"AllowedIPs = 0.0.0.0/0\n"
            ),
        )
        console.keygen()
        console.commit(console.check().digest)


def test_the_log_is_printed(box: Box, capsys: pytest.CaptureFixture[str]) -> None:
    name_it(box)
    commands.log(box.line.socket_url)
    assert "new settings were committed" in capsys.readouterr().out


def test_a_reboot_says_who_it_is_that_starts(box: Box, capsys: pytest.CaptureFixture[str]) -> None:
    name_it(box)
    commands.reboot(box.line.socket_url)
    assert capsys.readouterr().out == "The box 'attic' starts anew.\n"


@pytest.mark.parametrize("name", ["", "cellar"])
def test_a_box_is_not_wiped_without_its_name(box: Box, name: str) -> None:
    name_it(box)
    with pytest.raises(UndertowError) as caught:
        commands.wipe(box.line.socket_url, name)
    assert caught.value.exit_code == EXIT_USAGE
    assert caught.value.mend == "If it is to be wiped, add --name attic."
    with box.console() as console:
        assert console.hello().state == "live"


def test_a_wiped_box_is_blank(box: Box) -> None:
    name_it(box)
    commands.wipe(box.line.socket_url, "attic")
    with box.console() as console:
        assert console.hello().state == "blank"


def test_a_box_that_is_not_named_cannot_be_asked() -> None:
    for command in (commands.log, commands.reboot):
        with pytest.raises(UndertowError, match="No console is named"):
            command("")


def port(name: str) -> ports.Port:
    return ports.Port(name, "", 0x10C4, 0xEA60, "", ("olimex_esp32_poe",))


def test_a_box_that_is_not_named_is_the_one_that_is_plugged_in(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ports, "listing", lambda: [port("/dev/ttyUSB7")])
    assert reach.running("") == "/dev/ttyUSB7"
    assert reach.running("unix:here") == "unix:here"
    for there, status in (([], EXIT_NO_BOX), ([port("one"), port("two")], EXIT_USAGE)):
        monkeypatch.setattr(ports, "listing", lambda there=there: there)
        monkeypatch.setattr(sys, "stdin", io.StringIO())
        with pytest.raises(UndertowError) as caught:
            reach.running("")
        assert caught.value.exit_code == status
        assert "./invoke run" in caught.value.mend

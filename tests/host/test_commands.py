"""`invoke log`, `reboot` and `wipe` against the firmware's own code."""

import pytest
from tests.host.conftest import Box

from undertow.console import commands
from undertow.errors import EXIT_USAGE, UndertowError


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

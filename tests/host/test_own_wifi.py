"""A box with Wi-Fi: its own network's password is made once, shown once, and kept."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from tests.host.conftest import Box
from tests.host.test_provisioning import config
from tests.support.console_text import decoded

from undertow.console import Console
from undertow.console.client import Object
from undertow.errors import UndertowError
from undertow.provisioning import Wanted, main
from undertow.terminal import prompt


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody sees standard error."""
    monkeypatch.setattr(prompt, "is_watched", lambda: True)


def document(box: Box) -> str:
    """The document in the box's flash."""
    data = b"".join(file.read_bytes() for file in box.flash.iterdir() if file.is_file())
    start = data.rindex(b"[Box]")
    return data[start : start + 400].decode(errors="replace")


def run(box: Box, wanted: Wanted, **options: bool) -> None:
    main(wanted, box.line.socket_url, **options)


def made_password(err: str) -> str:
    lines = err.splitlines()
    return next(lines[i + 1] for i, line in enumerate(lines) if "own Wi-Fi" in line).strip()


def test_a_new_box_gets_a_password_that_is_shown_once(
    wifi_box: Box, seen: None, capsys: pytest.CaptureFixture[str]
) -> None:
    run(wifi_box, Wanted(config(wifi_box)), json=True)
    out, err = capsys.readouterr()
    password = made_password(err)
    assert "Its own Wi-Fi is called 'undertow-0100', with the password" in err
    assert f"SSID = undertow-0100\nPassword = {password}\n" in document(wifi_box)
    assert password not in out, "what programs get may be kept"
    run(wifi_box, Wanted(config(wifi_box)))
    run(wifi_box, Wanted(name="cellar"))
    out, err = capsys.readouterr()
    assert "own Wi-Fi" not in err
    assert f"Password = {password}\n" in document(wifi_box), "changing the name keeps it"
    assert "Name = cellar\n" in document(wifi_box)
    assert password not in decoded(wifi_box.line.heard_by_laptop)


def test_it_is_shown_even_if_the_line_breaks_right_after_the_box_took_it_over(
    wifi_box: Box,
    seen: None,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    commit = Console.commit

    def commit_and_break(self: Console, digest: str, missing: Sequence[str] = ()) -> Object:
        answer = commit(self, digest, missing)
        wifi_box.line.cut_after = 20
        return answer

    monkeypatch.setattr(Console, "commit", commit_and_break)
    with pytest.raises(UndertowError, match="broke off"):
        run(wifi_box, Wanted(config(wifi_box)))
    password = made_password(capsys.readouterr().err)
    assert f"Password = {password}\n" in document(wifi_box)


def test_where_nobody_looks_none_is_made(wifi_box: Box, capsys: pytest.CaptureFixture[str]) -> None:
    run(wifi_box, Wanted(config(wifi_box)))
    out = capsys.readouterr().out
    assert "stays off" in out
    assert "--lan-password-file" in out
    assert "[LAN]" not in document(wifi_box)


def test_one_that_is_given_is_not_shown(
    wifi_box: Box, seen: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "password").write_text("battery staple\n")
    wanted = Wanted(config(wifi_box), lan_password_file=str(tmp_path / "password"))
    run(wifi_box, wanted)
    out, err = capsys.readouterr()
    assert "battery staple" not in out + err
    assert "Password = battery staple\n" in document(wifi_box)
    run(wifi_box, wanted)
    assert "nothing changed" in capsys.readouterr().out


def test_a_code_with_the_password_is_shown_to_who_agrees(
    wifi_box: Box,
    seen: None,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(prompt, "confirm", lambda question: bool(asked.append(question)))
    run(wifi_box, Wanted(config(wifi_box)), with_qr=True)
    out, err = capsys.readouterr()
    assert asked == ["Show it as a QR code, which everybody in sight of the screen can read, too?"]
    assert "█" not in err
    assert "█" in out, "the one for the gateway holds no secret and needs no question"


def test_other_networks_replace_those_that_it_knew_and_nothing_else(
    wifi_box: Box, tmp_path: Path
) -> None:
    (tmp_path / "password").write_text("correct horse\n")
    files = (str(tmp_path / "password"),)
    run(
        wifi_box,
        Wanted(
            config(wifi_box),
            wifi=("Hotel",),
            wifi_password_files=files,
            uplink="192.0.2.7/24,192.0.2.1,9.9.9.9",
            medium="wifi",
            lan_password_file=files[0],
        ),
    )
    before = document(wifi_box)
    run(wifi_box, Wanted(wifi_open=("Airport",)))
    after = document(wifi_box)
    start, end = before.index("[WiFi]"), before.index("[LAN]")
    whole = before.index("Password = correct horse", end)
    assert after.startswith(before[:start] + "[WiFi]\nSSID = Airport\n\n" + before[end:whole])
    run(wifi_box, Wanted(name="attic"))
    assert document(wifi_box).startswith(after[:40].replace("home", "attic")[:20])
    assert "SSID = Airport\n" in document(wifi_box)


def test_a_board_without_wifi_takes_networks_with_a_note(
    box: Box, capsys: pytest.CaptureFixture[str]
) -> None:
    run(box, Wanted(config(box), wifi_open=("Airport",)))
    assert "Wi-Fi" in capsys.readouterr().out
    assert "SSID = Airport\n" in document(box)

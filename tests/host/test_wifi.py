"""Networks from QR codes, files and people, to the document that a box reads."""

import sys
from pathlib import Path

import pytest
from box import box_document as boxs_own
from tests.host.test_pairing import Person

from undertow.errors import EXIT_REFUSED, EXIT_USAGE, UndertowError
from undertow.provisioning import Wanted, read, wifi
from undertow.provisioning.box_document import BoxWanted, compose
from undertow.provisioning.wifi import Network
from undertow.terminal import prompt

SECRET = "correct horse; battery"


def network(text: str) -> tuple[str, str | None]:
    """What a code says, by the name and password in it."""
    found = wifi.read_qr(bytearray(text.encode()), "the code", lambda _note: None)
    return found.ssid, None if found.password is None else found.password.decode()


@pytest.mark.parametrize(
    ("text", "ssid", "password"),
    [
        ("WIFI:T:WPA;S:Hotel Lobby;P:correct horse;;", "Hotel Lobby", "correct horse"),
        ("WIFI:S:Hotel;P:12345678;T:WPA2;;\r\n", "Hotel", "12345678"),
        (r"WIFI:T:SAE;S:a\;b\\c\,d\:e\"f;P:p\;q\\r\,s\:t\"u;;", 'a;b\\c,d:e"f', 'p;q\\r,s:t"u'),
        ("wifi:t:wpa;s:lower;p:12345678;;", "lower", "12345678"),
        ("WIFI:T:nopass;S:Open;;", "Open", None),
        ("WIFI:S:Open;;", "Open", None),
        ("WIFI:T:nopass;S:Open;P:;;", "Open", None),
        ("WIFI:T:WPA;S:Höhle;P:12345678;H:true;;", "Höhle", "12345678"),
        ('WIFI:T:WPA;S:"ABCD";P:"12345678";;', "ABCD", "12345678"),
        ("\ufeffWIFI:T:WPA;S:x;P:12345678;;", "x", "12345678"),
        ("WIFI:T:WPA;S:x;P:" + "0123456789abcdefABCDEF0123456789" * 2 + ";;", "x", None),
        ("WIFI:T:WPA;S: x ;P: 345678 ;;", " x ", " 345678 "),
        ("WIFI:T:WPA;R:1;S:x;P:12345678;;", "x", "12345678"),
    ],
)
def test_a_codes_text_is_read_with_its_escapes(text: str, ssid: str, password: str | None) -> None:
    found = network(text)
    assert found[0] == ssid
    if password is not None or "P:" not in text:
        assert found[1] == password


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "It does not begin with 'WIFI:'."),
        ("https://example.com", "It does not begin with 'WIFI:'."),
        ("WIFI:T:WPA;P:PASSWORD;;", "It names no network: there is no field 'S'."),
        ("WIFI:T:WPA;S:;P:PASSWORD;;", "The name has 0 bytes, and one has 1 to 32."),
        (f"WIFI:S:{'ü' * 17};;", "The name has 34 bytes, and one has 1 to 32."),
        ("WIFI:S:a\x07b;;", "The name has a character that cannot be seen."),
        ("WIFI:T:WPA;S:x;;", "It says that the network has a password, and has none."),
        ("WIFI:T:nopass;S:x;P:PASSWORD;;", "It has a password and says that the network is open."),
        ("WIFI:T:WPA;S:x;P:PASSWORD", "The field 'P' has no ';' at its end: is a part missing?"),
        ("WIFI:T:WPA;S:x;P:PASSWORD\\", "The field 'P' has no ';' at its end: is a part missing?"),
        ("WIFI:T:WPA;S:x;P:PASSWORD;;more", "Something follows after its end, ';;'."),
        ("WIFI:S:x;S:y;;", "The field 'S' is there twice."),
        ("WIFI:S:x;PASSWORD;;", "At character 10 there is no field such as 'S:'."),
    ],
)
def test_what_is_no_code_is_refused_and_not_shown(text: str, why: str) -> None:
    with pytest.raises(UndertowError) as caught:
        network(text)
    assert caught.value.exit_code == EXIT_REFUSED
    assert caught.value.why == why
    assert "PASSWORD" not in repr(caught.value) + str(caught.value)


@pytest.mark.parametrize("kind", ["WEP", "WPA2-EAP", "whatever"])
def test_networks_that_a_box_cannot_join_are_refused(kind: str) -> None:
    with pytest.raises(UndertowError, match="a network that a box cannot join"):
        network(f"WIFI:T:{kind};S:x;P:12345678;;")


def test_what_a_code_says_besides_is_mentioned() -> None:
    notes: list[str] = []
    text = bytearray(b"WIFI:T:WPA;S:x;P:12345678;H:true;Z:1;;")
    wifi.read_qr(text, "the code", notes.append)
    assert notes == [
        "the network 'x' hides its name; the box finds it all the same",
        "the code says more than a box needs, passed over: Z",
    ]


@pytest.mark.parametrize(
    "password", ["1234567", "x" * 64, "0" * 65, "pässword1", "tab\tinside", "line\nbreak", ""]
)
def test_what_can_be_no_password_is_refused_and_not_shown(password: str) -> None:
    with pytest.raises(UndertowError) as caught:
        wifi.check_password(bytearray(password.encode()), "FILE")
    assert not password or password not in repr(caught.value)


def test_a_made_password_is_readable_and_different_each_time() -> None:
    made = {wifi.make_password().decode() for _ in range(100)}
    assert len(made) == 100
    for password in made:
        assert [len(group) for group in password.split("-")] == [4, 4, 4]
        assert not set(password) & set("ilo01")
        wifi.check_password(bytearray(password.encode()), "it")


def test_what_is_written_in_a_code_is_read_back() -> None:
    assert network(wifi.qr_text('a;b\\c,d:e"f', 'p;q\\r,s:t"u')) == (
        'a;b\\c,d:e"f',
        'p;q\\r,s:t"u',
    )
    # Quotes around it are its own.
    assert network(wifi.qr_text('"Lobby"', '"12345678"')) == ('"Lobby"', '"12345678"')
    assert network(r'WIFI:T:WPA;S:"Lobby\";P:\"12345678";;') == ('"Lobby"', '"12345678"')


# --- the document ---

AWKWARD = ("#1", "a # b", ' x"', "\\", 'say "hi"', " both ", "a=b", "[x]", "Höhle", "x" * 32)


@pytest.mark.parametrize("text", AWKWARD)
def test_the_box_reads_every_name_and_password_as_it_was_meant(text: str) -> None:
    password = (text.encode().decode("ascii", "ignore") + "12345678")[:63]
    wanted = BoxWanted(
        "attic",
        medium="wifi",
        networks=[Network(text, bytearray(password.encode())), Network("open " + text[:8])],
        lan_ssid=text[:30] + "!",
        lan_password=bytearray(password.encode()),
    )
    found = boxs_own.read(compose(wanted))
    assert [bytes(network.ssid) for network in found.networks] == [
        text.encode(),
        ("open " + text[:8]).encode(),
    ]
    assert bytes(found.networks[0].password or b"") == password.encode()
    assert found.networks[1].password is None
    assert bytes(found.lan_ssid or b"") == f"{text[:30]}!".encode()
    assert bytes(found.lan_password or b"") == password.encode()
    assert found.uplink_medium == "wifi"


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ({"medium": "pigeon"}, "--medium 'pigeon' cannot be used"),
        ({"name": "the_attic"}, "--name 'the_attic' cannot be used"),
        ({"name": "-x"}, "--name '-x' cannot be used"),
        ({"name": "x" * 33}, f"--name '{'x' * 33}' cannot be used"),
        ({"lan_ssid": "x" * 33}, "--lan-ssid: a network cannot be called"),
        ({"wifi_open": ("",)}, "--wifi-open: a network cannot be called ''"),
        ({"wifi_open": ("a", "a")}, "The Wi-Fi network 'a' is named twice"),
        ({"wifi_open": tuple("abcdefghi")}, "9 Wi-Fi networks are too many"),
        ({"wifi": ("a",), "wifi_password_files": ("-", "x")}, "more --wifi-password-file than"),
        ({"wifi_qr": ("-",), "lan_password_file": "-"}, "Standard input is named twice"),
        ({"wifi_qr": ("/no/such",)}, "/no/such cannot be read"),
        ({"import_key": True}, "--import-key has no file to take the key from"),
        ({"config": "x", "pairs": True}, "Two gateways are named"),
    ],
)
def test_what_cannot_be_is_refused_before_a_box_is_asked(
    wanted: dict[str, object], said: str
) -> None:
    with pytest.raises(UndertowError) as caught:
        read(Wanted(**{"name": "attic", **wanted}))  # type: ignore[arg-type]
    assert said in caught.value.what


# --- where passwords come from ---


def test_passwords_come_from_files_without_the_editors_newline(tmp_path: Path) -> None:
    (tmp_path / "one").write_text("correct horse\n")
    (tmp_path / "two").write_bytes(b" a space at both ends \r\n")
    wanted = Wanted(
        wifi=("a", "b"), wifi_password_files=(str(tmp_path / "one"), str(tmp_path / "two"))
    )
    box = read(wanted).box
    assert box is not None
    assert [bytes(each.password or b"") for each in box.networks] == [
        b"correct horse",
        b" a space at both ends ",
    ]


def test_a_person_is_asked_for_what_no_file_has(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def typed(question: str, *_: str) -> bytearray:
        asked.append(question)
        return bytearray(b"WIFI:S:x;;" if "QR" in question else b"correct horse")

    monkeypatch.setattr(sys, "stdin", Person(lambda: ""))
    monkeypatch.setattr(prompt, "ask_secret", typed)
    box = read(Wanted(wifi=("Hotel",), wifi_qr=("ask",))).box
    assert box is not None
    assert [each.ssid for each in box.networks] == ["x", "Hotel"]
    assert asked == ["Text of the Wi-Fi QR code:", "Password of the Wi-Fi network 'Hotel':"]


@pytest.mark.parametrize(
    ("wanted", "flag"),
    [
        (Wanted(wifi=("Hotel",)), "--wifi-password-file"),
        (Wanted(wifi_qr=("ask",)), "--wifi-qr"),
    ],
)
def test_nobody_is_asked_where_nobody_is(
    wanted: Wanted, flag: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", open("/dev/null"))  # noqa: SIM115 -- closed with it
    with pytest.raises(UndertowError) as caught:
        read(wanted)
    assert caught.value.exit_code == EXIT_USAGE
    assert flag in caught.value.mend
    assert "not a terminal" in caught.value.why


def test_what_was_read_is_wiped_when_something_else_is_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[bytearray] = []
    check = wifi.check_password

    def keep(password: bytearray, source: str) -> None:
        seen.append(password)
        check(password, source)

    monkeypatch.setattr(wifi, "check_password", keep)
    (tmp_path / "one").write_text("correct horse\n")
    (tmp_path / "two").write_text("short\n")
    files = (str(tmp_path / "one"), str(tmp_path / "two"))
    with pytest.raises(UndertowError):
        read(Wanted(wifi=("a", "b"), wifi_password_files=files))
    assert len(seen) == 2
    assert not any(any(buffer) for buffer in seen)

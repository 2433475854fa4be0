"""From a wg-quick file to a box: what differs, all at once, and no secret where it is not due."""

import base64
import json
import signal
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from tests.host.bad_line import Harm
from tests.host.conftest import Box
from tests.host.test_tunnel_file import FILE
from tests.support.console_text import decoded
from tests.support.keys import GATEWAY, OTHER_PRIVATE, PRESHARED, PRIVATE, PUBLIC

from undertow.console import Console
from undertow.console.client import Object
from undertow.errors import EXIT_REFUSED, UndertowError
from undertow.provisioning import (
    RefusedError,
    Result,
    Wanted,
    main,
    provision,
    provisioner,
    read,
)

NAMES = ("box", "tunnel", "key")


def config(box: Box, text: str = FILE) -> str:
    file = box.flash.parent / "home.conf"
    file.write_text(text)
    return str(file)


def provisioned(
    box: Box, wanted: Wanted | None = None, told: list[str] | None = None, **options: int
) -> Result:
    """Provision as the task does."""
    settings = read(wanted or Wanted(config(box)))
    try:
        with box.console(**options) as console:
            return provision(console, settings, ([] if told is None else told).append)
    finally:
        settings.wipe()


def test_a_blank_box_becomes_one_that_runs(box: Box) -> None:
    result = provisioned(box)
    assert result.box.state == "live"
    assert result.box.name == "home"
    assert result.sent == NAMES
    assert result.gateway.command.startswith(f"wg set wg0 peer {result.public_key} allowed-ips ")
    assert len(base64.b64decode(result.public_key)) == 32
    assert result.public_key not in (PUBLIC, GATEWAY), "the box has made its own"


def test_doing_it_again_changes_nothing_and_sends_no_document(box: Box) -> None:
    first = provisioned(box)
    files = {file: file.read_bytes() for file in box.flash.iterdir()}
    carried = len(box.line.heard_by_box)
    again = provisioned(box)
    assert again.sent == ()
    assert again.public_key == first.public_key
    assert {file: file.read_bytes() for file in box.flash.iterdir()} == files
    assert len(box.line.heard_by_box) - carried < 500


def test_only_what_differs_is_sent(box: Box) -> None:
    first = provisioned(box)
    renamed = provisioned(box, Wanted(config(box), name="attic"))
    assert (renamed.sent, renamed.box.name) == (("box",), "attic")
    moved = provisioned(box, Wanted(config(box, FILE.replace("51820", "443")), name="attic"))
    assert moved.sent == ("tunnel",)
    assert moved.public_key == first.public_key, "the box keeps its key"


def test_a_comment_is_no_difference(box: Box) -> None:
    provisioned(box)
    assert provisioned(box, Wanted(config(box, FILE + "\n# seen\n"))).sent == ()


def test_a_key_that_is_given_replaces_the_boxs_own_once(box: Box) -> None:
    provisioned(box)
    wanted = Wanted(config(box), import_key=True)
    result = provisioned(box, wanted)
    assert (result.sent, result.public_key) == (("key",), PUBLIC)
    assert provisioned(box, wanted).sent == ()
    assert provisioned(box).public_key == PUBLIC, "asked for no key, it keeps the one it has"


def test_it_works_over_a_bad_line(box: Box) -> None:
    box.line.harm = Harm(lost=0.001, corrupted=0.001, doubled=0.001)
    result = provisioned(box, timeout_ms=100, tries=100)
    assert result.box.state == "live"
    assert result.sent == NAMES


def test_after_a_cut_it_goes_on_from_there(box: Box) -> None:
    attempts = 0
    result = None
    while result is None:
        attempts += 1
        assert attempts < 20
        box.line.cut_after = 1000
        try:
            result = provisioned(box)
        except UndertowError as error:
            assert error.what.endswith("broke off")
            with box.console() as console:
                assert console.hello().state in ("blank", "partial", "live")
    assert box.line.cuts == attempts - 1 > 0
    assert result.box.state == "live"
    assert len(result.sent) < len(NAMES), "what had arrived was not sent again"


def test_a_power_cut_before_the_end_leaves_what_was_before(box: Box) -> None:
    first = provisioned(box)
    told: list[str] = []
    box.line.cut_after = 500
    with pytest.raises(UndertowError):
        provisioned(box, Wanted(config(box, FILE.replace("51820", "443"))), told)
    box.cut_power()
    box.start()
    with box.console() as console:
        assert console.hello().state == "live"
        assert console.check().public == first.public_key
    assert provisioned(box).sent == ()


def test_everything_that_the_box_finds_wrong_is_told_with_the_files_line(box: Box) -> None:
    text = FILE.replace("DNS = 10.7.0.1", "DNS = 10.7.0.1\nTable = 7").replace(
        "vpn.example.com", "[2001:db8::1]"
    )
    file = config(box, text)
    with pytest.raises(RefusedError) as caught:
        provisioned(box, Wanted(file, uplink="192.0.2.7/24,192.0.2.7,9.9.9.9"))
    assert caught.value.exit_code == EXIT_REFUSED
    assert caught.value.what == f"The box cannot use {file}"
    assert caught.value.why.splitlines() == [
        "Gateway: is the box itself. Give the address of the router there.",
        f"{file}:6: Table: a box has no routing tables. "
        "Remove the line: all that the LAN sends goes into the tunnel, or nowhere.",
        f"{file}:12: Endpoint: it is an IPv6 address, and a box joins networks by IPv4. "
        "Give a name or an IPv4 address.",
    ]
    assert (
        caught.value.mend == "Mend what is named and run this again. The box runs as it did before."
    )
    with box.console() as console:
        console.reboot()
        assert console.hello().state == "blank"


def test_what_a_refused_attempt_gave_is_taken_over_by_no_later_one(box: Box) -> None:
    first = provisioned(box)
    broken = FILE.replace("DNS = 10.7.0.1", "DNS = 10.7.0.1\nTable = 7")
    with pytest.raises(RefusedError):
        provisioned(box, Wanted(config(box, broken), import_key=True, name="cellar"))
    with box.console() as console:
        assert console.hello().state == "live", "nothing is left of it"
    again = provisioned(box, Wanted(config(box), name="attic"))
    assert (again.sent, again.box.name) == (("box",), "attic")
    assert again.public_key == first.public_key


def test_a_key_of_an_attempt_that_broke_off_is_not_taken_over_by_who_gave_none(box: Box) -> None:
    first = provisioned(box)
    with box.console() as console:  # as an attempt does whose line is cut before the end
        console.put("key", bytearray(PRIVATE.encode()))
        console.put("box", bytearray(b"[Box]\nName = cellar\n"))
        assert console.check().public == PUBLIC
    again = provisioned(box)
    assert (again.sent, again.public_key, again.box.name) == ((), first.public_key, "home")


def test_ctrl_c_before_the_end_leaves_the_box_as_it_was(box: Box) -> None:
    first = provisioned(box)
    told: list[str] = []

    def tell(text: str) -> None:
        told.append(text)
        if "'tunnel'" in text:
            signal.raise_signal(signal.SIGINT)

    settings = read(Wanted(config(box, FILE.replace("51820", "443")), name="attic"))
    with box.console() as console:
        with pytest.raises(KeyboardInterrupt):
            provision(console, settings, tell)
        assert told[-1] == (
            "Interrupted. The box runs as it did before; running this again goes on from here."
        )
        console.reboot()
        hello = console.hello()
        assert (hello.state, hello.name) == ("live", "home")
        assert console.check().public == first.public_key


def test_ctrl_c_at_the_last_moment_waits_until_the_box_has_all_of_it(box: Box) -> None:
    class Interrupted(Console):
        def commit(self, digest: str, missing: Sequence[str] = ()) -> Object:
            signal.raise_signal(signal.SIGINT)
            return super().commit(digest, missing)

    told: list[str] = []
    with Interrupted(box.line.socket_url) as console:
        with pytest.raises(KeyboardInterrupt):
            provision(console, read(Wanted(config(box))), told.append)
        assert told[-1] == "It has taken over everything."
        assert console.hello().state == "live"


def test_the_task_prints_what_the_gateway_needs(
    box: Box, capsys: pytest.CaptureFixture[str]
) -> None:
    main(Wanted(config(box), import_key=True), box.line.socket_url, "", "", json=False)
    out = capsys.readouterr().out
    assert out == (
        "The box 'home' is provisioned.\n"
        f"Its public key is {PUBLIC}\n"
        "\n"
        "The gateway has to know it. Where its tunnel is up (as wg0; yours may have another "
        "name):\n"
        f"    wg set wg0 peer {PUBLIC} allowed-ips 10.7.0.2/32 preshared-key FILE\n"
        "and in its file, so that it stays:\n"
        "    [Peer]\n"
        f"    PublicKey = {PUBLIC}\n"
        "    AllowedIPs = 10.7.0.2/32\n"
        f"    PresharedKey = (the one in {config(box)})\n"
        "or, where the gateway is one of ours:\n"
        f"    undertow gateway add home --public-key {PUBLIC} --address 10.7.0.2 --psk-file FILE\n"
    )
    main(Wanted(config(box)), box.line.socket_url, "", "", json=False)
    assert capsys.readouterr().out.startswith(
        "The box 'home' had all of it already; nothing changed.\n"
    )


def test_a_private_key_that_stays_here_is_mentioned(
    box: Box, capsys: pytest.CaptureFixture[str]
) -> None:
    main(Wanted(config(box)), box.line.socket_url, "", "", json=False)
    out = capsys.readouterr().out
    assert out.startswith(
        f"{config(box)}: its PrivateKey was not given to the box, which has its own. "
        "If the gateway expects the one in the file, run this again with --import-key.\n"
    )
    assert PRIVATE not in out


def test_a_box_that_does_not_run_says_why(
    box: Box, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    found = {"what": "the flash", "why": "it cannot be read", "mend": "Restart the box."}
    hello = Console.hello
    monkeypatch.setattr(Console, "hello", lambda self: replace(hello(self), state="ready"))
    monkeypatch.setattr(Console, "status", lambda _self: {"problem": found})
    monkeypatch.setattr(provisioner, "LIVE_S", 0.0)
    main(Wanted(config(box), import_key=True), box.line.socket_url, "", "", json=False)
    said = "It does not run by that yet. the flash: it cannot be read. Restart the box.\n"
    assert said in capsys.readouterr().out


def test_programs_get_one_object(box: Box, capsys: pytest.CaptureFixture[str]) -> None:
    main(Wanted(config(box)), box.line.socket_url, "", "", json=True)
    told = json.loads(capsys.readouterr().out)
    assert told["box"]["state"] == "live"
    assert told["changed"] is True
    assert told["gateway"]["peer"].startswith("[Peer]\nPublicKey = ")


def test_secrets_go_to_the_box_and_nowhere_else(
    box: Box, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    main(Wanted(config(box), import_key=True), box.line.socket_url, "", "", json=True)
    main(Wanted(config(box), name="attic"), box.line.socket_url, "", "", json=False)
    with box.console() as console:
        said = [str(console.hello()), str(console.check()), str(console.status()), *console.log()]
    out, err = capsys.readouterr()
    seen = "\n".join([out, err, *said, decoded(box.line.heard_by_laptop), box.log.read_text()])
    for secret in (PRIVATE, PRESHARED):
        raw = base64.b64decode(secret)
        assert secret in decoded(box.line.heard_by_box), "this test sees what goes over the line"
        for form in (secret, raw.hex(), raw.hex().upper()):
            assert form not in seen
        assert raw not in box.line.heard_by_laptop
    assert OTHER_PRIVATE not in decoded(box.line.heard_by_box), "comments stay here"


@pytest.mark.parametrize("cut", range(100, 1400, 100))
def test_no_failure_shows_a_secret(box: Box, cut: int, capsys: pytest.CaptureFixture[str]) -> None:
    box.line.cut_after = cut
    with pytest.raises(UndertowError) as caught:
        main(Wanted(config(box), import_key=True), box.line.socket_url, "", "", json=True)
    chain: list[BaseException] = [caught.value]
    while (before := chain[-1].__cause__ or chain[-1].__context__) is not None:
        chain.append(before)
    seen = " ".join([*map(str, chain), *map(repr, chain), *capsys.readouterr()])
    for secret in (PRIVATE, PRESHARED):
        assert secret not in seen

"""A release is flashed only if somebody trusted has signed all of it."""

import io
import json
import stat
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.flash.conftest import BOARD, RISCV_BOARD

from undertow.errors import EXIT_REFUSED, EXIT_USAGE, UndertowError
from undertow.flash import built, keys, release, release_command

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = keys.in_words(KEY.public_key())

Entries = dict[str, bytes]


@pytest.fixture
def entries(build: Path) -> Entries:
    """What is in a good release."""
    with zipfile.ZipFile(io.BytesIO(release.make(built.load(BOARD, build), "1.2.3", KEY))) as good:
        return {name: good.read(name) for name in good.namelist()}


def packed(tmp_path: Path, entries: Entries, more: tuple[tuple[str, bytes], ...] = ()) -> Path:
    file = tmp_path / "release.zip"
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in (*entries.items(), *more):
            archive.writestr(name, content)
    return file


def resigned(entries: Entries, change: Callable[[Any], Any], key: Any = KEY) -> Entries:
    """With a changed manifest that is signed again."""
    manifest = json.loads(entries["manifest.json"])
    changed = change(manifest)
    text = json.dumps(manifest if changed is None else changed).encode()
    return {**entries, "manifest.json": text, "manifest.sig": keys.sign(text, key)}


def refusal(file: Path, board: str = "", trust: str = PUBLIC) -> UndertowError:
    with pytest.raises(UndertowError) as caught:
        release.load(file, board, trust)
    assert caught.value.exit_code == EXIT_REFUSED
    return caught.value


def test_what_was_signed_is_what_is_flashed(tmp_path: Path, entries: Entries, build: Path) -> None:
    loaded = release.load(packed(tmp_path, entries), BOARD, PUBLIC)
    assert loaded.parts == built.load(BOARD, build).parts
    assert loaded.version == "1.2.3"


def test_a_release_names_its_board_itself(tmp_path: Path, entries: Entries) -> None:
    assert release.load(packed(tmp_path, entries), "", PUBLIC).board.name == BOARD


def test_the_same_build_gives_the_same_release(build: Path) -> None:
    firmware = built.load(BOARD, build)
    assert release.make(firmware, "1", KEY) == release.make(firmware, "1", KEY)


def test_a_pinned_key_is_enough(
    tmp_path: Path, entries: Entries, monkeypatch: pytest.MonkeyPatch
) -> None:
    pinned = tmp_path / "keys.txt"
    pinned.write_text(f"# ours\n{PUBLIC} # since 2026\n")
    monkeypatch.setattr(keys, "TRUSTED", pinned)
    release.load(packed(tmp_path, entries))


def test_without_any_key_nothing_is_believed(tmp_path: Path, entries: Entries) -> None:
    assert "Nobody is trusted" in refusal(packed(tmp_path, entries), trust="").what


def test_a_stranger_s_signature_is_refused(tmp_path: Path, entries: Entries) -> None:
    stranger = Ed25519PrivateKey.generate()
    changed = resigned(entries, lambda _: None, stranger)
    assert "not signed by anybody who is trusted" in refusal(packed(tmp_path, changed)).what


def test_a_signature_of_the_bare_manifest_is_none(tmp_path: Path, entries: Entries) -> None:
    bare = {**entries, "manifest.sig": KEY.sign(entries["manifest.json"])}
    assert "not signed by anybody" in refusal(packed(tmp_path, bare)).what


@pytest.mark.parametrize("name", ["manifest.json", "manifest.sig"])
def test_no_byte_of_manifest_or_signature_can_be_changed(
    tmp_path: Path, entries: Entries, name: str
) -> None:
    for at in range(0, len(entries[name]), 13):
        content = bytearray(entries[name])
        content[at] ^= 1
        error = refusal(packed(tmp_path, {**entries, name: bytes(content)}))
        assert "not signed by anybody who is trusted" in error.what


def test_a_changed_part_is_refused(tmp_path: Path, entries: Entries) -> None:
    content = bytearray(entries["app.bin"])
    content[1000] ^= 1
    error = refusal(packed(tmp_path, {**entries, "app.bin": bytes(content)}))
    assert error.what == "app.bin in release.zip is not what was signed"


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (lambda content: content[:-1], "bytes, and"),
        (lambda content: content + b"\0", "is too large"),
    ],
)
def test_a_part_of_another_length_is_refused(
    tmp_path: Path, entries: Entries, change: Callable[[bytes], bytes], what: str
) -> None:
    changed = {**entries, "app.bin": change(entries["app.bin"])}
    assert what in refusal(packed(tmp_path, changed)).what


@pytest.mark.parametrize("name", ["manifest.json", "manifest.sig", "app.bin"])
def test_what_is_missing_is_named(tmp_path: Path, entries: Entries, name: str) -> None:
    del entries[name]
    assert refusal(packed(tmp_path, entries)).what == f"{name} is missing in release.zip"


def test_what_is_there_twice_is_refused(tmp_path: Path, entries: Entries) -> None:
    with pytest.warns(UserWarning, match="Duplicate"):
        file = packed(tmp_path, entries, (("app.bin", entries["app.bin"]),))
    assert refusal(file).what == "app.bin is there twice in release.zip"


def test_what_is_not_named_is_refused(tmp_path: Path, entries: Entries) -> None:
    file = packed(tmp_path, entries, (("../../evil", b""),))
    assert "holds what its manifest does not name: '../../evil'" in refusal(file).what


def test_a_release_for_another_board_is_refused(tmp_path: Path, entries: Entries) -> None:
    error = refusal(packed(tmp_path, entries), RISCV_BOARD)
    assert error.what == f"release.zip is for {BOARD}, not for {RISCV_BOARD}"


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (lambda m: m.update(board="toaster"), "is for a board that is not known, 'toaster'"),
        (lambda m: m.update(chip="esp32c6"), "is for esp32c6, and olimex_esp32_poe has an ESP32"),
        (lambda m: m.update(format=2), "has format 2, and format 1 is known"),
        (lambda m: m["parts"][3].update(offset=0x20000), "puts the program at 0x20000"),
        (lambda m: m.update(more=1), "is not as it has to be"),
        (lambda m: m.update(version=""), "is not as it has to be"),
        (lambda m: m.update(version="\x1b[2J"), "is not as it has to be"),
        (lambda m: m["parts"].__delitem__(0), "is not as it has to be"),
        (lambda m: m["parts"].append(m["parts"][0]), "is not as it has to be"),
        (lambda m: m["parts"][0].update(size=1 << 40), "is not as it has to be"),
        (lambda m: m["parts"][0].update(size=True), "is not as it has to be"),
        (lambda m: m["parts"][0].update(name="../app"), "is not as it has to be"),
        (lambda m: [m], "is not as it has to be"),
    ],
)
def test_a_signed_manifest_that_cannot_be_right_is_refused(
    tmp_path: Path, entries: Entries, change: Callable[[Any], Any], what: str
) -> None:
    assert what in refusal(packed(tmp_path, resigned(entries, change))).what


def test_a_name_that_is_twice_in_a_manifest_is_refused(tmp_path: Path, entries: Entries) -> None:
    text = entries["manifest.json"].replace(b'"format": 1', b'"format": 1, "board": "toaster"')
    changed = {**entries, "manifest.json": text, "manifest.sig": keys.sign(text, KEY)}
    assert "is not as it has to be" in refusal(packed(tmp_path, changed)).what


def test_a_file_that_is_no_zip_is_refused(tmp_path: Path, entries: Entries) -> None:
    file = packed(tmp_path, entries)
    file.write_bytes(file.read_bytes()[:-30])
    assert "it is no whole .zip" in refusal(file).why
    assert "No such file" in refusal(tmp_path / "nothing.zip").why


def test_bytes_that_a_disk_has_lost_are_refused(tmp_path: Path, entries: Entries) -> None:
    file = packed(tmp_path, entries)
    content = file.read_bytes()
    at = content.index(entries["manifest.json"][:40])
    file.write_bytes(content[:at] + b"X" + content[at + 1 :])
    assert refusal(file).what == "manifest.json in release.zip is damaged"


# --- making one ---


def test_a_new_key_signs_a_release_that_its_public_half_checks(
    tmp_path: Path, build: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    secret = tmp_path / "key.pem"
    release_command.main(release_command.Wanted(new_key=str(secret), json=True))
    public = json.loads(capsys.readouterr().out)["public"]
    assert stat.S_IMODE(secret.stat().st_mode) == 0o600
    out = tmp_path / "made.zip"
    wanted = release_command.Wanted(BOARD, "0.1.0", str(secret), str(out), str(build))
    release_command.main(wanted)
    printed = capsys.readouterr()
    assert f"--trust {public}" in printed.out
    assert release.load(out, BOARD, public).version == "0.1.0"
    assert "PRIVATE" not in printed.out + printed.err


def test_a_key_that_others_may_read_is_not_used(tmp_path: Path) -> None:
    secret = tmp_path / "key.pem"
    keys.make_secret(secret)
    secret.chmod(0o640)
    with pytest.raises(UndertowError, match="Others may read the key"):
        keys.load_secret(secret)


def test_a_key_is_never_written_over_a_file(tmp_path: Path) -> None:
    file = tmp_path / "thesis.odt"
    file.write_bytes(b"years of work")
    with pytest.raises(UndertowError, match="never written over"):
        keys.make_secret(file)
    assert file.read_bytes() == b"years of work"


@pytest.mark.parametrize("text", ["", "hello", PUBLIC[:-4], "-----BEGIN PUBLIC KEY-----\nAA=="])
def test_what_is_no_public_key_is_named(text: str) -> None:
    with pytest.raises(UndertowError) as caught:
        keys.trusted(text or "?")
    assert caught.value.exit_code == EXIT_USAGE


def test_a_public_key_may_be_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "key.pub"
    file.write_text(PUBLIC + "\n")
    assert keys.in_words(keys.trusted(str(file))[0]) == PUBLIC


@pytest.mark.parametrize("version", ["", "-1", "1 2", "1" * 33, "a/b"])
def test_a_release_has_a_version_that_can_be_a_file_s_name(version: str, tmp_path: Path) -> None:
    secret = tmp_path / "key.pem"
    keys.make_secret(secret)
    with pytest.raises(UndertowError, match="is no version"):
        release_command.main(release_command.Wanted(BOARD, version, str(secret)))


def test_a_release_is_made_by_the_command_line_too(tmp_path: Path, build: Path) -> None:
    secret = tmp_path / "key.pem"
    keys.make_secret(secret)
    words = ["release", "--board", BOARD, "--version", "9", "--key", str(secret)]
    words += ["--images", str(build), "--out", str(tmp_path / "r.zip"), "--json"]
    made = subprocess.run(
        [sys.executable, "-m", "undertow.cli", *words], capture_output=True, text=True, check=True
    )
    assert json.loads(made.stdout)["bytes"] == (tmp_path / "r.zip").stat().st_size

"""Setting up: pins, what a user names, and what happens where something is missing."""

import hashlib
import os
import shutil
import subprocess
import tarfile
import time
from pathlib import Path

import pytest

from undertow import setup
from undertow.errors import UndertowError
from undertow.run import run
from undertow.setup import checksum, packages, sources, versions


@pytest.fixture
def named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Path]:
    """Small stand-ins for the three sources, named by the user, with a cache of their own."""
    monkeypatch.setenv("UNDERTOW_CACHE", str(tmp_path / "cache"))
    folders = {}
    for name, landmark in sources.LANDMARKS.items():
        folders[name] = tmp_path / name
        for file in (landmark, *(f"{folder}/Makefile" for folder in sources.REAL_FOLDERS)):
            (folders[name] / file).parent.mkdir(parents=True, exist_ok=True)
            (folders[name] / file).write_text(f"{name}: {file}\n")
        monkeypatch.setenv(f"UNDERTOW_{name.upper()}", str(folders[name]))
    (folders["micropython"] / "lib/lwip").mkdir()
    return folders


def listing(folder: Path) -> list[tuple[str, float]]:
    return sorted((str(f.relative_to(folder)), f.lstat().st_mtime) for f in folder.rglob("*"))


def test_every_pin_has_a_checksum_and_every_package_a_reason() -> None:
    pinned = versions.pinned()
    for download in (*pinned.sources.values(), *pinned.programs.values()):
        assert len(bytes.fromhex(download.sha256)) == hashlib.sha256().digest_size
        assert download.version in download.file
    for group in setup.PACKAGE_GROUPS:
        assert all(package.reason for package in pinned.packages[group])


def test_folders_named_by_the_user_win_and_stay_as_they_are(named: dict[str, Path]) -> None:
    before = {name: listing(folder) for name, folder in named.items()}
    tree = sources.ensure().folder
    assert (tree / "py/runtime.c").read_text() == "micropython: py/runtime.c\n"
    assert (tree / "lib/lwip/src/core/init.c").read_text() == "lwip: src/core/init.c\n"
    assert (tree / "lib/mbedtls/library/aes.c").read_text() == "mbedtls: library/aes.c\n"
    assert {name: listing(folder) for name, folder in named.items()} == before


def test_a_build_that_goes_up_from_a_port_stays_in_the_tree(named: dict[str, Path]) -> None:
    tree = sources.ensure().folder
    shown = run(["sh", "-c", "cat ../../lib/lwip/src/core/init.c"], why="", cwd=tree / "ports/unix")
    assert shown == "lwip: src/core/init.c\n"


def test_another_choice_of_folders_is_another_tree(
    named: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = sources.ensure().folder
    moved = named["lwip"].rename(named["lwip"].with_name("other"))
    monkeypatch.setenv("UNDERTOW_LWIP", str(moved))
    second = sources.ensure().folder
    assert first != second
    assert (second / "lib/lwip").resolve() == moved


def test_a_named_folder_without_the_sources_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UNDERTOW_LWIP", str(tmp_path))
    with pytest.raises(UndertowError) as caught:
        sources.named_folder("lwip")
    assert "UNDERTOW_LWIP" in caught.value.what
    assert "src/core/init.c" in caught.value.why


def test_when_all_is_there_setup_is_quick_and_runs_no_program(
    named: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    tree = sources.ensure()
    monkeypatch.setenv("PATH", "")
    started = time.monotonic()
    assert sources.ensure() == tree
    assert time.monotonic() - started < 1


def test_a_download_that_is_not_the_pinned_one_is_refused_and_removed(tmp_path: Path) -> None:
    file = tmp_path / "lwip.tar.xz"
    file.write_bytes(b"something else")
    with pytest.raises(UndertowError, match="not the file"):
        checksum.require(file, hashlib.sha256(b"lwip").hexdigest())
    assert not file.exists()


def test_an_archive_is_unpacked_without_its_top_folder_and_as_ours(tmp_path: Path) -> None:
    (tmp_path / "in/top").mkdir(parents=True)
    (tmp_path / "in/top/file").write_text("x")
    archive = tmp_path / "a.tar.xz"

    def foreign(member: tarfile.TarInfo) -> tarfile.TarInfo:
        member.uid = member.gid = 12345
        return member

    with tarfile.open(archive, "w:xz") as tar:
        tar.add(tmp_path / "in/top", "top", filter=foreign)
    sources.unpack(archive, tmp_path / "out")
    assert (tmp_path / "out/file").read_text() == "x"
    assert (tmp_path / "out/file").stat().st_uid == os.getuid()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.tar.xz", "in", "out"]


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
def test_without_apt_the_same_release_comes_by_git(tmp_path: Path) -> None:
    origin = tmp_path / "origin"
    origin.mkdir()
    (origin / "file").write_text("release")
    identity = ("-c", "user.name=t", "-c", "user.email=t@t")
    for words in (
        ["init", "-q"],
        ["add", "file"],
        [*identity, "commit", "-qm", "x"],
        ["tag", "v1"],
    ):
        subprocess.run(["git", *words], cwd=origin, check=True)
    (origin / "file").write_text("later")
    subprocess.run(["git", *identity, "commit", "-qam", "y"], cwd=origin, check=True)
    source = versions.Source("thing", "1", "thing", "thing.tar", "", origin.as_uri(), "v1")
    sources.clone(source, tmp_path / "cache/thing-1")
    assert (tmp_path / "cache/thing-1/file").read_text() == "release"


def test_missing_packages_are_named_with_the_command_when_we_may_not_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    absent = versions.Package("undertow-no-such-package", "1", "nothing")
    pinned = versions.pinned()
    monkeypatch.setitem(pinned.packages, "build", (*pinned.packages["build"], absent))
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(UndertowError) as caught:
        packages.ensure("build")
    assert caught.value.mend.startswith("Run: sudo apt-get install ")
    assert "undertow-no-such-package" in caught.value.mend


def test_a_command_that_fails_shows_its_last_lines() -> None:
    with pytest.raises(UndertowError) as caught:
        run(["sh", "-c", "echo the reason; exit 3"], why="to see")
    assert "the reason" in caught.value.what
    assert "status 3" in caught.value.what


def test_a_command_that_is_not_there_says_how_to_get_it() -> None:
    with pytest.raises(UndertowError) as caught:
        run(["undertow-no-such-command"], why="to see")
    assert "invoke setup" in caught.value.mend

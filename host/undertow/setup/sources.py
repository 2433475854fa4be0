"""MicroPython, lwIP and Mbed TLS: fetched, checked, unpacked in the cache, never changed.

MicroPython wants the other two inside its own lib/. It gets them by links in a tree of its own
(`Tree`), so that the unpacked folders stay as they came.
"""

import hashlib
import os
import shutil
import tarfile
from dataclasses import dataclass
from pathlib import Path

from undertow import paths, progress
from undertow.errors import UndertowError
from undertow.run import run
from undertow.setup import apt, checksum
from undertow.setup.versions import Source, pinned

# A file that shows that a folder is what it is said to be.
LANDMARKS = {
    "micropython": "py/runtime.c",
    "lwip": "src/core/init.c",
    "mbedtls": "library/aes.c",
}
# Folders that must be real ones in the tree: a build says `../..`, and that must lead to it.
REAL_FOLDERS = ("", "lib", "mpy-cross", "ports", "ports/qemu", "ports/unix")


@dataclass(frozen=True)
class Tree:
    """MicroPython as a build sees it: links to its own files, lib/lwip and lib/mbedtls filled."""

    folder: Path
    version: str


def ensure() -> Tree:
    """Fetch what is missing and return the tree; quick and offline when all is there."""
    folders = {name: named_folder(name) for name in LANDMARKS}
    wanted = [
        source
        for name, source in pinned().sources.items()
        if folders[name] is None and not _unpacked(source).is_dir()
    ]
    if wanted:
        with paths.locked(paths.cache() / "lock"):
            _fetch([source for source in wanted if not _unpacked(source).is_dir()])
    chosen = {name: folder or _unpacked(pinned().sources[name]) for name, folder in folders.items()}
    version = "named by you" if folders["micropython"] else pinned().sources["micropython"].version
    return Tree(_link_tree(chosen), version)


def named_folder(name: str) -> Path | None:
    """The folder that the user names in UNDERTOW_<NAME>, which wins over the pinned sources."""
    variable = f"UNDERTOW_{name.upper()}"
    named = os.environ.get(variable)
    if not named:
        return None
    folder = Path(named).expanduser().absolute()
    if not (folder / LANDMARKS[name]).exists():
        raise UndertowError(
            f"{variable}={named} is not a folder with the sources of {name}",
            f"There is no {LANDMARKS[name]} in it.",
            f"Name the top folder of {name}, or unset {variable} to use the pinned one.",
        )
    return folder


def _unpacked(source: Source) -> Path:
    return paths.cache() / "sources" / source.folder


def _fetch(wanted: list[Source]) -> None:
    """Bring these sources into the cache, from the distribution or else by git."""
    downloads = paths.cache() / "downloads"
    absent = [item for item in wanted if not checksum.matches(downloads / item.file, item.sha256)]
    by_apt = not absent or apt.mirror() is not None
    if by_apt and absent:
        apt.fetch(list(absent), downloads)
    for source in wanted:
        if by_apt:
            checksum.require(downloads / source.file, source.sha256)
            unpack(downloads / source.file, _unpacked(source))
        else:
            clone(source, _unpacked(source))


def unpack(archive: Path, folder: Path) -> None:
    """Unpack an archive with one top folder as `folder`, whole or not at all."""
    fresh = folder.with_name(folder.name + ".new")
    shutil.rmtree(fresh, ignore_errors=True)
    with progress.step(f"Unpacking {archive.name}"), tarfile.open(archive) as tar:
        members = tar.getmembers()
        for member in members:
            member.uid, member.gid = os.getuid(), os.getgid()  # ours, not its packer's
            member.uname = member.gname = ""
        # The archive is the pinned one, so it needs no filter, which Python 3.11.2 has not yet.
        tar.extractall(fresh, members)  # noqa: S202
    tops = list(fresh.iterdir())
    top = tops[0] if len(tops) == 1 and tops[0].is_dir() else fresh
    top.rename(folder)
    shutil.rmtree(fresh, ignore_errors=True)


def clone(source: Source, folder: Path) -> None:
    """The same release by git, for systems without apt."""
    fresh = folder.with_name(folder.name + ".new")
    shutil.rmtree(fresh, ignore_errors=True)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with progress.step(f"Cloning {source.name} {source.version}") as step:
        run(
            ["git", "clone", "--depth", "1", "--branch", source.tag, source.git, fresh],
            why="to fetch the sources that the firmware is built from",
            mend=f"Check the network, or name a folder by UNDERTOW_{source.name.upper()}.",
            on_line=step.detail,
        )
    fresh.rename(folder)


def _link_tree(chosen: dict[str, Path]) -> Path:
    """The folder of links for these sources; made once for each choice of folders."""
    micropython = chosen["micropython"]
    if not set(REAL_FOLDERS) - {""} <= _folders_of(micropython):
        raise UndertowError(
            f"{micropython} has not all of MicroPython's folders",
            f"The builds use {', '.join(REAL_FOLDERS[1:])}.",
            "Unpack it again, or run ./invoke setup after removing it.",
        )
    key = hashlib.sha256("\0".join(str(chosen[name]) for name in sorted(chosen)).encode())
    folder = paths.cache() / "sources" / f"tree-{key.hexdigest()[:12]}"
    if folder.is_dir():
        return folder
    with paths.locked(paths.cache() / "lock"):
        if not folder.is_dir():
            _make_links(folder, chosen)
    return folder


def _folders_of(micropython: Path) -> set[str]:
    return {name for name in REAL_FOLDERS if (micropython / name).is_dir()}


def _make_links(folder: Path, chosen: dict[str, Path]) -> None:
    fresh = folder.with_name(folder.name + ".new")
    shutil.rmtree(fresh, ignore_errors=True)
    for name in REAL_FOLDERS:
        here = fresh / name
        here.mkdir(parents=True, exist_ok=True)
        for entry in (chosen["micropython"] / name).iterdir():
            inside = f"{name}/{entry.name}".lstrip("/")
            if inside not in REAL_FOLDERS and inside not in ("lib/lwip", "lib/mbedtls"):
                (here / entry.name).symlink_to(entry)
    for name in ("lwip", "mbedtls"):
        (fresh / "lib" / name).symlink_to(chosen[name])
    fresh.rename(folder)

"""Programs that the pinned release has in a newer version than this machine: kept in the cache."""

import platform
import shutil
from pathlib import Path

from undertow import paths
from undertow.run import run
from undertow.setup import apt, checksum
from undertow.setup.versions import pinned

MACHINES = {"x86_64": "amd64", "aarch64": "arm64"}


def path(name: str) -> Path:
    """Where the program is, or would be."""
    program = pinned().programs[name]
    return paths.cache() / "programs" / f"{name}-{program.version}" / program.program


def available(name: str) -> bool:
    """Whether the pinned build is for this machine."""
    return MACHINES.get(platform.machine()) == pinned().programs[name].architecture and bool(
        shutil.which("dpkg-deb")
    )


def ensure(name: str) -> Path | None:
    """The program, fetched if it is not there yet; None where there is none for this machine."""
    if path(name).exists():
        return path(name)
    if not available(name) or apt.mirror() is None:
        return None
    program = pinned().programs[name]
    with paths.locked(paths.cache() / "lock"):
        package = paths.cache() / "downloads" / program.file
        if not checksum.matches(package, program.sha256):
            apt.fetch([program], package.parent)
        checksum.require(package, program.sha256)
        folder = paths.cache() / "programs" / f"{name}-{program.version}"
        fresh = folder.with_name(folder.name + ".new")
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(parents=True)
        run(["dpkg-deb", "-x", package, fresh], why=f"to take {name} out of its package")
        shutil.rmtree(folder, ignore_errors=True)
        fresh.rename(folder)
    return path(name)

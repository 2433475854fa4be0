"""Who is measured: our program, and two releases of wireguard-go, each at both ends."""

import re
import shutil
from dataclasses import dataclass

from undertow import paths
from undertow.lab.tunnel import Implementation, program_version
from undertow.setup import programs
from undertow.setup.versions import pinned

OURS = "undertow-unix"
OLDER = "wireguard-go 0.0.20220316"
NEWER = "wireguard-go 0.0.20231211"


@dataclass(frozen=True)
class Contender:
    """A program by the name that tables show."""

    name: str
    implementation: Implementation


def _wireguard_go(version: str, program: str) -> Contender:
    name = f"wireguard-go {version}"
    return Contender(name, Implementation(name, program))


def contenders() -> list[Contender]:
    """Those that are there; ours is the first."""
    ours = Contender(OURS, Implementation(OURS, str(paths.UNIX_PROGRAM)))
    found = [ours]
    installed = shutil.which("wireguard-go")
    version = re.search(r"\d+\.\d+\.\d+", program_version(installed)) if installed else None
    if installed and version:
        found.append(_wireguard_go(version[0], installed))
    cached = programs.path("wireguard-go")
    if cached.exists():
        # By its package: the program itself still tells the version before.
        found.append(_wireguard_go(pinned().programs["wireguard-go"].version, str(cached)))
    return found

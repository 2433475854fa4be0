"""Programs of the system that do what only they can: ip, nft, resolvconf."""

import os

import _system
from box.files import exists

from linux.errors import ProgramError, words

PACKAGES = {"ip": "iproute2", "nft": "nftables", "resolvconf": "openresolv or resolvconf"}


def run(argv: "list[str] | tuple[str, ...]", text: str = "") -> str:
    """What a command prints. ProgramError: it is missing, or it failed."""
    status, said = attempt(argv, text)
    if status:
        why = said.strip().replace("\n", "; ").rstrip(".") or "it ended with status %d" % status
        raise ProgramError("`%s`" % " ".join(argv), why, "Nothing of the tunnel stays behind.")
    return said


def attempt(argv: "list[str] | tuple[str, ...]", text: str = "") -> "tuple[int, str]":
    """(exit status, what it prints). ProgramError: it is missing."""
    try:
        status, said = _system.run(tuple(argv), text.encode())
    except OSError as error:
        raise ProgramError(
            "`%s`" % argv[0], words(error), "Install it: apt install %s." % PACKAGES[argv[0]]
        )
    return status, said.decode()


def is_there(program: str) -> bool:
    """Whether a program is in PATH."""
    folders = (os.getenv("PATH") or "/usr/bin:/bin").split(":")
    return any(exists(folder + "/" + program) for folder in folders)

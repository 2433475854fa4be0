"""SHA-256 of what was fetched."""

import hashlib
from pathlib import Path

from undertow.errors import UndertowError


def matches(file: Path, sha256: str) -> bool:
    """Whether the file is there and is the pinned one."""
    if not file.exists():
        return False
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest() == sha256


def require(file: Path, sha256: str) -> None:
    """Refuse, and remove, a file that is not the pinned one."""
    if matches(file, sha256):
        return
    file.unlink(missing_ok=True)
    raise UndertowError(
        f"{file.name} is not the file that firmware/versions.toml pins",
        "Its SHA-256 differs: the download is broken or someone changed it.",
        "Run ./invoke setup again; if it stays so, do not use that mirror.",
    )

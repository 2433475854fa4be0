"""`undertow release`: sign what was built, for people who have no checkout."""

import json as json_text
import os
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path

from undertow.errors import EXIT_USAGE, UndertowError
from undertow.flash import built, keys, release

_VERSION = re.compile(r"[0-9A-Za-z][0-9A-Za-z.+-]{0,31}")


@dataclass(frozen=True)
class Wanted:
    """new_key: a file to make a key in, and nothing else. key: the file with the secret key."""

    board: str = ""
    version: str = ""
    key: str = ""
    out: str = ""
    images: str = ""
    files: str = ""
    new_key: str = ""
    json: bool = False


def main(wanted: Wanted) -> None:
    """Make a key, or a release. UndertowError: it did not work, and nothing was left behind."""
    if wanted.new_key:
        public = keys.in_words(keys.make_secret(Path(wanted.new_key)))
        _tell(
            wanted.json,
            {"key": wanted.new_key, "public": public},
            f"{wanted.new_key} is the secret key: who has it can sign releases.\n"
            f"This is the public one, for --trust or flash/trusted_keys.txt:\n{public}",
        )
        return
    _require(wanted.board, "board", "--board, the board that it is for")
    _require(wanted.key, "key", "--key, the file with the secret key")
    if not _VERSION.fullmatch(wanted.version):
        raise UndertowError(
            f"'{wanted.version}' is no version",
            "A release has one, of up to 32 letters, digits, dots, + and -.",
            "Give --version, such as --version 0.1.0.",
            EXIT_USAGE,
        )
    key = keys.load_secret(Path(wanted.key))
    images = Path(wanted.images) if wanted.images else None
    files = Path(wanted.files) if wanted.files else None
    firmware = built.load(wanted.board, images, files)
    content = release.make(firmware, wanted.version, key)
    out = Path(wanted.out or f"undertow-{wanted.version}-{wanted.board}.zip")
    _write(out, content)
    public = keys.in_words(key.public_key())
    parts = {part.name: len(part.content) for part in firmware.parts}
    _tell(
        wanted.json,
        {"file": str(out), "bytes": len(content), "public": public, "parts": parts},
        f"{out}: {len(content)} bytes, for {wanted.board}, version {wanted.version}.\n"
        f"To flash it: undertow flash --release {out} --trust {public}",
    )


def _write(out: Path, content: bytes) -> None:
    """The whole file or none."""
    try:
        descriptor, name = tempfile.mkstemp(prefix=f".{out.name}.", dir=out.parent)
        try:
            with open(descriptor, "wb") as opened:
                opened.write(content)
            os.chmod(name, 0o644)
            os.replace(name, out)
        except BaseException:
            os.unlink(name)
            raise
    except OSError as error:
        raise UndertowError(
            f"The release cannot be written to {out}",
            f"The system says: {error.strerror}.",
            "Name another file by --out.",
            EXIT_USAGE,
        ) from error


def _require(given: str, name: str, what: str) -> None:
    if not given:
        raise UndertowError(
            f"The {name} of the release is not given", "A release is signed for one board.",
            f"Give {what}.", EXIT_USAGE,
        )  # fmt: skip


def _tell(as_json: bool, told: dict[str, object], text: str) -> None:
    print(json_text.dumps(told, indent=2) if as_json else text)

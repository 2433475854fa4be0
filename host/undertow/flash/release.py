"""A release: one .zip with a signed manifest and the parts that it names, and nothing else.

    manifest.json   what is in it: format, board, chip, version, parts with offset, size, SHA-256
    manifest.sig    64 bytes: Ed25519 over the manifest (keys.py)
    NAME.bin        for each part

Nothing of it is believed before the signature is right, and nothing is taken that is not named.
"""

import hashlib
import io
import json
import zipfile
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from undertow.errors import EXIT_REFUSED, UndertowError
from undertow.flash import filesystem, keys
from undertow.flash.firmware import (
    FILES,
    IN_WORDS,
    NAMES,
    NEEDED,
    Firmware,
    assemble,
    place,
)
from undertow.hardware import boards

FORMAT = 1
MANIFEST, SIGNATURE = "manifest.json", "manifest.sig"
SIGNATURE_LEN = 64
MANIFEST_LEN_MAX = 16_384
PART_LEN_MAX = 16 << 20
VERSION_LEN_MAX = 32
_ZIP_TIME = (1980, 1, 1, 0, 0, 0)
_DAMAGED = (zipfile.BadZipFile, OSError, EOFError, RuntimeError, NotImplementedError, ValueError)


def load(file: Path, board: str = "", trust: str = "") -> Firmware:
    """The firmware in a release, if all of it is what somebody trusted has signed.

    board: that it has to be for; empty: any. trust: a public key in place of the pinned ones.
    """
    name = file.name
    try:
        opened = zipfile.ZipFile(io.BytesIO(file.read_bytes()))
    except _DAMAGED as error:
        why = error.strerror if isinstance(error, OSError) else "it is no whole .zip"
        raise _refused(f"{file} cannot be read", f"The reason: {why}.", _AGAIN) from None
    with opened as archive:
        manifest_bytes = _entry(archive, name, MANIFEST, MANIFEST_LEN_MAX)
        _check_signature(
            name, manifest_bytes, _entry(archive, name, SIGNATURE, SIGNATURE_LEN), trust
        )
        manifest = _parse(name, manifest_bytes)
        _check_board(name, manifest, board)
        _check_names(archive, name, manifest)
        described = boards.load(manifest["board"])
        contents = {part["name"]: _part(archive, name, part) for part in manifest["parts"]}
    for part in manifest["parts"]:
        offset = place(described, part["name"])[0]
        if part["offset"] != offset:
            raise _refused(
                f"{name} puts {IN_WORDS[part['name']]} at {part['offset']:#x}",
                f"On {described.name} it belongs at {offset:#x}.",
                "Take the version of undertow that belongs to this release.",
            )
    if manifest["chip"] != described.soc.name:
        raise _refused(
            f"{name} is for {manifest['chip']}, and {described.name} has an {described.soc.title}",
            "A chip starts only images that were made for it.",
            "Take the version of undertow that belongs to this release.",
        )
    if FILES not in contents:
        contents[FILES] = filesystem.make(place(described, FILES)[1])
    return assemble(described, contents, name, manifest["version"])


def make(firmware: Firmware, version: str, key: Ed25519PrivateKey) -> bytes:
    """A release of these parts, as the bytes of its .zip; the same each time."""
    manifest = {
        "format": FORMAT,
        "board": firmware.board.name,
        "chip": firmware.board.soc.name,
        "version": version,
        "parts": [
            {
                "name": part.name,
                "offset": part.offset,
                "size": len(part.content),
                "sha256": part.sha256,
            }
            for part in firmware.parts
        ],
    }
    text = (json.dumps(manifest, indent=2) + "\n").encode()
    entries = {MANIFEST: text, SIGNATURE: keys.sign(text, key)}
    entries |= {f"{part.name}.bin": part.content for part in firmware.parts}
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, content in entries.items():
            info = zipfile.ZipInfo(name, _ZIP_TIME)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            archive.writestr(info, content)
    return made.getvalue()


def _entry(archive: zipfile.ZipFile, name: str, entry: str, length_max: int) -> bytes:
    """The content of an entry, of which there is exactly one, not longer than it may be."""
    found = [info for info in archive.infolist() if info.filename == entry]
    if len(found) != 1:
        how = "is missing" if not found else "is there twice"
        raise _refused(f"{entry} {how} in {name}", "So it is not a release of Undertow.", _AGAIN)
    try:
        with archive.open(found[0]) as opened:
            content = opened.read(length_max + 1)
    except _DAMAGED:
        raise _refused(
            f"{entry} in {name} is damaged", "The .zip's own checksum says so.", _AGAIN
        ) from None
    except Exception as error:  # zlib.error has no other base
        raise _refused(f"{entry} in {name} is damaged", f"It says: {error}.", _AGAIN) from None
    if len(content) > length_max:
        raise _refused(
            f"{entry} in {name} is too large", f"It has more than {length_max} bytes.", _AGAIN
        )
    return content


def _check_signature(name: str, manifest: bytes, signature: bytes, trust: str) -> None:
    trusted = keys.trusted(trust)
    if not trusted:
        raise _refused(
            f"Nobody is trusted to sign {name}",
            "This version of undertow comes without keys of releases.",
            "Give the public key of whoever made it: --trust KEY.",
        )
    if not keys.is_signed(manifest, signature, trusted):
        raise _refused(
            f"{name} is not signed by anybody who is trusted",
            "It was changed after it was signed, or somebody else has made it.",
            "Fetch it again from where you trust it; for a release of somebody else, give his "
            "public key by --trust KEY.",
        )


def _parse(name: str, text: bytes) -> dict[str, Any]:
    """The manifest, in which everything is as it has to be."""

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len({key for key, _ in pairs}) != len(pairs):
            raise ValueError("a name is there twice")
        return dict(pairs)

    try:
        manifest = json.loads(text, object_pairs_hook=unique)
        if manifest["format"] != FORMAT:
            raise _refused(
                f"{name} has format {manifest['format']}, and format {FORMAT} is known",
                "It is newer than this version of undertow.",
                "Take a newer undertow.",
            )
        _require(sorted(manifest) == ["board", "chip", "format", "parts", "version"])
        _require(all(isinstance(manifest[key], str) for key in ("board", "chip", "version")))
        _require(0 < len(manifest["version"]) <= VERSION_LEN_MAX)
        _require(manifest["version"].isprintable())
        for part in manifest["parts"]:
            _require(sorted(part) == ["name", "offset", "sha256", "size"])
            _require(type(part["offset"]) is int and type(part["size"]) is int)
            _require(0 <= part["size"] <= PART_LEN_MAX and part["offset"] >= 0)
            _require(part["name"] in NAMES and len(bytes.fromhex(part["sha256"])) == 32)
        names = [part["name"] for part in manifest["parts"]]
        _require(len(set(names)) == len(names) and set(NEEDED) <= set(names))
    except (ValueError, KeyError, TypeError, RecursionError):
        raise _refused(
            f"The manifest of {name} is not as it has to be",
            "It is signed, and still it does not name board, chip, version and parts.",
            "Tell whoever made it, and take an older release.",
        ) from None
    return dict(manifest)


def _require(is_so: bool) -> None:
    if not is_so:
        raise ValueError


def _check_board(name: str, manifest: dict[str, Any], board: str) -> None:
    wanted = manifest["board"]
    if board and board != wanted:
        raise _refused(
            f"{name} is for {wanted}, not for {board}",
            "Boards differ in their pins, even with the same chip.",
            f"Take the release for {board}, or give --board {wanted} if that is what you have.",
        )
    if wanted not in boards.names():
        raise _refused(
            f"{name} is for a board that is not known, '{wanted}'",
            f"Known are {', '.join(boards.names())}.",
            "Take a newer undertow.",
        )


def _check_names(archive: zipfile.ZipFile, name: str, manifest: dict[str, Any]) -> None:
    known = {MANIFEST, SIGNATURE, *(f"{part['name']}.bin" for part in manifest["parts"])}
    foreign = sorted({info.filename for info in archive.infolist()} - known)
    if foreign:
        raise _refused(
            f"{name} holds what its manifest does not name: {foreign[0][:60]!r}",
            "It was put there after the release was signed.",
            _AGAIN,
        )


def _part(archive: zipfile.ZipFile, name: str, part: dict[str, Any]) -> bytes:
    entry = f"{part['name']}.bin"
    content = _entry(archive, name, entry, part["size"])
    if len(content) != part["size"]:
        raise _refused(
            f"{entry} in {name} has {len(content)} bytes, and {part['size']} were signed",
            "It was cut or changed after it was signed.",
            _AGAIN,
        )
    if hashlib.sha256(content).hexdigest() != part["sha256"].lower():
        raise _refused(
            f"{entry} in {name} is not what was signed",
            "Its SHA-256 is another: it was changed after it was signed.",
            _AGAIN,
        )
    return content


_AGAIN = "Fetch the release again; if it stays so, do not use it, and tell whoever made it."


def _refused(what: str, why: str, mend: str) -> UndertowError:
    return UndertowError(what, why, mend, EXIT_REFUSED)

"""The keys of releases (Ed25519): a secret one signs, the public ones in trusted_keys.txt check."""

import base64
import binascii
import os
import stat
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from undertow.errors import EXIT_REFUSED, EXIT_USAGE, UndertowError

TRUSTED = Path(__file__).with_name("trusted_keys.txt")

# Before what is signed, so that a signature of anything else is never one of a release.
_CONTEXT = b"undertow-release-1\n"


def trusted(named: str = "") -> list[Ed25519PublicKey]:
    """Those of this checkout, or the one key that --trust names and no other."""
    if named:
        return [_public(named)]
    lines = (line.split("#")[0].strip() for line in TRUSTED.read_text().splitlines())
    return [_public(line) for line in lines if line]


def is_signed(content: bytes, signature: bytes, keys: list[Ed25519PublicKey]) -> bool:
    """Whether one of the keys has signed it."""
    for key in keys:
        try:
            key.verify(signature, _CONTEXT + content)
            return True
        except InvalidSignature:
            continue
    return False


def sign(content: bytes, key: Ed25519PrivateKey) -> bytes:
    """The signature, 64 bytes; the same each time."""
    return key.sign(_CONTEXT + content)


def in_words(key: Ed25519PublicKey) -> str:
    """A public key as one line, as --trust takes it."""
    return base64.b64encode(key.public_bytes_raw()).decode()


def make_secret(file: Path) -> Ed25519PublicKey:
    """A new secret key in a file for its owner alone; what goes with it. Never over another."""
    key = Ed25519PrivateKey.generate()
    text = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(descriptor, "wb") as opened:
            opened.write(text)
            opened.flush()
            os.fsync(opened.fileno())
    except OSError as error:
        raise UndertowError(
            f"The key cannot be written to {file}",
            f"The system says: {error.strerror}. A key is never written over another file.",
            "Name a new file.",
            EXIT_USAGE,
        ) from error
    return key.public_key()


def load_secret(file: Path) -> Ed25519PrivateKey:
    """The secret key in a file. UndertowError: it is no such key, or others may read it."""
    try:
        others = stat.S_IMODE(file.stat().st_mode) & 0o077
        text = file.read_bytes()
    except OSError as error:
        raise UndertowError(
            f"The key {file} cannot be read",
            f"The system says: {error.strerror}.",
            "Name the file with the secret key, or make one by `undertow release --new-key FILE`.",
            EXIT_USAGE,
        ) from error
    if others and os.name == "posix":
        raise UndertowError(
            f"Others may read the key {file}",
            "Who has it can sign releases in your name.",
            f"Run: chmod 600 {file}. If others had access, make a new key.",
            EXIT_REFUSED,
        )
    try:
        key = serialization.load_pem_private_key(text, None)
    except (ValueError, TypeError):
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise UndertowError(
            f"{file} holds no secret key for releases",
            "It is an Ed25519 key in PEM, without a password.",
            "Make one by `undertow release --new-key FILE`.",
            EXIT_USAGE,
        )
    return key


def _public(text: str) -> Ed25519PublicKey:
    """A public key: 32 bytes in base64, or a file with that or with PEM."""
    try:
        file = Path(text)
        if file.is_file():
            text = file.read_text()
        if text.startswith("-----BEGIN"):
            key = serialization.load_pem_public_key(text.encode())
            if isinstance(key, Ed25519PublicKey):
                return key
        return Ed25519PublicKey.from_public_bytes(base64.b64decode(text.strip(), validate=True))
    except (OSError, ValueError, binascii.Error):
        raise UndertowError(
            f"'{text[:60].strip()}' is no public key of releases",
            "It is 32 bytes in base64, or a file with these or with PEM.",
            "Give --trust the line that `undertow release --new-key` printed.",
            EXIT_USAGE,
        ) from None

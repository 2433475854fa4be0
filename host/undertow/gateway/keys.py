"""The gateway's private key, and preshared keys: in files of their own, and never in a text."""

import base64
import os

from _wg import PrivateKey

from undertow.gateway.folder import Folder, broken
from undertow.secret import is_key
from wg.keytext import BASE64_LEN, KEY_LEN, wipe, write_base64

PRIVATE_KEY = "private.key"


def private_key(folder: Folder) -> PrivateKey:
    """The gateway's own, made at the first use. The caller wipes it."""
    with folder.locked():
        text = kept(folder, PRIVATE_KEY)
    return PrivateKey(text)


def kept(folder: Folder, name: str) -> bytearray:
    """The 44 characters in a file, made at the first use, for the caller to wipe.

    To be called while the folder is locked.
    """
    text = _read(folder, name)
    if text is None:
        text = fresh()
        line = text + b"\n"
        try:
            folder.write(name, line)
        except BaseException:
            wipe(text)
            raise
        finally:
            wipe(line)
    return text


def public_text(key: PrivateKey) -> str:
    return base64.b64encode(key.public()).decode()


def fresh() -> bytearray:
    """32 bytes from the system's generator as 44 characters of base64, for the caller to wipe."""
    raw = bytearray(os.getrandom(KEY_LEN))
    # As `wg genkey` writes it: clamped (RFC 7748, 5).
    raw[0] &= 0xF8
    raw[31] = raw[31] & 0x7F | 0x40
    return to_text(raw)


def to_text(raw: bytearray) -> bytearray:
    """The base64 of 32 bytes, which are wiped."""
    text = bytearray(BASE64_LEN)
    write_base64(text, 0, raw)
    wipe(raw)
    return text


def preshared_key(folder: Folder, name: str) -> bytearray:
    """The 44 characters in a file of the folder, for the caller to wipe."""
    text = _read(folder, name)
    if text is None:
        raise broken(folder.path / name, "it is missing, and a box has its preshared key there")
    return text


def _read(folder: Folder, name: str) -> bytearray | None:
    text = folder.read(name)
    if text is None:
        return None
    while text and text[-1] in b"\r\n ":
        del text[-1]
    if not is_key(text):
        wipe(text)
        raise broken(folder.path / name, "it holds no key")
    return text

"""Private and preshared keys."""

import base64
import binascii
import re
from typing import Any

from tests.contract.reference.arguments import alive, readable, writable
from tests.contract.reference.primitives import dh


def key_bytes(key: Any) -> bytes:
    """The 32 bytes of a key in any of its three forms; wipes a buffer that can be written."""
    view = readable(key)
    text = bytes(view)
    if len(text) == 32:
        raw = text
    elif len(text) == 44:
        try:
            raw = base64.b64decode(text, validate=True)
        except binascii.Error as error:
            raise ValueError("no base64") from error
        if base64.b64encode(raw) != text:
            raise ValueError("not the canonical form")
    elif len(text) == 64:
        if not re.fullmatch(rb"[0-9a-fA-F]{64}", text):
            raise ValueError("no hexadecimal digits")
        raw = bytes.fromhex(text.decode())
    else:
        raise ValueError("length")
    if len(raw) != 32:
        raise ValueError("length")
    if not view.readonly:
        view[:] = bytes(len(view))
    return raw


class _Key:
    def __init__(self, key: Any) -> None:
        self.raw = key_bytes(key)
        self.live = True

    @alive
    def export(self, out: Any) -> None:
        writable(out, 32)[:] = self.raw

    def wipe(self) -> None:
        self.raw = bytes(32)
        self.live = False


class PrivateKey(_Key):
    @alive
    def public(self) -> bytes:
        return dh(self.raw, bytes([9]) + bytes(31))


class PresharedKey(_Key):
    @alive
    def is_zero(self) -> bool:
        return self.raw == bytes(32)

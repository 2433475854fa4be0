"""Files with secrets, read into buffers that are wiped, and never into anything that stays."""

import sys
from typing import BinaryIO

from undertow.errors import EXIT_REFUSED, EXIT_USAGE, UndertowError
from wg.keytext import BASE64_LEN, is_base64_key, is_zero_text, wipe

# No wg-quick file for a box is near it; one buffer of this size never moves and leaves no copies.
LEN_MAX = 1 << 16
STDIN = "-"


def read(name: str) -> bytearray:
    """The content of a file, or of standard input for "-". The caller wipes it.

    UndertowError: it cannot be read, or is far too long.
    """
    try:
        if name == STDIN:
            return _read_whole(name, sys.stdin.buffer)
        with open(name, "rb", buffering=0) as file:
            return _read_whole(name, file)
    except OSError as error:
        raise UndertowError(
            f"{name} cannot be read",
            f"The system says: {error.strerror}.",
            "Name a file that is there and that you may read.",
            EXIT_USAGE,
        ) from error


def _read_whole(name: str, file: BinaryIO) -> bytearray:
    buffer = bytearray(LEN_MAX)
    view = memoryview(buffer)
    used = 0
    while used < LEN_MAX and (count := file.readinto(view[used:])):  # type: ignore[attr-defined]
        used += count
    if used == LEN_MAX:
        wipe(buffer)
        raise UndertowError(
            f"{name} is too long",
            f"It has {LEN_MAX} bytes or more, and no file for a box is near that.",
            "Name a wg-quick file.",
            EXIT_REFUSED,
        )
    view.release()
    # Shrinking keeps the buffer where it is.
    del buffer[used:]
    return buffer


def read_private_key(name: str) -> bytearray:
    """The 44 characters of the private key in a file such as `wg genkey` writes. To be wiped."""
    return _read_key(name, "private", "genkey")


def read_preshared_key(name: str) -> bytearray:
    """The 44 characters of the preshared key in a file as of `wg genpsk`. To be wiped."""
    return _read_key(name, "preshared", "genpsk")


def is_key(text: bytearray) -> bool:
    """Whether it is a key as WireGuard writes them, and not all zero."""
    return is_base64_key(text) and not is_zero_text(text)


def _read_key(name: str, kind: str, maker: str) -> bytearray:
    buffer = read(name)
    try:
        start, end = 0, len(buffer)
        while start < end and buffer[start] <= 0x20:
            start += 1
        while end > start and buffer[end - 1] <= 0x20:
            end -= 1
        key = bytearray(memoryview(buffer)[start:end])
    finally:
        wipe(buffer)
    if not is_key(key):
        wipe(key)
        raise UndertowError(
            f"{name} holds no {kind} key",
            f"A {kind} key is {BASE64_LEN} characters of base64 and nothing else.",
            f"Write it as `wg {maker}` does, in a file of its own.",
            EXIT_REFUSED,
        )
    return key

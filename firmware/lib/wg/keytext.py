"""Keys as text: base64 in wg-quick files, hexadecimal in the configuration protocol.

Secrets are read by _wg straight from a buffer and are written here into a buffer that the caller
wipes; neither way passes through a str. Writing uses arithmetic instead of tables, so that no
address depends on a secret.
"""

from binascii import a2b_base64

from wg.compat import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from _wg import PresharedKey, PrivateKey

    # A part of what is to be written: text (a memoryview: a secret one), or a key that goes
    # straight into the buffer.
    Piece = str | memoryview | bytearray | PrivateKey | PresharedKey

KEY_LEN = 32
BASE64_LEN = 44
HEX_LEN = 64


def is_base64_key(buffer: "bytes | bytearray | memoryview") -> bool:
    """Whether this is what `wg genkey` prints: the base64 of 32 bytes."""
    if len(buffer) != BASE64_LEN or buffer[BASE64_LEN - 1] != 0x3D:
        return False
    for i in range(BASE64_LEN - 1):
        if not is_base64_character(buffer[i]):
            return False
    # Four bits of the last character count, the other two must be zero: AEIMQUYcgkosw048.
    return chr(buffer[BASE64_LEN - 2]) in "AEIMQUYcgkosw048"


def is_base64_character(byte: int) -> bool:
    return (
        0x41 <= byte <= 0x5A
        or 0x61 <= byte <= 0x7A
        or 0x30 <= byte <= 0x39
        or byte == 0x2B
        or byte == 0x2F
    )


def is_hex_key(buffer: "bytes | bytearray | memoryview") -> bool:
    """Whether this is 64 hexadecimal digits."""
    if len(buffer) != HEX_LEN:
        return False
    return all(48 <= byte <= 57 or 65 <= byte <= 70 or 97 <= byte <= 102 for byte in buffer)


def is_zero_text(buffer: "bytes | bytearray | memoryview") -> bool:
    """Whether the well-formed text of a key says 32 zero bytes; always takes the same time."""
    difference = 0
    zero = 0x41 if len(buffer) == BASE64_LEN else 0x30
    for i in range(BASE64_LEN - 1 if len(buffer) == BASE64_LEN else HEX_LEN):
        difference |= buffer[i] ^ zero
    return difference == 0


def public_from_base64(text: "bytes | bytearray | memoryview") -> bytes:
    """The 32 bytes of a public key. ValueError: not a key. Not for secrets."""
    if not is_base64_key(text):
        raise ValueError("not 44 characters of base64")
    return a2b_base64(bytes(text))


def secret_from_base64(text: "bytes | bytearray | memoryview") -> bytearray:
    """The 32 bytes of a secret, the caller's to wipe; the text is wiped where it can be written.

    ValueError: not a key. No str and no other copy comes of it.
    """
    if not is_base64_key(text):
        raise ValueError("not 44 characters of base64")
    out = bytearray(KEY_LEN + 1)
    for i in range(0, BASE64_LEN, 4):
        bits = 0
        for k in range(i, i + 4):
            bits = bits << 6 | _six_bits(text[k])
        at = i // 4 * 3
        out[at] = bits >> 16
        out[at + 1] = bits >> 8 & 0xFF
        out[at + 2] = bits & 0xFF
    try:
        wipe(text)  # type: ignore[arg-type]
    except TypeError:  # it cannot be written
        pass
    key = bytearray(KEY_LEN)
    for i in range(KEY_LEN):
        key[i] = out[i]
    wipe(out)
    return key


def public_to_base64(key: bytes) -> str:
    out = bytearray(BASE64_LEN)
    write_base64(out, 0, key)
    return bytes(out).decode()


def public_from_hex(text: "bytes | bytearray | memoryview") -> bytes:
    """The 32 bytes of a public key. ValueError: not 64 hexadecimal digits. Not for secrets."""
    if not is_hex_key(text):
        raise ValueError("not 64 hexadecimal digits")
    return bytes(int(bytes(text[i : i + 2]), 16) for i in range(0, HEX_LEN, 2))


def base64_len(length: int) -> int:
    """How many characters so many bytes have."""
    return (length + 2) // 3 * 4


def write_base64(out: bytearray, offset: int, data: "bytes | bytearray") -> None:
    """Write the base64 of data, which can be a secret, at out[offset]: base64_len() characters."""
    length = len(data)
    for i in range(0, length, 3):
        bits = data[i] << 16
        bits |= data[i + 1] << 8 if i + 1 < length else 0
        bits |= data[i + 2] if i + 2 < length else 0
        for shift in (18, 12, 6, 0):
            out[offset] = _base64_character(bits >> shift & 63)
            offset += 1
    for i in range((-length) % 3):
        out[offset - 1 - i] = 0x3D


def write_hex(out: bytearray, offset: int, key: "bytes | bytearray") -> None:
    """Write the 64 digits of 32 bytes at out[offset]."""
    for i in range(KEY_LEN):
        out[offset + 2 * i] = _hex_digit(key[i] >> 4)
        out[offset + 2 * i + 1] = _hex_digit(key[i] & 15)


def assemble(
    pieces: "list[Piece]",
    key_text_len: int,
    write_key: "Callable[[bytearray, int, bytearray], None]",
) -> bytearray:
    """Join text and keys in a buffer that is made once, at its full length.

    One that grows would leave copies of keys behind.
    """
    size = 0
    for piece in pieces:
        size += len(piece) if isinstance(piece, (str, memoryview)) else key_text_len
    out = bytearray(size)
    offset = 0
    raw = bytearray(KEY_LEN)
    for piece in pieces:
        if isinstance(piece, str):
            out[offset : offset + len(piece)] = piece.encode()
            offset += len(piece)
        elif isinstance(piece, memoryview):
            memoryview(out)[offset : offset + len(piece)] = piece
            offset += len(piece)
        elif isinstance(piece, bytearray):
            write_key(out, offset, piece)
            offset += key_text_len
        else:
            piece.export(raw)
            write_key(out, offset, raw)
            offset += key_text_len
    wipe(raw)
    return out


def wipe(buffer: "bytearray | memoryview") -> None:
    for i in range(len(buffer)):
        buffer[i] = 0


def _base64_character(six_bits: int) -> int:
    # "A" and up; each step adds the jump to the next run of the alphabet where the value is past
    # the end of the run before.
    character = six_bits + 0x41
    character += (25 - six_bits) >> 8 & 6
    character -= (51 - six_bits) >> 8 & 75
    character -= (61 - six_bits) >> 8 & 15
    character += (62 - six_bits) >> 8 & 3
    return character


def _six_bits(character: int) -> int:
    # Which run of the alphabet it is in, by masks; '=' counts as 0.
    upper = (0x40 - character) & (character - 0x5B)
    lower = (0x60 - character) & (character - 0x7B)
    digit = (0x2F - character) & (character - 0x3A)
    plus = (0x2A - character) & (character - 0x2C)
    slash = (0x2E - character) & (character - 0x30)
    return (
        (upper >> 8 & (character - 65))
        + (lower >> 8 & (character - 71))
        + (digit >> 8 & (character + 4))
        + (plus >> 8 & 62)
        + (slash >> 8 & 63)
    ) & 63


def _hex_digit(four_bits: int) -> int:
    return four_bits + 0x30 + ((9 - four_bits) >> 8 & 39)

"""Base64 (RFC 4648, 4) from buffer to buffer, so that secrets leave no copies behind."""

from wg.compat import TYPE_CHECKING

if TYPE_CHECKING:
    Buffer = bytes | bytearray | memoryview

_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_PADDING = 0x3D


def encoded_len(length: int) -> int:
    return (length + 2) // 3 * 4


def encode_into(out: "bytearray | memoryview", offset: int, data: "Buffer") -> int:
    """Write the text of data at out[offset]; where it ends."""
    length = len(data)
    for start in range(0, length, 3):
        count = min(3, length - start)
        bits = data[start] << 16
        if count > 1:
            bits |= data[start + 1] << 8
        if count > 2:
            bits |= data[start + 2]
        out[offset] = _ALPHABET[bits >> 18]
        out[offset + 1] = _ALPHABET[bits >> 12 & 63]
        out[offset + 2] = _ALPHABET[bits >> 6 & 63] if count > 1 else _PADDING
        out[offset + 3] = _ALPHABET[bits & 63] if count > 2 else _PADDING
        offset += 4
    return offset


def decode_in_place(text: "bytearray | memoryview") -> int:
    """Replace text by the bytes that it stands for, which begin where it begins; how many.

    Behind them is zero. -1: it is no base64, with its padding; text is undefined then.
    """
    length = len(text)
    if length % 4:
        return -1
    padding = 0
    while padding < 2 and padding < length and text[length - 1 - padding] == _PADDING:
        text[length - 1 - padding] = 0x41  # stands for zero bits
        padding += 1
    end = 0
    for start in range(0, length, 4):
        bits = 0
        for i in range(start, start + 4):
            value = _value(text[i])
            if value < 0:
                return -1
            bits = bits << 6 | value
        text[end] = bits >> 16
        text[end + 1] = bits >> 8 & 0xFF
        text[end + 2] = bits & 0xFF
        end += 3
    # What the padding stands for must be zero: one text for one value.
    for i in range(end - padding, end):
        if text[i]:
            return -1
    for i in range(end, length):
        text[i] = 0
    return end - padding


def _value(character: int) -> int:
    if 0x41 <= character <= 0x5A:
        return character - 0x41
    if 0x61 <= character <= 0x7A:
        return character - 71
    if 0x30 <= character <= 0x39:
        return character + 4
    if character == 0x2B:
        return 62
    return 63 if character == 0x2F else -1

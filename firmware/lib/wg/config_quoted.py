"""Values that may stand in double quotes: names of Wi-Fi networks, and passwords.

    SSID = Hotel Lobby          # plain: without the blanks at its ends
    SSID = "Room #4 \\"sea\\" "     # in quotes: every byte counts, \\" and \\\\ stand for " and \\

They are taken from one buffer into another and never become a str.
"""

from wg.compat import TYPE_CHECKING
from wg.config_lines import trimmed, without_comment
from wg.config_values import RefusedError

if TYPE_CHECKING:
    Buffer = bytes | bytearray | memoryview

_QUOTE = 0x22
_BACKSLASH = 0x5C
_COMMENT = 0x23
_EQUALS = 0x3D

_MEND = 'Write it in double quotes, and \\" and \\\\ for each " and \\ in it.'


def text_of(view: memoryview, start: int, end: int) -> "tuple[int, int]":
    """Where the text of a line is, without its comment; in quotes a '#' begins none."""
    start, end = trimmed(view, start, end)
    quote = _value(view, start, end)
    if quote < end and view[quote] == _QUOTE:
        close = _closing(view, quote + 1, end)
        if close < end:
            after = without_comment(view, close + 1, end)
            return start, close + 1 if after[0] == after[1] else after[1]
    return without_comment(view, start, end)


def read(view: memoryview, start: int, end: int) -> bytearray:
    """The value between start and end, which are those of a line's text; the caller's to wipe.

    RefusedError: it is written as none can be. Its text is in no error.
    """
    if start == end or view[start] != _QUOTE:
        _check_plain(view, start, end)
        out = bytearray(end - start)
        memoryview(out)[:] = view[start:end]
        return out
    close = _closing(view, start + 1, end)
    if close != end - 1:
        why = "has no quote at its end" if close == end else "goes on behind its closing quote"
        raise RefusedError(why, _MEND)
    return _unescaped(view, start + 1, close)


def encoded_len(value: "Buffer") -> int:
    """How long the value is in quotes."""
    return 2 + len(value) + sum([byte in (_QUOTE, _BACKSLASH) for byte in value])


def write(out: bytearray, offset: int, value: "Buffer") -> int:
    """Write the value in quotes at out[offset]; where it ends."""
    out[offset] = _QUOTE
    offset += 1
    for byte in value:
        if byte in (_QUOTE, _BACKSLASH):
            out[offset] = _BACKSLASH
            offset += 1
        out[offset] = byte
        offset += 1
    out[offset] = _QUOTE
    return offset + 1


def _value(view: memoryview, start: int, end: int) -> int:
    """Where the value of a line begins; end: it has none."""
    while start < end and view[start] not in (_EQUALS, _COMMENT):
        start += 1
    if start == end or view[start] == _COMMENT:
        return end
    return trimmed(view, start + 1, end)[0]


def _closing(view: memoryview, start: int, end: int) -> int:
    """Where the quote is that closes what begins at start; end: nowhere."""
    while start < end and view[start] != _QUOTE:
        start += 2 if view[start] == _BACKSLASH else 1
    return min(start, end)


def _check_plain(view: memoryview, start: int, end: int) -> None:
    for i in range(start, end):
        if view[i] == _QUOTE:
            raise RefusedError("has a quote in it", _MEND)
    # Such as pass#word: half a password would be taken for the whole.
    if end < len(view) and view[end] == _COMMENT and end > start:
        raise RefusedError("has a '#' in it, which begins a comment", _MEND)


def _unescaped(view: memoryview, start: int, end: int) -> bytearray:
    count = end - start
    i = start
    while i < end:
        if view[i] == _BACKSLASH:
            i += 1
            count -= 1
            if view[i] not in (_QUOTE, _BACKSLASH):
                raise RefusedError("has a single \\ in it", _MEND)
        i += 1
    out = bytearray(count)  # once and at its length: one that grows would leave copies behind
    i = start
    for k in range(count):
        if view[i] == _BACKSLASH:
            i += 1
        out[k] = view[i]
        i += 1
    return out

"""What all files of this form have in common: lines, sections, `Keyword = value`, comments."""

from wg import config_values as values
from wg.compat import TYPE_CHECKING
from wg.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    T = TypeVar("T")

WORD_LEN_MAX = 24


class LineReader:
    """Goes through a file line by line and keeps what it finds wrong.

    A reader of one kind of file overrides begin_section(), read_setting(), apply_value() and
    finish().
    """

    def __init__(self, buffer: "bytes | bytearray", file: "str | None") -> None:
        self.view = memoryview(buffer)
        self.file = file
        self.line = 0
        self.errors: "list[ConfigError]" = []

    def begin_section(self, name: "str | None") -> None:
        """A line in brackets. name: as it is spelled; None: it is none."""
        raise NotImplementedError

    def read_setting(self, keyword: str, start: int, end: int) -> None:
        """A line with a keyword, as it was spelled, and where its value is."""
        raise NotImplementedError

    def apply_value(self, name: str, spelled: str, text: str) -> None:
        """Take a value that read_value() found to be plain text. RefusedError: it cannot be."""
        raise NotImplementedError

    def finish(self) -> None:
        """The last line was read."""
        raise NotImplementedError

    def read(self) -> None:
        view = self.view
        if bytes(view[:2]) in (b"\xff\xfe", b"\xfe\xff"):
            self.line = 1
            self.wrong("this file", "is UTF-16", "Save it as UTF-8 or plain text.")
            return
        start = 3 if bytes(view[:3]) == b"\xef\xbb\xbf" else 0
        while start < len(view):
            end = start
            while end < len(view) and view[end] != 0x0A:
                end += 1
            self.line += 1
            self.read_line(*self.text_of(start, end))
            start = end + 1
        self.finish()

    def text_of(self, start: int, end: int) -> "tuple[int, int]":
        """Where the text of a line begins and ends, without its comment."""
        return without_comment(self.view, start, end)

    def wrong(self, what: str, why: str, mend: str) -> None:
        self.errors.append(ConfigError(what, why, mend, self.file, self.line or None))

    def read_line(self, start: int, end: int) -> None:
        """One line without its comment; start and end are those of its text."""
        view = self.view
        if start == end:
            return
        if view[start] == 0x5B:
            self.begin_section(self.section_name(start, end))
            return
        equals = start
        while equals < end and view[equals] != 0x3D:
            equals += 1
        keyword_end = equals
        while keyword_end > start and view[keyword_end - 1] <= 0x20:
            keyword_end -= 1
        keyword = _word(view, start, keyword_end)
        if equals == end or keyword is None:
            # The text is not shown: a line like this can be a key that lost its keyword.
            self.wrong(
                "this line",
                "is not 'Keyword = value'",
                "Write a keyword, '=' and a value, or '#' before a comment.",
            )
            return
        value = equals + 1
        while value < end and view[value] <= 0x20:
            value += 1
        self.read_setting(keyword, value, end)

    def section_name(self, start: int, end: int) -> "str | None":
        """The name between brackets, as it is spelled; None: it is no name."""
        if self.view[end - 1] != 0x5D:
            return None
        return _word(self.view, *trimmed(self.view, start + 1, end - 1))

    def read_value(self, name: str, spelled: str, start: int, end: int) -> None:
        text = bytearray()
        for i in range(start, end):
            byte = self.view[i]
            if not 0x20 <= byte <= 0x7E and byte != 0x09:
                self.wrong(
                    spelled,
                    "character %d of the value is not plain text (byte 0x%02x)"
                    % (i - start + 1, byte),
                    "Type the line anew; text from a web page can hold invisible characters.",
                )
                return
            text.append(byte)
        try:
            self.apply_value(name, spelled, bytes(text).decode())
        except values.RefusedError as refused:
            self.wrong(spelled, refused.why, refused.mend)

    def read_list(
        self, spelled: str, text: str, read: "Callable[[str], T]", into: "list[T]"
    ) -> None:
        """Add the members of a comma list that are new; each wrong one is an error of its own."""
        for part in values.parts(text):
            try:
                value = read(part)
            except values.RefusedError as refused:
                self.wrong(spelled, refused.why, refused.mend)
                continue
            if value not in into:
                into.append(value)

    def sorted_errors(self) -> "list[ConfigError]":
        """In the order of their lines."""
        # Not sorted by line alone: MicroPython's sort shuffles what is equal.
        order = sorted([(error.line or 0, i) for i, error in enumerate(self.errors)])
        return [self.errors[i] for _, i in order]


def without_comment(view: memoryview, start: int, end: int) -> "tuple[int, int]":
    """Where a line's text begins and ends."""
    for i in range(start, end):
        if view[i] == 0x23:
            end = i
            break
    return trimmed(view, start, end)


def trimmed(view: memoryview, start: int, end: int) -> "tuple[int, int]":
    """Without the blanks at both ends."""
    while start < end and view[start] <= 0x20:
        start += 1
    while end > start and view[end - 1] <= 0x20:
        end -= 1
    return start, end


def _word(view: memoryview, start: int, end: int) -> "str | None":
    """The text there if it is one short word of letters; anything else could be a key.

    A digit may stand at its end (S1).
    """
    if not 0 < end - start <= WORD_LEN_MAX:
        return None
    has_digit = end - start > 1 and 0x30 <= view[end - 1] <= 0x39
    for i in range(start, end - 1 if has_digit else end):
        if not 0x41 <= view[i] & 0xDF <= 0x5A:
            return None
    return bytes(view[start:end]).decode()

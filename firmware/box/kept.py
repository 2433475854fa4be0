"""What a new document "box" leaves as it is: taken from the one in force, passwords included.

Nobody can ask a box for its passwords, so who changes its name alone could not send the rest again.
A document may end with

    [Keep]
    What = Uplink, WiFi, LAN      # sections; or Password: that of [LAN], into the [LAN] above

The box writes it out before it judges, stores or digests anything.
"""

from wg.compat import TYPE_CHECKING
from wg.config_lines import trimmed

if TYPE_CHECKING:
    # The name in small letters, and where the section begins and ends, without blank lines.
    Section = tuple[str, int, int]

_ORDER = ("box", "uplink", "wifi", "lan")
_SECRET = "password"  # noqa: S105 -- its keyword


def resolve(text: bytearray, old: "bytearray | None") -> bytearray:
    """The document without its [Keep], which the caller wipes; a copy of text if it has none.

    A [Keep] that is not as above is left there: the reader of the document then refuses it.
    """
    sections = sections_of(text)
    words = _kept(text, sections)
    if words is None:
        return bytearray(text)
    before = [] if old is None else sections_of(old)
    pieces: "list[list[memoryview]]" = []
    for name in _ORDER:
        for source, found in ((text, sections), (old, before)):
            if source is None or (source is old and name not in words):
                continue
            for section, start, end in found:
                if section == name:
                    pieces.append([memoryview(source)[start:end]])
                    if name == "lan" and source is text and _SECRET in words and old is not None:
                        pieces[-1] += _password(old, before)
    return _joined(pieces)


def sections_of(text: bytearray) -> "list[Section]":
    """The sections of a document, broken or not, without what is in front of the first."""
    view = memoryview(text)
    found: "list[Section]" = []
    start = 0
    while start < len(text):
        end = text.find(b"\n", start)
        end = len(text) if end < 0 else end
        first, last = trimmed(view, start, end)
        if first < last and text[first] == 0x5B and text[last - 1] == 0x5D:
            name = bytes(view[first + 1 : last - 1]).lower()
            found.append(("".join([chr(byte) for byte in name]), first, last))
        elif first < last and found:
            found[-1] = (found[-1][0], found[-1][1], last)
        start = end + 1
    return found


def _kept(text: bytearray, sections: "list[Section]") -> "list[str] | None":
    """The words behind What, in small letters; None: there is no [Keep], or it is none."""
    if not sections or sections[-1][0] != "keep":
        return None
    _, start, end = sections[-1]
    lines = bytes(memoryview(text)[start:end]).split(b"\n")
    if len(lines) != 2:
        return None
    keyword, _, value = lines[1].partition(b"=")
    words = [word.strip().lower() for word in value.split(b",")]
    known = {name.encode(): name for name in ("uplink", "wifi", "lan", _SECRET)}
    if keyword.strip().lower() != b"what" or not all(word in known for word in words):
        return None
    return [known[word] for word in words]


def _password(old: bytearray, sections: "list[Section]") -> "list[memoryview]":
    """The line with the password in [LAN]; nothing where there is none."""
    view = memoryview(old)
    for name, start, end in sections:
        while name == "lan" and start < end:
            line_end = old.find(b"\n", start)
            line_end = end if line_end < 0 or line_end > end else line_end
            first, last = trimmed(view, start, line_end)
            word = first
            while word < last and view[word] > 0x20 and view[word] != 0x3D:
                word += 1
            if bytes(view[first:word]).lower() == _SECRET.encode():
                return [view[first:last]]
            start = line_end + 1
    return []


def _joined(sections: "list[list[memoryview]]") -> bytearray:
    """Sections with a blank line between them, in one buffer of the full size."""
    size = 0
    for section in sections:
        size += 1  # the blank line in front, or for the last the newline at the end
        for lines in section:
            size += len(lines) + 1
    out = bytearray(max(size - 1, 0))
    at = 0
    for section in sections:
        for lines in section:
            out[at : at + len(lines)] = lines
            out[at + len(lines)] = 0x0A
            at += len(lines) + 1
        if at < len(out):
            out[at] = 0x0A
            at += 1
    return out

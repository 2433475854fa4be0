"""A wg-quick file, split into what a box gets as its tunnel and the key that stays here.

The box's document has the lines of the file at the same numbers, so that what the box finds wrong
is found in the file. Comments stay here too: they may hold anything, old keys for instance.
"""

from dataclasses import dataclass, field

from undertow import secret
from undertow.console.problem import Problem, RefusedError
from wg import config
from wg.allowedips import format_address
from wg.keytext import public_to_base64, wipe

_NEWLINE, _HASH, _EQUALS = 0x0A, 0x23, 0x3D
_BOM = b"\xef\xbb\xbf"
PRIVATE_KEY = b"privatekey"


@dataclass
class TunnelFile:
    """What a file says, without its private key, which is None when the file has none."""

    name: str
    document: bytearray = field(repr=False)
    private_key: bytearray | None = field(repr=False)
    addresses: list[str] = field(default_factory=list)  # of the box in the tunnel, 10.0.0.2
    peers: list[str] = field(default_factory=list)  # public keys
    has_preshared_key: bool = False
    notes: list[Problem] = field(default_factory=list)

    def wipe(self) -> None:
        """Erase what is secret."""
        wipe(self.document)
        if self.private_key is not None:
            wipe(self.private_key)


def read(name: str) -> TunnelFile:
    """Read and check a file; "-" is standard input. The caller wipes what comes back.

    RefusedError: all that is wrong with it. The private key in it is not checked.
    """
    text = secret.read(name)
    shown = "standard input" if name == secret.STDIN else name
    try:
        document, private_key = split(text)
    finally:
        wipe(text)
    made = TunnelFile(shown, document, private_key)
    try:
        _understand(made)
    except BaseException:
        made.wipe()
        raise
    return made


def split(text: bytearray) -> tuple[bytearray, bytearray | None]:
    """The document for the box, and the text of the first private key. Both are to be wiped."""
    view = memoryview(text)
    document = bytearray(len(text) + 1)
    key: bytearray | None = None
    used = written = 0
    start = len(_BOM) if bytes(view[:3]) == _BOM else 0
    while start < len(view):
        end = text.find(_NEWLINE, start)
        end = len(view) if end < 0 else end
        first, last = _trimmed(view, start, _before_comment(text, start, end))
        value = _private_key_in(text, first, last)
        if value is not None:
            if key is None:
                key = bytearray(view[slice(*_trimmed(view, value, last))])
        elif first < last:
            document[used : used + last - first] = view[first:last]
            used += last - first
            written = used + 1
        document[used] = _NEWLINE
        used += 1
        start = end + 1
    view.release()
    del document[written:]
    return document, key


def _before_comment(text: bytearray, start: int, end: int) -> int:
    comment = text.find(_HASH, start, end)
    return end if comment < 0 else comment


def _trimmed(view: memoryview, start: int, end: int) -> tuple[int, int]:
    while start < end and view[start] <= 0x20:
        start += 1
    while end > start and view[end - 1] <= 0x20:
        end -= 1
    return start, end


def _private_key_in(text: bytearray, start: int, end: int) -> int | None:
    """Where the value begins if this is a line with a private key."""
    equals = text.find(_EQUALS, start, end)
    if equals < 0:
        return None
    _, name_end = _trimmed(memoryview(text), start, equals)
    # The length first: a line that is no keyword can be a key that lost its keyword.
    if name_end - start != len(PRIVATE_KEY) or text[start:name_end].lower() != PRIVATE_KEY:
        return None
    return equals + 1


def _understand(file: TunnelFile) -> None:
    # A copy, because reading wipes the keys in it.
    copy = bytearray(file.document)
    try:
        found = config.parse(copy, file.name, key_required=False)
    except config.ConfigFileError as error:
        problems = [Problem(e.what, e.why, e.mend, e.file, e.line) for e in error.errors]
        raise RefusedError(
            f"{file.name} cannot be used", problems, "Mend the file and run this again."
        ) from None
    finally:
        wipe(copy)
    file.addresses = [format_address(address) for address, _ in found.interface.addresses]
    file.peers = [public_to_base64(peer.public_key) for peer in found.peers]
    file.has_preshared_key = any(peer.preshared_key is not None for peer in found.peers)
    file.notes = [Problem("note", text, "", file.name, line) for line, text in found.notes]
    found.wipe()

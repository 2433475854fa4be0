"""What is kept in flash: a few bytes with a kind, a version, a length and a checksum around them.

LittleFS keeps a file whole over a power cut, but has no checksum over what is in it.
"""

from hashlib import sha256

from wg.compat import TYPE_CHECKING

if TYPE_CHECKING:
    Buffer = bytes | bytearray | memoryview

# mark, kind, version (16 bits), length of the body (32 bits), SHA-256 of all else.
_MARK = b"UT"
KIND_LEN = 4
_VERSION = len(_MARK) + KIND_LEN
_LENGTH = _VERSION + 2
_HASH = _LENGTH + 4
_BODY = _HASH + 32
OVERHEAD = _BODY


class BrokenRecordError(Exception):
    """Bytes that are no record of this kind. why: half a sentence. is_newer: of a later version."""

    def __init__(self, why: str, is_newer: bool = False) -> None:
        super().__init__(why)
        self.why = why
        self.is_newer = is_newer


def seal(record: bytearray, kind: bytes, version: int) -> None:
    """Complete a record in place. record: OVERHEAD bytes, which are written, and the body."""
    record[: len(_MARK)] = _MARK
    record[len(_MARK) : _VERSION] = kind
    record[_VERSION:_LENGTH] = version.to_bytes(2, "big")
    record[_LENGTH:_HASH] = (len(record) - _BODY).to_bytes(4, "big")
    record[_HASH:_BODY] = _hash(memoryview(record))


def open_(record: "bytes | bytearray", kind: bytes, version: int) -> memoryview:
    """The body, inside of record. BrokenRecordError: what is wrong with it."""
    view = memoryview(record)
    if len(view) < _BODY:
        raise BrokenRecordError("it has %d bytes and is cut off" % len(view))
    if bytes(view[:_VERSION]) != _MARK + kind:
        raise BrokenRecordError("it holds something else")
    if bytes(view[_HASH:_BODY]) != _hash(view):
        raise BrokenRecordError("its checksum is wrong")
    found = int.from_bytes(bytes(view[_VERSION:_LENGTH]), "big")
    if found > version:
        raise BrokenRecordError(
            "it is of version %d, this firmware knows %d" % (found, version), is_newer=True
        )
    if int.from_bytes(bytes(view[_LENGTH:_HASH]), "big") != len(view) - _BODY:
        raise BrokenRecordError("its length is wrong")
    return view[_BODY:]


def _hash(view: memoryview) -> bytes:
    digest = sha256(view[:_HASH])
    digest.update(view[_BODY:])
    out: bytes = digest.digest()
    return out

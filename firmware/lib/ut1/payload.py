"""The JSON in a frame, and the bytes that travel in it without ever being a str.

Every payload is one object. Its member "d", where there is one, is the base64 of bytes; they are
written and read in the buffer, because they can be part of a key.
"""

import json

from ut1 import base64
from ut1.errors import VALUE, RefusedError
from ut1.frame import PAYLOAD_LEN_MAX
from wg.compat import TYPE_CHECKING

if TYPE_CHECKING:
    from ut1.base64 import Buffer

    Object = dict[str, object]

# Bytes of "d" that fit beside the members of `put`, and beside those of a part of an answer.
CHUNK_LEN_MAX = 87
PART_LEN_MAX = 99

_QUOTE = 0x22
_MEND = "Use a host program of the same version."


def text(members: "Object") -> bytes:
    """The JSON of an object without a secret. Its order means nothing."""
    return json.dumps(members, separators=(",", ":")).encode()


def build(members: "Object", data: "Buffer | None" = None) -> bytearray:
    """The payload with these members, and data as "d". ValueError: it is too long."""
    head = text(members)
    if data is None:
        out = bytearray(head)
    else:
        joint = b',"d":"' if members else b'"d":"'
        start = len(head) - 1 + len(joint)
        end = start + base64.encoded_len(len(data))
        out = bytearray(end + 2)
        out[:start] = head[:-1] + joint
        base64.encode_into(out, start, data)
        out[end:] = b'"}'
    if len(out) > PAYLOAD_LEN_MAX:
        raise ValueError("%d bytes do not fit into one frame" % len(out))
    return out


def parse(payload: memoryview) -> "tuple[Object, memoryview | None]":
    """The members, and the bytes of "d", decoded inside payload; None: there is no "d".

    RefusedError: it is no such object.
    """
    span = _find_data(payload)
    data = None
    if span is None:
        rest = bytes(payload)
    else:
        start, end = span
        data = payload[start:end]
        rest = bytes(payload[:start]) + bytes(payload[end:])
        length = base64.decode_in_place(data)
        if length < 0:
            raise RefusedError(VALUE, "'d' is not the base64 of bytes", _MEND)
        data = data[:length]
    members = parse_text(rest)
    members.pop("d", None)
    return members, data


def parse_text(data: bytes) -> "Object":
    """The object in JSON without a "d". RefusedError: it is none."""
    try:
        members = json.loads(data)
    except (ValueError, RuntimeError):  # RuntimeError: nested too deeply
        members = None
    if not isinstance(members, dict):
        # What arrived is not shown: it could be part of a key.
        raise RefusedError(VALUE, "the payload is not one JSON object", _MEND)
    return members


def _find_data(json_text: memoryview) -> "tuple[int, int] | None":
    """Where the string "d" of the outermost object begins and ends, without its quotes."""
    depth = 0
    before = 0
    name = b""
    i = 0
    while i < len(json_text):
        character = json_text[i]
        if character == _QUOTE:
            end = _end_of_string(json_text, i + 1)
            if end < 0:
                return None
            if depth == 1 and before == 0x3A and name == b"d":
                return i + 1, end
            # Only a name is looked at; a string that is a value can be anything.
            if depth == 1 and before != 0x3A:
                name = bytes(json_text[i + 1 : end]) if end - i == 2 else b""
            i = end
        elif character in b"{[":
            depth += 1
        elif character in b"}]":
            depth -= 1
        if character > 0x20:
            before = character
        i += 1
    return None


def _end_of_string(json_text: memoryview, start: int) -> int:
    """Where the closing quote is; -1: there is none."""
    i = start
    while i < len(json_text):
        if json_text[i] == _QUOTE:
            return i
        i += 2 if json_text[i] == 0x5C else 1
    return -1

"""DNS questions for addresses, and their answers (RFC 1035, 3596). No I/O."""

A = 1
AAAA = 28

_IN = 1
_HEADER_LEN = 12
_RESPONSE = 0x8000
_RECURSION_DESIRED = 0x0100
_TRUNCATED_AND_CODE = 0x000F
_ADDRESS_LEN = {A: 4, AAAA: 16}
_NAMES_MAX = 64  # labels and pointers of one name


def question(name: str, kind: int, number: int) -> bytes:
    """The message that asks for addresses of a kind. number: 16 random bits."""
    out = bytearray(_HEADER_LEN)
    out[0:2] = number.to_bytes(2, "big")
    out[2:4] = _RECURSION_DESIRED.to_bytes(2, "big")
    out[5] = 1
    for label in name.rstrip(".").split("."):
        data = label.encode()
        out.append(len(data))
        out.extend(data)
    out.append(0)
    out.extend(kind.to_bytes(2, "big"))
    out.extend(_IN.to_bytes(2, "big"))
    return bytes(out)


def answer(message: bytes, asked: bytes) -> "list[bytes] | None":
    """The addresses in an answer to a question; empty: the name has none of this kind.

    None: this is no answer to that question, or it is broken.
    """
    if len(message) < len(asked) or message[:2] != asked[:2]:
        return None
    flags = int.from_bytes(message[2:4], "big")
    if not flags & _RESPONSE:
        return None
    # Servers may change the case of letters, but nothing else of the question.
    if message[_HEADER_LEN : len(asked)].lower() != asked[_HEADER_LEN:].lower():
        return None
    if flags & _TRUNCATED_AND_CODE:
        return []
    kind = int.from_bytes(asked[-4:-2], "big")
    try:
        return _addresses(message, len(asked), kind)
    except IndexError:
        return None


def _addresses(message: bytes, at: int, kind: int) -> "list[bytes]":
    found = []
    for _ in range(int.from_bytes(message[6:8], "big")):
        at = _after_name(message, at)
        if at + 10 > len(message):
            raise IndexError(at)
        its_kind = int.from_bytes(message[at : at + 2], "big")
        length = int.from_bytes(message[at + 8 : at + 10], "big")
        at += 10
        if at + length > len(message):
            raise IndexError(at)
        if its_kind == kind and length == _ADDRESS_LEN[kind]:
            found.append(bytes(message[at : at + length]))
        at += length
    return found


def _after_name(message: bytes, at: int) -> int:
    """Where a name ends; whose it is does not matter, the server has followed aliases."""
    for _ in range(_NAMES_MAX):
        length = message[at]
        if length == 0:
            return at + 1
        if length >= 0xC0:
            return at + 2
        at += 1 + length
    raise IndexError(at)

"""One frame: a line of ASCII with a number, a word, a payload and a checksum.

`@ut1 <seq> <word> <base64 of JSON> <CRC-32 of all before it, 8 hexadecimal digits>\\n`
"""

from binascii import crc32

from ut1 import base64
from ut1.lines import LINE_LEN_MAX
from wg.compat import TYPE_CHECKING

if TYPE_CHECKING:
    from ut1.base64 import Buffer

__all__ = ["LINE_LEN_MAX", "PAYLOAD_LEN_MAX", "SEQ_MAX", "WORD_LEN_MAX", "Frame"]

SEQ_MAX = 65535
WORD_LEN_MAX = 8
# The most JSON that fits whatever the number and the word are.
PAYLOAD_LEN_MAX = 156

_MARK = b"@ut1 "
_CHECK_LEN = 8
_SPACE = 0x20


class Frame:
    """A line that was read. word: a verb, or "ok" or "error" in an answer.

    payload: the JSON, inside of the line's own memory. None: the checksum is wrong, and number and
    word may be, too. check: the checksum.
    """

    def __init__(self, seq: int, word: str, payload: "memoryview | None", check: int) -> None:
        self.seq = seq
        self.word = word
        self.payload = payload
        self.check = check


def encode(seq: int, word: str, payload: "Buffer") -> bytearray:
    """The line of a frame. ValueError: it would be none, or too long."""
    if not 1 <= seq <= SEQ_MAX or not is_word(word) or len(payload) > PAYLOAD_LEN_MAX:
        raise ValueError("no frame: number %d, %d bytes" % (seq, len(payload)))
    head = ("@ut1 %d %s " % (seq, word)).encode()
    end = len(head) + base64.encoded_len(len(payload))
    line = bytearray(end + 1 + _CHECK_LEN + 1)
    line[: len(head)] = head
    base64.encode_into(line, len(head), payload)
    line[end] = _SPACE
    line[end + 1 :] = ("%08x\n" % crc32(memoryview(line)[: end + 1])).encode()
    return line


def decode(line: memoryview) -> "Frame | None":
    """The frame in a line without its newline; the payload is decoded in place.

    None: the line is none.
    """
    end = len(line)
    if end and line[end - 1] == 0x0D:  # some terminals end lines with both
        end -= 1
    spaces = _spaces(line, end)
    if spaces is None:
        return None
    after_seq, after_word, after_payload = spaces
    seq = _number(line, len(_MARK), after_seq)
    word = _word(line, after_seq + 1, after_word)
    if not seq or not word or end - after_payload - 1 != _CHECK_LEN:
        return None
    check = crc32(line[: after_payload + 1])
    if bytes(line[after_payload + 1 : end]) != ("%08x" % check).encode():
        return Frame(seq, word, None, 0)
    payload = line[after_word + 1 : after_payload]
    length = base64.decode_in_place(payload)
    if length < 0:
        return None
    return Frame(seq, word, payload[:length], check)


def is_word(word: str) -> bool:
    """Whether this is 1 to 8 small letters."""
    return 0 < len(word) <= WORD_LEN_MAX and all("a" <= letter <= "z" for letter in word)


def _spaces(line: memoryview, end: int) -> "tuple[int, int, int] | None":
    """Where the three spaces after the mark are; None: there are not three, or there is no mark."""
    start = len(_MARK)
    if bytes(line[:start]) != _MARK:
        return None
    found = []
    for i in range(start, end):
        if line[i] == _SPACE:
            found.append(i)
    return (found[0], found[1], found[2]) if len(found) == 3 else None


def _number(line: memoryview, start: int, end: int) -> int:
    """1 to SEQ_MAX; 0: it is no such number, or has a leading zero."""
    if not 0 < end - start <= 5 or line[start] == 0x30:
        return 0
    number = 0
    for i in range(start, end):
        digit = line[i] - 0x30
        if not 0 <= digit <= 9:
            return 0
        number = 10 * number + digit
    return number if number <= SEQ_MAX else 0


def _word(line: memoryview, start: int, end: int) -> str:
    """Empty: it is none."""
    if not 0 < end - start <= WORD_LEN_MAX:
        return ""
    for i in range(start, end):
        if not 0x61 <= line[i] <= 0x7A:
            return ""
    return bytes(line[start:end]).decode()

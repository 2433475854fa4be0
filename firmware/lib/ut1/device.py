"""The box's end of the line: requests in, answers out, each executed once."""

from ut1 import frame, payload
from ut1.errors import CRC, FULL, PROTO, SEQ, VALUE, RefusedError
from ut1.lines import Lines
from wg.compat import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from ut1.frame import Frame
    from ut1.payload import Object

    # Takes a verb, its arguments, and the bytes that came with them, which are wiped afterwards.
    Handler = Callable[[str, Object, "memoryview | None"], Object]

PROTO_MIN = 1
PROTO_MAX = 1
ANSWER_LEN_MAX = 8192

_AGAIN = "Send the request again."
# Words of answers: nobody answers those, or an echo on the line would go on for ever.
_ANSWERS = ("ok", "error")


class Session:
    """Keeps one line, the last answer, and the last answer that did not fit into one line."""

    def __init__(self, handle: "Handler") -> None:
        """handle: executes a request; RefusedError goes to the host."""
        self._handle = handle
        self._lines = Lines()
        # The last request by its number and checksum, and the line that answered it.
        self._answered = (0, 0)
        self._answer = b""
        # An answer that goes out in parts: the number of its request, its word, its JSON.
        self._long_seq = 0
        self._long_word = ""
        self._long = b""

    def receive(self, data: "bytes | bytearray", length: "int | None" = None) -> bytes:
        """The lines that answer what arrived; empty: nothing that is for us.

        data is the caller's to wipe. length: how much of it arrived; None: all.
        """
        out = b""
        for line in self._lines.feed(data, length):
            request = frame.decode(line)
            if request is not None and request.word not in _ANSWERS:
                out += self._respond(request)
        return out

    def _respond(self, request: "Frame") -> bytes:
        if request.payload is None:
            refusal = RefusedError(CRC, "the request was damaged on the line", _AGAIN)
            return bytes(frame.encode(request.seq, "error", payload.build(_members(refusal))))
        key = (request.seq, request.check)
        # A hello changes nothing, and another program's may look the same: always fresh.
        if key != self._answered or request.word == "hello":
            self._answer = self._execute(request.seq, request.word, request.payload)
            self._answered = key
        return self._answer

    def _execute(self, seq: int, verb: str, request: memoryview) -> bytes:
        try:
            arguments, data = payload.parse(request)
            if verb == "more":
                return self._part(seq, arguments)
            if verb == "hello":
                _check_versions(arguments.get("proto"))
            answer = self._handle(verb, arguments, data)
            if verb == "hello":
                answer["proto"] = [PROTO_MIN, PROTO_MAX]
            return self._line(seq, "ok", answer)
        except RefusedError as refusal:
            return self._line(seq, "error", _members(refusal))
        except MemoryError:
            full = RefusedError(FULL, "there is no memory left for this", "Restart the box.")
            return self._line(seq, "error", _members(full))

    def _line(self, seq: int, word: str, members: "Object") -> bytes:
        """The answer, or its first part."""
        text = payload.text(members)
        if len(text) <= frame.PAYLOAD_LEN_MAX:
            return bytes(frame.encode(seq, word, text))
        if len(text) > ANSWER_LEN_MAX:
            raise RefusedError(FULL, "the answer is longer than the line allows", "Ask for less.")
        self._long_seq = seq
        self._long_word = word
        self._long = text
        return self._encoded_part(seq, 0)

    def _part(self, seq: int, arguments: "Object") -> bytes:
        of = arguments.get("of")
        index = arguments.get("i")
        if not self._long or of != self._long_seq:
            raise RefusedError(SEQ, "the answer to that request is gone", _AGAIN)
        if not isinstance(index, int) or not 0 <= index * payload.PART_LEN_MAX < len(self._long):
            raise RefusedError(VALUE, "the answer has no such part", "Ask for a lower index.")
        return self._encoded_part(seq, index)

    def _encoded_part(self, seq: int, index: int) -> bytes:
        count = -(-len(self._long) // payload.PART_LEN_MAX)
        start = index * payload.PART_LEN_MAX
        piece = self._long[start : start + payload.PART_LEN_MAX]
        members: "Object" = {"i": index, "n": count}
        return bytes(frame.encode(seq, self._long_word, payload.build(members, piece)))


def _members(refusal: RefusedError) -> "Object":
    return {"code": refusal.code, "why": refusal.why, "mend": refusal.mend}


def _check_versions(theirs: object) -> None:
    """theirs: [lowest, highest] that the host speaks; None: it does not say."""
    if theirs is None:
        return
    mend = "Use a host program of the same version."
    if not isinstance(theirs, list) or [isinstance(n, int) for n in theirs] != [True, True]:
        raise RefusedError(VALUE, "'proto' is not the lowest and the highest version", mend)
    if theirs[1] < PROTO_MIN or theirs[0] > PROTO_MAX:
        older = "host program" if theirs[1] < PROTO_MIN else "firmware of the box"
        raise RefusedError(
            PROTO,
            "the box speaks version %d to %d of this protocol, the host %d to %d"
            % (PROTO_MIN, PROTO_MAX, theirs[0], theirs[1]),
            "Update the %s." % older,
        )

"""The laptop's end of the line: one request until its answer is whole."""

from ut1 import frame, payload
from ut1.errors import CRC, NoAnswerError, RefusedError
from ut1.lines import Lines
from wg.compat import TYPE_CHECKING

if TYPE_CHECKING:
    from ut1.base64 import Buffer
    from ut1.frame import Frame
    from ut1.payload import Object

TIMEOUT_MS = 1000
TRIES = 5
# Before each frame: they end whatever noise the box has taken for the beginning of a line.
PREAMBLE = b"\n" * 8


class Numbers:
    """The numbers of requests, each different from the ones before it."""

    def __init__(self, first: int) -> None:
        """first: random, so that another program's requests are not taken for repetitions."""
        self._next = first % frame.SEQ_MAX + 1

    def take(self) -> int:
        number = self._next
        self._next = number % frame.SEQ_MAX + 1
        return number


class Exchange:
    """One request. Until done: write what send() gives, and receive() what can be read meanwhile.

    The request's bytes, which can hold a key, are wiped as soon as it is answered.
    """

    def __init__(
        self,
        numbers: Numbers,
        verb: str,
        arguments: "Object | None" = None,
        data: "Buffer | None" = None,
        timeout_ms: int = TIMEOUT_MS,
        tries: int = TRIES,
    ) -> None:
        """data: bytes that travel with the arguments, at most payload.CHUNK_LEN_MAX of them.

        timeout_ms: how long an answer is waited for, tries: how often each frame is sent.
        """
        self.verb = verb
        self.timeout_ms = timeout_ms
        self.tries = tries
        self._numbers = numbers
        self._lines = Lines()
        self._members: "Object | None" = None
        self._word = ""
        self._parts = b""
        self._request = bytearray()
        self._seq = 0
        self._first_seq = 0
        self._sent = 0  # how often this frame was
        self._due_ms: "int | None" = None  # None: at once
        self._ask(verb, {} if arguments is None else arguments, data)
        self._first_seq = self._seq

    @property
    def is_done(self) -> bool:
        return self._members is not None

    def send(self, now_ms: int) -> "bytes | bytearray":
        """What has to be written now, often nothing. NoAnswerError: it was sent often enough."""
        if self.is_done or (self._due_ms is not None and now_ms < self._due_ms):
            return b""
        if self._sent == self.tries:
            self.close()
            raise NoAnswerError(self.verb, self.tries)
        self._sent += 1
        self._due_ms = now_ms + self.timeout_ms
        return self._request

    def wait_ms(self, now_ms: int) -> int:
        """How long to wait for bytes before send() has something again."""
        return 0 if self._due_ms is None else max(self._due_ms - now_ms, 0)

    def receive(self, data: "bytes | bytearray") -> None:
        """Take what the box sent; whatever is no answer to this request is ignored."""
        for line in self._lines.feed(data):
            answer = frame.decode(line)
            if answer is not None and answer.seq == self._seq and not self.is_done:
                self._take(answer)

    def result(self) -> "Object":
        """The answer. RefusedError: the box refused."""
        if self._members is None:
            raise ValueError("there is no answer yet")
        if self._word == "error":
            raise _refusal(self._members)
        return self._members

    def close(self) -> None:
        """Wipe the request."""
        for i in range(len(self._request)):
            self._request[i] = 0

    def _ask(self, verb: str, arguments: "Object", data: "Buffer | None") -> None:
        self.close()
        self._seq = self._numbers.take()
        text = payload.build(arguments, data)
        line = frame.encode(self._seq, verb, text)
        self._request = bytearray(len(PREAMBLE) + len(line))
        self._request[: len(PREAMBLE)] = PREAMBLE
        self._request[len(PREAMBLE) :] = line
        for used in (text, line):
            for i in range(len(used)):
                used[i] = 0
        self._sent = 0
        self._due_ms = None

    def _take(self, answer: "Frame") -> None:
        if answer.payload is None:
            self._due_ms = None  # damaged: ask again without waiting
            return
        if answer.word not in ("ok", "error"):
            return  # our own request, echoed
        try:
            members, data = payload.parse(answer.payload)
        except RefusedError:
            return
        if members.get("code") == CRC and answer.word == "error":
            self._due_ms = None
        elif data is None:
            self._finish(answer.word, members)
        else:
            self._take_part(answer.word, members, bytes(data))

    def _take_part(self, word: str, members: "Object", data: bytes) -> None:
        index, count = members.get("i"), members.get("n")
        if not isinstance(index, int) or not isinstance(count, int):
            return
        if index == 0:
            self._parts = b""
        self._parts += data
        if index + 1 < count:
            self._ask("more", {"of": self._first_seq, "i": index + 1}, None)
        else:
            self._finish(word, payload.parse_text(self._parts))

    def _finish(self, word: str, members: "Object") -> None:
        self._word = word
        self._members = members
        self.close()


def _refusal(members: "Object") -> RefusedError:
    code, why, mend = (str(members.get(name, "")) for name in ("code", "why", "mend"))
    return RefusedError(code, why, mend)

"""`--adopt`: streams that another process has let in, and hands over by our standard input.

That is one end of a socket that keeps messages apart (AF_UNIX, SOCK_SEQPACKET). A message comes
with one descriptor: framing and kind (a byte each), a token (4 bytes, big endian), the length of
the outer endpoint and that (0, 11 or 23 bytes), and what was read beyond the handshake. When the
stream has ended the token goes back with the reason, a byte; so does that of a message that cannot
be taken.

A message with framing 0 asks whether an initiation, which it has in place of what was read, is new
to us: the answer, a byte, goes to the descriptor that came with it.
"""

import _system

from linux import opening
from linux.errors import ProgramError, words
from linux.streams import KINDS
from wg.compat import TYPE_CHECKING

if TYPE_CHECKING:
    from linux.box import Box


STDIN = 0
HEADER_LEN = 7
REST_MAX = 32768
ENDPOINT_LENS = (0, 11, 23)
QUESTION = 0
FRAMINGS = (1, 3)  # lengths; WebSocket as its server
# _carrier's numbers, which never change: who hands streams over has them, too.
END_HERE = 1
END_TIMEOUT = 4
END_PROTOCOL = 13

# A stream by which nobody has shown to be a peer after so long is somebody else's.
PATIENCE_MS = 30000
# And one by which nothing came for so long has no session left (paper 6.1), and nobody behind it: a
# proxy may keep a connection for hours whose box has gone another way. Bare frames have no pings,
# and a box without keepalives may mean its silence.
SILENT_MS = 200000
SILENT_TCP_MS = 3600000
TCP = 1
LOOK_EVERY_MS = 2000
RETRY_MS = 100
# Messages that are taken before packets move again.
AT_ONCE = 64


class Adopter:
    def __init__(self, box: "Box") -> None:
        """ProgramError: standard input is no such socket."""
        self._box = box
        self._buffer = bytearray(HEADER_LEN + ENDPOINT_LENS[-1] + REST_MAX)
        self._tokens: "dict[int, bytes]" = {}  # by stream
        # Who has to show to be a peer, and until when, the first first; and who was looked at last.
        self._unproven: "list[tuple[int, int, bytes]]" = []
        self._round: "list[int]" = []
        self._is_looking = False
        self._owed: "list[bytes]" = []  # what could not be said yet
        try:
            _system.raise_file_limit()
            box.control.watch(STDIN, self._take)
        except OSError as error:
            raise ProgramError(
                "standard input",
                words(error),
                "Start it with one end of a socketpair(AF_UNIX, SOCK_SEQPACKET) there.",
                2,
            )
        box.control.on_wake(box.path.WAKE_STREAM, self._look)

    def _take(self) -> None:
        for _ in range(AT_ONCE):
            try:
                received = _system.receive(STDIN, self._buffer)
            except OSError as error:
                self._stop(words(error))
                return
            if received is None:
                return
            length, descriptor = received
            if length == 0:
                self._stop("nobody hands streams over any more")
                return
            try:
                self._adopt(length, descriptor)
            finally:
                if descriptor >= 0:
                    _system.close(descriptor)

    def _stop(self, why: str) -> None:
        self._box.control.unwatch(STDIN)
        self._box.control.stop("stopped, " + why)

    def _adopt(self, length: int, descriptor: int) -> None:
        message = self._buffer
        token = bytes(message[2:6])
        start = HEADER_LEN + message[6]
        if length < HEADER_LEN:
            return
        sound = message[6] in ENDPOINT_LENS and start <= length
        if sound and descriptor >= 0 and message[0] == QUESTION:
            self._answer(descriptor, memoryview(message)[start:length])
            return
        sound = sound and message[0] in FRAMINGS
        if descriptor < 0 or not sound or message[1] not in KINDS:
            self._say(token, END_PROTOCOL)
            return
        rest = bytes(message[start:length])
        outer = bytes(message[HEADER_LEN:start])
        try:
            number = self._box.streams.adopt(descriptor, message[0], rest, message[1], outer)
        except OSError as error:
            self._box.log("warning", "a stream is not taken: %s" % words(error))
            self._say(token, END_HERE)
            return
        self._tokens[number] = token
        self._unproven.append((self._box.control.now_ms() + PATIENCE_MS, number, token))
        self._look_later()

    def _answer(self, descriptor: int, message: memoryview) -> None:
        try:
            _system.send(descriptor, bytes([opening.is_new(self._box.device, message)]))
        except OSError:
            pass  # whoever asked does not wait any longer

    def _look_later(self) -> None:
        # One for all: thousands of boxes come at once when a gateway begins anew.
        if self._tokens and not self._is_looking:
            self._is_looking = True
            self._box.control.after(LOOK_EVERY_MS, self._look_around)

    def _look_around(self) -> None:
        """End the streams of those who are nobody, or gone."""
        self._is_looking = False
        now_ms = self._box.control.now_ms()
        while self._unproven and self._unproven[0][0] <= now_ms:
            _, number, token = self._unproven.pop(0)
            if self._tokens.get(number) == token and not self._box.path.stream_is_proven(number):
                self._end(number, END_TIMEOUT)
        self._round = self._round or list(self._tokens)
        for _ in range(min(AT_ONCE, len(self._round))):
            number = self._round.pop()
            if number in self._tokens and self._is_silent(number, now_ms):
                self._end(number, END_TIMEOUT)
        self._look_later()

    def _is_silent(self, number: int, now_ms: int) -> bool:
        is_tcp = self._box.streams.outer(number)[0] == TCP
        silent_ms = now_ms - self._box.path.stream_heard_ms(number)
        return silent_ms >= (SILENT_TCP_MS if is_tcp else SILENT_MS)

    def _look(self) -> None:
        """Some streams have another state; one that has ended is given back."""
        while True:
            number = self._box.path.next_stream()
            if not number:
                return
            if number in self._tokens and self._box.streams.has_ended(number):
                self._end(number, self._box.path.stream_end(number))

    def _end(self, number: int, why: int) -> None:
        token = self._tokens.pop(number)
        self._box.streams.close(number)
        self._say(token, why)

    # --- what is said ---

    def _say(self, token: bytes, why: int) -> None:
        self._owed.append(token + bytes([why]))
        if len(self._owed) == 1:
            self._say_owed()

    def _say_owed(self) -> None:
        while self._owed:
            try:
                if not _system.send(STDIN, self._owed[0]):
                    self._box.control.after(RETRY_MS, self._say_owed)
                    return
            except OSError:
                return  # the other end is gone, which is noticed by reading
            self._owed.pop(0)

"""The proof of a rung: 64 KiB through the tunnel both ways, and how large packets may be.

A network that recognises a tunnel often lets its handshake pass, and the first 16 KiB. So a rung is
taken only when this has come through: echoes of full size, answered by the gateway's service inside
of the tunnel (inside.py). What is lost is sent again; what is lost only when it is large shows the
largest packet that passes.

    proof = Proof(token, mtu, now_ms)
    while proof.state == RUNNING:
        length = proof.write(buffer, now_ms)        # 0: nothing to send now
        ... send buffer[:length] inside; proof.heard(message, now_ms) for each answer
        ... wait proof.wait_ms(now_ms)
"""

from carrier import inside
from wg.compat import TYPE_CHECKING

if TYPE_CHECKING:
    from carrier.inside import Message

GOAL = 65536  # bytes of IP packets, each way
WINDOW = 8  # echoes on their way at once
HEADERS_LEN = 28  # of IPv4 and UDP
SIZE_MIN = 576  # every IPv4 network carries it
SIZE_STEP = 8  # how exactly the largest is found

# States.
RUNNING = 0
PROVEN = 1
SILENT = 2  # no answer at all
STALLED = 3  # answers came, and then none any more

SILENT_MS = 3_000
STALLED_MS = 1_500
LOST_MS = 250  # the least after which an echo is taken for lost
FIRST_LOST_MS = 600  # before it is known how long one takes
JUDGED = 3  # as often a size is lost while smaller ones pass, and is too large then
_KEPT = 3 * WINDOW  # echoes whose answers still count
# Asked for at the start, besides the full size: what common tunnels and holes let pass.
_FIRST = (1280, 1200, 1024, SIZE_MIN)


class _Echo:
    def __init__(self, sequence: int, size: int, now_ms: int) -> None:
        self.sequence = sequence
        self.size = size
        self.sent_ms = now_ms
        self.is_lost = False


class Proof:
    """One proof. size: the largest IP packet that has passed so far; passed: bytes, each way."""

    def __init__(self, token: bytes, mtu: int, now_ms: int, goal: int = GOAL) -> None:
        """token: 8 random bytes. mtu: of the tunnel, the largest to ask for."""
        if len(token) != inside.TOKEN_LEN or mtu < SIZE_MIN:
            raise ValueError("no proof: token of %d bytes, MTU %d" % (len(token), mtu))
        self.state = RUNNING
        self.size = 0
        self.passed = 0
        self.round_trip_ms = 0
        self._token = token
        self._goal = goal
        self._too_large = mtu + 1
        self._misses: "dict[int, int]" = {}  # size -> how often it was lost
        self._echoes: "list[_Echo]" = []
        self._window = WINDOW
        self._sequence = 0
        self._heard_ms = now_ms
        self._first = [mtu] + [size for size in _FIRST if size < mtu]
        self._firsts = list(self._first)

    def write(self, buffer: bytearray, now_ms: int) -> int:
        """The next echo to send, as buffer[:length], and its length; 0: none now.

        buffer: has room for a UDP payload of mtu - HEADERS_LEN; what is behind the head is sent
        as it is.
        """
        self._look(now_ms)
        if self.state != RUNNING or self._on_their_way() >= self._window:
            return 0
        size = self._next_size()
        echo = _Echo(self._sequence, size, now_ms)
        self._sequence = self._sequence + 1 & 0xFFFF
        self._echoes = self._echoes[1 - _KEPT :] + [echo]
        inside.write_head(buffer, inside.ECHO, self._token, echo.sequence)
        return size - HEADERS_LEN

    def heard(self, message: "Message", now_ms: int) -> None:
        """A message from inside; what is no answer to this proof is passed over."""
        if message.kind != inside.ECHOED or message.token != self._token:
            return
        for echo in self._echoes:
            if echo.sequence == message.sequence:
                if len(message.body) + inside.HEAD_LEN + HEADERS_LEN == echo.size:
                    self._take(echo, now_ms)
                return

    def wait_ms(self, now_ms: int) -> int:
        """How long write() has nothing to send if nothing is heard."""
        self._look(now_ms)
        if self.state != RUNNING:
            return 0
        if self._on_their_way() < self._window:
            return 0
        due = [echo.sent_ms + self._lost_ms() for echo in self._echoes if not echo.is_lost]
        return max(1, min(min(due), self._heard_ms + self._patience_ms()) - now_ms)

    # --- within ---

    def _take(self, echo: _Echo, now_ms: int) -> None:
        self._echoes = [each for each in self._echoes if each is not echo]
        if self.state != RUNNING:
            return
        taken_ms = now_ms - echo.sent_ms
        # The slower counts at once, the faster by and by.
        self.round_trip_ms = max(taken_ms, (3 * self.round_trip_ms + taken_ms) // 4)
        self._heard_ms = now_ms
        self._window = min(self._window + 1, WINDOW)
        self.passed += echo.size
        if echo.size > self.size:
            self.size = echo.size
            self._too_large = max(self._too_large, echo.size + 1)
        if self.passed >= self._goal and not self._is_searching():
            self._end(PROVEN)

    def _look(self, now_ms: int) -> None:
        """Find out what is lost by now, and whether all is."""
        if self.state != RUNNING:
            return
        for echo in self._echoes:
            if not echo.is_lost and now_ms - echo.sent_ms >= self._lost_ms():
                echo.is_lost = True
                self._miss(echo.size)
        if now_ms - self._heard_ms >= self._patience_ms():
            self._end(STALLED if self.passed else SILENT)

    def _end(self, state: int) -> None:
        """What is asked of a proof afterwards is little; a box keeps it in a small memory."""
        self.state = state
        self._echoes = []
        self._misses = {}

    def _miss(self, size: int) -> None:
        if size <= self.size or not self.size:
            # Not too large, or nobody knows: there may be too much at once, or a bad network.
            self._window = max(2, self._window // 2)
            return
        self._misses[size] = self._misses.get(size, 0) + 1
        if self._misses[size] >= JUDGED:
            self._too_large = min(self._too_large, size)

    def _next_size(self) -> int:
        if self._firsts:
            return self._firsts.pop(0)
        if not self.size:
            self._firsts = list(self._first)
            return self._firsts.pop(0)
        if self._is_searching() and not self._is_asking():
            top = self._too_large - 1
            if top in self._first and self._misses.get(top, 0) < JUDGED:
                return top
            between = [each for each in self._first if self.size < each < self._too_large]
            return between[0] if between else (self.size + self._too_large) // 2
        return self.size

    def _is_searching(self) -> bool:
        return self._too_large - self.size > SIZE_STEP

    def _is_asking(self) -> bool:
        """Whether one larger than all that passed is on its way."""
        return any(echo.size > self.size and not echo.is_lost for echo in self._echoes)

    def _on_their_way(self) -> int:
        return sum([not echo.is_lost for echo in self._echoes])

    def _lost_ms(self) -> int:
        return max(LOST_MS, 3 * self.round_trip_ms) if self.size else FIRST_LOST_MS

    def _patience_ms(self) -> int:
        return max(STALLED_MS, 6 * self.round_trip_ms) if self.passed else SILENT_MS

"""TCP as simple as it can be and still be right: one connection, sequence by sequence (RFC 9293).

What comes early is kept, and what is missing before it is repeated alone (RFC 6582); after a
silence all is said anew; no urgent data. The path between a client and a server that speak it is
what is tested, not it: so it gives way on a full line, and waits for a slow one, as every other TCP
does (pace.py).
"""

from collections.abc import Callable

from undertow.lab.ethernet.loop import Loop, Timer
from undertow.lab.ethernet.pace import Pace
from undertow.lab.packets.tcp import ACK, FIN, PSH, RST, SYN, Segment, mss_option

MSS = 1460
_MODULO = 1 << 32
_WINDOW = 65_535
# Again after the pace's time a few times, then less and less often: for 40 s in all.
_SOON = 3
_LATEST_S = 2.0
_TRIES = 25
# So many times the same acknowledgement without anything else: a segment was lost (RFC 5681, 3.2).
_DUPLICATES = 3
_EARLY = 64  # segments that are kept until what is missing before them comes


class Connection:
    """One end. on_data: called whenever something has arrived or gone, and at the end.

    In the loop's thread. received: all that came; ended: the other end sends no more.
    holds: what stays in received closes the window; take_received() opens it again.
    """

    def __init__(
        self,
        loop: Loop,
        ports: tuple[int, int],
        transmit: Callable[[Segment], None],
        on_data: Callable[["Connection"], None] | None = None,
        first: int = 1,
        holds: bool = False,
    ) -> None:
        """ports: ours and theirs. first: our first sequence number."""
        self.received = bytearray()
        self.established = False
        self.ended = False
        self.reset = False
        self.closed = False  # our end was said, and they know
        self.peer_mss: int | None = None
        self._loop = loop
        self.ports = ports
        self._transmit = transmit
        self._on_data = on_data
        self._unacked = bytearray()
        self._base = first  # the sequence number of the first byte of _unacked, or of our SYN
        self._sent = 0  # bytes of _unacked that are under way
        self._next = 0  # what we expect from them
        self._mss = MSS
        self._closing = False
        self._fin_sent = False
        self._answering = False
        self._timer: Timer | None = None
        self._tries = 0
        self._holds = holds
        self._told_window = _WINDOW
        self._their_window = _WINDOW
        self._duplicates = 0
        self._mending = 0  # bytes under way when one of them was lost
        self._pace = Pace(MSS)
        self._early: dict[int, Segment] = {}

    @property
    def waiting(self) -> int:
        """Bytes that were given to send() and are not known to have arrived."""
        return len(self._unacked)

    def take_received(self) -> bytes:
        """What came and was not taken yet; there is room for more then."""
        data = bytes(self.received)
        self.received.clear()
        if self._told_window < MSS and not (self.ended or self.reset):
            # Not now: their answer would come before the caller has what we return.
            self._loop.after(0.0, self._say_what_we_have)
        return data

    def open(self) -> None:
        """Say the first word."""
        self._say(SYN, self._base, options=mss_option(MSS))
        self._wait()

    def accept(self, segment: Segment) -> None:
        """Answer the first word of the other end."""
        self._next = (segment.sequence + 1) % _MODULO
        self._take_mss(segment)
        self._answering = True
        self._say(SYN | ACK, self._base, options=mss_option(MSS))
        self._wait()

    def send(self, data: bytes) -> None:
        """Send bytes, as soon as there is room for them."""
        self._unacked += data
        self._push()

    def close(self) -> None:
        """Send no more after what was sent until now."""
        self._closing = True
        self._push()

    def abort(self) -> None:
        """Stop, and tell them."""
        begun = self._answering and not self.established
        self._say(RST | ACK, self._base + self._sent + self._fin_sent + begun)
        self.reset = self.ended = True
        self._stop()

    def take(self, segment: Segment) -> None:
        """A segment came for this connection."""
        if segment.flags & RST:
            self.reset = self.ended = True
            self._stop()
            self._tell()
            return
        if segment.flags & SYN:
            self._take_syn(segment)
            return
        if segment.flags & ACK:
            self._take_ack(segment)
        if segment.payload or segment.flags & FIN:
            self._take_data(segment)

    def _take_syn(self, segment: Segment) -> None:
        if self.established or self._answering:  # our answer to it was lost
            flags = ACK if self.established else SYN | ACK
            self._say(flags, self._base, options=b"" if self.established else mss_option(MSS))
        elif segment.flags & ACK and segment.acknowledgement == (self._base + 1) % _MODULO:
            self._take_mss(segment)
            self._next = (segment.sequence + 1) % _MODULO
            self._establish()
            self._say(ACK, self._base)
            self._push()

    def _take_mss(self, segment: Segment) -> None:
        self.peer_mss = segment.mss()
        self._their_window = segment.window
        self._mss = min(MSS, self.peer_mss or 536)

    def _establish(self) -> None:
        self.established = True
        self._base = (self._base + 1) % _MODULO
        self._tries = 0
        self._rest()
        self._tell()

    def _take_ack(self, segment: Segment) -> None:
        number = segment.acknowledgement
        if not self.established:
            if not self._answering or number != (self._base + 1) % _MODULO:
                return
            self._establish()
        opened = segment.window > self._their_window
        self._their_window = segment.window
        done = (number - self._base) % _MODULO
        if 0 < done <= len(self._unacked) + self._fin_sent:
            self._forget_acked(done)
        elif done == 0 and self._sent and not segment.payload and not opened:
            self._duplicates += 1
            if self._duplicates == _DUPLICATES:
                self._pace.lost(self._sent)
                self._mending = self._sent
                self._say_first()
        self._push()

    def _forget_acked(self, done: int) -> None:
        if done > len(self._unacked):
            self.closed = True
            done = len(self._unacked)
        self._pace.acknowledged(self._base, done)
        self._mending = max(self._mending - done, 0)
        del self._unacked[:done]
        self._base = (self._base + done) % _MODULO
        # After a repetition they may know more than we have sent once more.
        self._sent = max(self._sent - done, 0)
        self._tries = self._duplicates = 0
        self._rest()
        if self._sent or (self._fin_sent and not self.closed):
            self._wait()
        if self._mending:
            self._say_first()  # the next that is missing
        self._tell()

    def _say_first(self) -> None:
        end = min(self._mss, self._sent)
        self._say(ACK | PSH, self._base, bytes(self._unacked[:end]))

    def _take_data(self, segment: Segment) -> None:
        ahead = (segment.sequence - self._next) % _MODULO
        if 0 < ahead < _WINDOW and len(self._early) < _EARLY:
            self._early[segment.sequence] = segment
        behind = (self._next - segment.sequence) % _MODULO
        if 0 < behind < len(segment.payload):  # repeated, with more behind it
            segment = segment._replace(sequence=self._next, payload=segment.payload[behind:])
            ahead = 0
        if ahead == 0 and not self.ended and not self._is_full(segment):
            found: Segment | None = segment
            while found is not None and not self.ended:
                self.received += found.payload
                self.ended = bool(found.flags & FIN)
                self._next = (self._next + len(found.payload) + self.ended) % _MODULO
                found = self._early.pop(self._next, None)
            self._tell()
        self._say_what_we_have()

    def _say_what_we_have(self) -> None:
        if not self.reset:
            self._say(ACK, self._base + self._sent + self._fin_sent)

    def _is_full(self, segment: Segment) -> bool:
        return self._holds and len(self.received) + len(segment.payload) > _WINDOW

    def _push(self) -> None:
        """Send what the window allows, and our end behind the last byte."""
        if not self.established or self.reset:
            return
        most = min(self._pace.window, self._their_window)
        while self._sent < (room := min(len(self._unacked), most)):
            at, end = self._sent, min(self._sent + self._mss, room)
            self._sent = end  # before it is said: an answer may come within the call
            self._wait()
            self._pace.said(self._base + end)
            self._say(ACK | PSH, self._base + at, bytes(self._unacked[at:end]))
        if self._unacked and not self._their_window:
            self._wait()  # for a window that opens, whose word may be lost
        if self._closing and not self._fin_sent and self._sent == len(self._unacked):
            self._fin_sent = True
            self._say(ACK | FIN, self._base + self._sent)
            self._wait()

    def _say(self, flags: int, sequence: int, payload: bytes = b"", options: bytes = b"") -> None:
        acknowledgement = self._next if flags & ACK else 0
        numbers = sequence % _MODULO, acknowledgement
        held = len(self.received) if self._holds else 0
        self._told_window = max(_WINDOW - held, 0)
        self._transmit(Segment(*self.ports, *numbers, flags, self._told_window, payload, options))

    def _wait(self) -> None:
        if self._timer is None:
            late = max(self._tries - _SOON, 0)
            pause_s = min(self._pace.again_s * 2**late, _LATEST_S)
            self._timer = self._loop.after(pause_s, self._say_again)

    def _rest(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _say_again(self) -> None:
        self._timer = None
        self._tries += 1
        if self._tries > _TRIES:
            self.reset = self.ended = True
            self._tell()
        elif not self.established:
            flags = SYN | ACK if self._answering else SYN
            self._say(flags, self._base, options=mss_option(MSS))
            self._wait()
        else:
            self._pace.silent(self._sent)
            self._sent = self._mending = 0
            self._fin_sent = False
            self._probe() if not self._their_window else self._push()

    def _probe(self) -> None:
        """Ask with one byte whether there is room now (RFC 9293, 3.8.6.1)."""
        self._say(ACK | PSH, self._base, bytes(self._unacked[:1]))
        self._wait()

    def _stop(self) -> None:
        self._rest()
        self._unacked.clear()
        self._sent = 0

    def _tell(self) -> None:
        if self._on_data is not None:
            self._on_data(self)

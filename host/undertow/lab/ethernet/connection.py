"""TCP as simple as it can be and still be right: one connection, sequence by sequence (RFC 9293).

Go-back-N with a fixed window and a fixed timer; no congestion control, no urgent data. The path
between a client and a server that speak it is what is tested, not it.
"""

from collections.abc import Callable

from undertow.lab.ethernet.loop import Loop, Timer
from undertow.lab.packets.tcp import ACK, FIN, PSH, RST, SYN, Segment, mss_option

MSS = 1460
_MODULO = 1 << 32
_WINDOW = 65_535
_IN_FLIGHT = 16 * MSS
_AGAIN_S = 0.2
_TRIES = 25


class Connection:
    """One end. on_data: called whenever something has arrived, and at the end.

    In the loop's thread. received: all that came; ended: the other end sends no more.
    """

    def __init__(
        self,
        loop: Loop,
        ports: tuple[int, int],
        transmit: Callable[[Segment], None],
        on_data: Callable[["Connection"], None] | None = None,
        first: int = 1,
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
        self._say(RST, self._base)
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
            self._take_ack(segment.acknowledgement)
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
        self._mss = min(MSS, self.peer_mss or 536)

    def _establish(self) -> None:
        self.established = True
        self._base = (self._base + 1) % _MODULO
        self._tries = 0
        self._rest()
        self._tell()

    def _take_ack(self, number: int) -> None:
        if not self.established:
            if not self._answering or number != (self._base + 1) % _MODULO:
                return
            self._establish()
        done = (number - self._base) % _MODULO
        if 0 < done <= self._sent + self._fin_sent:
            if done > len(self._unacked):
                self.closed = True
                done = len(self._unacked)
            del self._unacked[:done]
            self._base = (self._base + done) % _MODULO
            self._sent -= done
            self._tries = 0
            self._rest()
            if self._sent or (self._fin_sent and not self.closed):
                self._wait()
        self._push()

    def _take_data(self, segment: Segment) -> None:
        if segment.sequence == self._next and not self.ended:
            self.received += segment.payload
            self.ended = bool(segment.flags & FIN)
            self._next = (self._next + len(segment.payload) + self.ended) % _MODULO
            self._tell()
        self._say(ACK, self._base + self._sent + self._fin_sent)

    def _push(self) -> None:
        """Send what the window allows, and our end behind the last byte."""
        if not self.established or self.reset:
            return
        while self._sent < min(len(self._unacked), _IN_FLIGHT):
            part = bytes(self._unacked[self._sent : self._sent + self._mss])
            self._say(ACK | PSH, self._base + self._sent, part)
            self._sent += len(part)
            self._wait()
        if self._closing and not self._fin_sent and self._sent == len(self._unacked):
            self._fin_sent = True
            self._say(ACK | FIN, self._base + self._sent)
            self._wait()

    def _say(self, flags: int, sequence: int, payload: bytes = b"", options: bytes = b"") -> None:
        acknowledgement = self._next if flags & ACK else 0
        numbers = sequence % _MODULO, acknowledgement
        self._transmit(Segment(*self.ports, *numbers, flags, _WINDOW, payload, options))

    def _wait(self) -> None:
        if self._timer is None:
            self._timer = self._loop.after(_AGAIN_S, self._say_again)

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
            self._sent = 0
            self._fin_sent = False
            self._push()

    def _stop(self) -> None:
        self._rest()
        self._unacked.clear()
        self._sent = 0

    def _tell(self) -> None:
        if self._on_data is not None:
            self._on_data(self)

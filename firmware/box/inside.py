"""What passes between a box and its gateway's service inside of the tunnel, for whoever asks.

The proof of a way runs here, the question whether the gateway is still there, where it sees us,
and the answer when it wants its own ports looked at from here.
"""

from carrier import inside as messages
from carrier.proof import RUNNING, Proof
from wg.compat import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from box.carriers import Path
    from box.control import Control
    from carrier.inside import Message

    UdpResults = list[tuple[int, bool, int]]
    Results = list[tuple[int, int, int]]  # of carrier.inside.report()
    Check = Callable[[list[tuple[int, int]], Callable[[Results], object]], object]

# Our port inside of the tunnel; the packets of clients have others, or pass by all the same.
PORT = 51821
# Of the one Inside that there is at a time: taken when this is loaded, before documents are read
# and leave no piece of the heap that is large enough.
_BUFFER = bytearray(messages.MESSAGE_LEN_MAX)
# At most so often a gateway may have its ports looked at.
CHECK_EVERY_MS = 5_000


class Inside:
    """One gateway's service. proof: the one that runs or ran last, or None.

    on_proof: called with a proof that has ended. on_check: called with the ports that the gateway
    wants looked at, and who is to be called with the results. seen: our endpoint as the gateway
    saw it last; b"" is not known.
    """

    def __init__(
        self,
        path: "Path",
        control: "Control",
        service: "tuple[bytes, int]",
        random_bytes: "Callable[[int], bytes]",
    ) -> None:
        """service: its address and port."""
        self.proof: "Proof | None" = None
        self.seen = b""
        self.heard_ms = 0
        self.on_proof: "Callable[[Proof], object] | None" = None
        self.on_check: "Check | None" = None
        self._path = path
        self._control = control
        self._random_bytes = random_bytes
        self._buffer = _BUFFER
        self._echo_token = b""
        self._where_token = b""
        self._checked_ms = 0
        path.set_inside(PORT, service[0], service[1])

    def stop(self) -> None:
        self.proof = None
        self._path.set_inside(0, None, 0)

    def prove(self, mtu: int) -> None:
        """Begin a proof, in place of the one that runs. mtu: the largest packet to ask for."""
        now_ms = self._control.now_ms()
        self.proof = Proof(self._random_bytes(messages.TOKEN_LEN), mtu, now_ms)
        self._work()

    def drop_proof(self) -> None:
        self.proof = None

    def ask(self) -> None:
        """Say something small that is answered at once."""
        self._echo_token = self._random_bytes(messages.TOKEN_LEN)
        self._path.send_inside(messages.message(messages.ECHO, self._echo_token, 0))

    def ask_where(self) -> None:
        """Ask where our datagrams come from."""
        self._where_token = self._random_bytes(messages.TOKEN_LEN)
        self._path.send_inside(messages.message(messages.WHERE, self._where_token, 0))

    def receive(self) -> None:
        """Something has come from inside."""
        while True:
            length = self._path.next_inside(self._buffer)
            if length is None:
                break
            found = messages.read(memoryview(self._buffer)[:length])
            if found is not None:
                self._take(found)
        if self.proof is not None and self.proof.state == RUNNING:
            self._work()

    def _take(self, found: "Message") -> None:
        now_ms = self._control.now_ms()
        self.heard_ms = now_ms
        if found.kind == messages.ECHOED:
            if self.proof is not None:
                self.proof.heard(found, now_ms)
        elif found.kind == messages.SEEN and found.token == self._where_token:
            self.seen = messages.read_seen(found) or b""
        elif found.kind == messages.CHECK and self.on_check is not None:
            self._check(found, now_ms)

    def _check(self, found: "Message", now_ms: int) -> None:
        ports = messages.read_check(found)
        if ports is None or self.on_check is None:
            return
        if self._checked_ms and now_ms - self._checked_ms < CHECK_EVERY_MS:
            return
        self._checked_ms = now_ms
        token, sequence = found.token, found.sequence
        self.on_check(ports, lambda results: self._report(token, sequence, results))

    def _report(self, token: bytes, sequence: int, results: "Results") -> None:
        self._path.send_inside(messages.report(token, sequence, results))

    def _work(self) -> None:
        """Send what the proof wants sent now, and come again."""
        proof = self.proof
        if proof is None:
            return
        now_ms = self._control.now_ms()
        while True:
            length = proof.write(self._buffer, now_ms)
            if not length:
                break
            self._path.send_inside(memoryview(self._buffer)[:length])
        if proof.state == RUNNING:
            self._control.after(proof.wait_ms(now_ms), self._work, self)
        elif self.on_proof is not None:
            self.on_proof(proof)

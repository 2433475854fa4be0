"""The TCP connection to a gateway: whole frames both ways (pairing.frames), and its errors."""

import contextlib
import socket
import time

from pairing import frames
from pairing.errors import PairingError
from undertow.pairing import failure
from undertow.pairing.address import Meeting

CONNECT_TIMEOUT_S = 5.0
# For what a machine answers; the other end may be a small one, far away.
ANSWER_TIMEOUT_S = 10.0
READ_LEN = 4096
# A whole pairing has fewer frames; who sends on and on is none.
WAITING_MAX = 8


class GatewayLine:
    """An open connection. Methods raise an UndertowError in words, unless they say otherwise."""

    def __init__(self, meeting: Meeting) -> None:
        self._meeting = meeting
        self._reader = frames.Reader()
        self._waiting: list[tuple[int, bytes]] = []
        self._was_answered = False
        self.is_shown = False  # the code is: then an end means something else
        try:
            self._socket = socket.create_connection((meeting.host, meeting.port), CONNECT_TIMEOUT_S)
        except (OSError, UnicodeError) as error:
            text = getattr(error, "strerror", None) or str(error) or "it took too long"
            raise failure.not_reached(meeting, text) from error
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def close(self) -> None:
        """Hang up."""
        self._socket.close()

    def send(self, kind: int, body: bytes) -> None:
        """Send a frame."""
        self._write(frames.frame(kind, body))

    def hello(self) -> None:
        """Ask for the room."""
        self._write(frames.hello(self._meeting.room))

    def end(self, reason: int) -> None:
        """Say why this is the end. Never fails: it may be because the line is gone."""
        with contextlib.suppress(OSError):
            self._socket.sendall(frames.end(reason))

    def receive(self, kind: int, timeout_s: float = ANSWER_TIMEOUT_S) -> bytes | None:
        """The body of the next frame, which is to be of this kind; None: nothing came in time.

        UndertowError: the other end ended it, is gone, or says something else.
        """
        deadline = time.monotonic() + timeout_s
        while not self._waiting:
            if not self._read(deadline - time.monotonic()):
                return None
        came, body = self._waiting.pop(0)
        self._was_answered = True
        if came == frames.END and kind != frames.END:
            raise failure.ended(self._meeting, frames.read_end(body), self.is_shown)
        if came != kind:
            raise failure.not_pairing(self._meeting)
        return body

    def see_that_it_goes_on(self) -> None:
        """UndertowError: the other end has ended it meanwhile."""
        while self._read(0.0):
            pass
        for kind, body in self._waiting:
            if kind == frames.END:
                raise failure.ended(self._meeting, frames.read_end(body), self.is_shown)

    def _read(self, timeout_s: float) -> bool:
        """Take what came; False: nothing in this time."""
        self._socket.settimeout(max(timeout_s, 0.001))
        try:
            data = self._socket.recv(READ_LEN)
        except TimeoutError:
            return False
        except OSError:
            data = b""
        if not data:
            if self._waiting:  # what it said before it left comes first
                return False
            # Who names a room that is not open is not even told so.
            if self._was_answered:
                raise failure.lost(self._meeting)
            raise failure.no_room(self._meeting)
        try:
            self._waiting += self._reader.feed(data)
        except PairingError:
            raise failure.not_pairing(self._meeting) from None
        if len(self._waiting) > WAITING_MAX:
            raise failure.not_pairing(self._meeting)
        return True

    def _write(self, data: bytes) -> None:
        self._socket.settimeout(ANSWER_TIMEOUT_S)
        try:
            self._socket.sendall(data)
        except OSError:
            raise failure.lost(self._meeting) from None

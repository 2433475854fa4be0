"""Who connects to a room: strangers, until one of them knows its number and commits.

Nobody is answered before that. Strangers cost little: so many at once, so many bytes each, so many
seconds. Whoever guesses at numbers is not heard any more.
"""

import contextlib
import selectors
import socket
import time
from collections import Counter
from dataclasses import dataclass, field

from pairing import frames
from pairing.errors import VERSION, PairingError

VISITORS_MAX = 64
PATIENCE_S = 10.0
GUESSES_MAX = 5
# Of how many sources the guesses are remembered.
SOURCES_MAX = 4096
_RECEIVE_LEN = 2048


@dataclass
class Visitor:
    """One that has not committed yet."""

    connection: socket.socket
    source: str
    until_s: float
    reader: frames.Reader = field(default_factory=frames.Reader)
    is_in_room: bool = False


@dataclass(frozen=True)
class Guest:
    """The one that committed. more: frames that came at once with its commitment."""

    connection: socket.socket
    source: str
    reader: frames.Reader
    commitment: bytes
    more: tuple[tuple[int, bytes], ...] = ()


class Visitors:
    """A with block in which a listening socket is served."""

    def __init__(self, listener: socket.socket, room: str) -> None:
        self.listener = listener
        self.room = room
        # What strangers caused, for whoever runs this.
        self.counts: Counter[str] = Counter()
        self._waiting: list[Visitor] = []
        self._guesses: Counter[str] = Counter()
        self._selector = selectors.DefaultSelector()
        listener.setblocking(False)
        self._selector.register(listener, selectors.EVENT_READ)

    def __enter__(self) -> "Visitors":
        return self

    def __exit__(self, *_: object) -> None:
        for visitor in list(self._waiting):
            self._dismiss(visitor)
        self._selector.close()

    def wait(self, timeout_s: float) -> Guest | None:
        """Serve for so long; the guest, as soon as there is one. It is then the caller's."""
        # Not until the next event: those who say nothing have to go in time.
        soon = min(timeout_s, 0.25)
        for key, _ in self._selector.select(max(soon, 0.0)):
            if key.fileobj is self.listener:
                self._accept()
            elif isinstance(key.data, Visitor) and key.data in self._waiting:
                guest = self._hear(key.data)
                if guest is not None:
                    return guest
        now_s = time.monotonic()
        for visitor in [each for each in self._waiting if each.until_s <= now_s]:
            self._dismiss(visitor, "silent")
        return None

    def _accept(self) -> None:
        for _ in range(VISITORS_MAX):
            try:
                connection, (source, *_rest) = self.listener.accept()
            except OSError:  # nobody any more; or out of descriptors, which time mends
                return
            if self._guesses[source] >= GUESSES_MAX:
                self.counts["not heard"] += 1
                connection.close()
                continue
            if len(self._waiting) >= VISITORS_MAX:
                self._make_room()
            connection.setblocking(False)
            visitor = Visitor(connection, source, time.monotonic() + PATIENCE_S)
            self._waiting.append(visitor)
            self._selector.register(connection, selectors.EVENT_READ, visitor)

    def _make_room(self) -> None:
        """Dismiss the oldest of the source that has the most: a flood pushes out itself."""
        shares = Counter(visitor.source for visitor in self._waiting)
        greedy = max(shares.values())
        oldest = next(v for v in self._waiting if shares[v.source] == greedy)
        self._dismiss(oldest, "too many")

    def _hear(self, visitor: Visitor) -> Guest | None:
        try:
            data = visitor.connection.recv(_RECEIVE_LEN)
            received = visitor.reader.feed(data) if data else None
        except BlockingIOError:
            return None
        except (OSError, PairingError):
            self._dismiss(visitor, "garbage")
            return None
        if received is None:
            self._dismiss(visitor, "left")
            return None
        for index, (kind, body) in enumerate(received):
            if visitor.is_in_room and kind == frames.COMMITMENT:
                return self._admit(visitor, body, received[index + 1 :])
            if visitor.is_in_room or kind != frames.HELLO:
                self._dismiss(visitor, "garbage")
                return None
            if not self._read_hello(visitor, body):
                return None
        return None

    def _read_hello(self, visitor: Visitor, body: bytes) -> bool:
        try:
            room = frames.read_hello(body)
        except PairingError as error:
            if error.code == VERSION:
                # The only answer to a stranger: it may be a newer program of the same person.
                _try_send(visitor.connection, frames.end(frames.NO_ROOM))
            self._dismiss(visitor, "other version" if error.code == VERSION else "garbage")
            return False
        if room != self.room:
            if len(self._guesses) < SOURCES_MAX or visitor.source in self._guesses:
                self._guesses[visitor.source] += 1
            self._dismiss(visitor, "wrong room")
            return False
        visitor.is_in_room = True
        return True

    def _admit(self, visitor: Visitor, commitment: bytes, more: list[tuple[int, bytes]]) -> Guest:
        self._waiting.remove(visitor)
        self._selector.unregister(visitor.connection)
        connection, source = visitor.connection, visitor.source
        return Guest(connection, source, visitor.reader, commitment, tuple(more))

    def _dismiss(self, visitor: Visitor, why: str = "") -> None:
        """Close without a word."""
        if why:
            self.counts[why] += 1
        self._waiting.remove(visitor)
        self._selector.unregister(visitor.connection)
        visitor.connection.close()


def _try_send(connection: socket.socket, data: bytes) -> None:
    with contextlib.suppress(OSError):
        connection.send(data)

"""One run with a guest: reveal, show, compare, confirm; what both confirmed is handed back."""

import contextlib
import select
import socket
import time
from binascii import b2a_base64
from collections.abc import Callable
from typing import TypeVar

from pairing import frames
from pairing.errors import PairingError
from pairing.info import Info
from pairing.session import Responder
from undertow.gateway.pairing import errors
from undertow.gateway.pairing.person import GONE, NO, YES, Guesthood, Person
from undertow.gateway.pairing.visitors import Guest

REVEAL_S = 20.0
FAREWELL_S = 2.0
_RECEIVE_LEN = 4096

T = TypeVar("T")


class Run:
    """until_s: when the room closes. judge: who a name and a public key are, of those known.

    count: called when it becomes an attempt at the code, before anybody can know that.
    """

    def __init__(
        self,
        guest: Guest,
        responder: Responder,
        person: Person,
        until_s: float,
        judge: Callable[[Info, str], tuple[str, str]],
        count: Callable[[], None],
    ) -> None:
        self.guest = guest
        self.responder = responder
        self.person = person
        self.until_s = until_s
        self.judge = judge
        self.count = count
        self.public_key = ""
        self.info = Info("")
        self._frames = list(guest.more)
        self._is_confirmed_there = False
        guest.connection.setblocking(False)

    @property
    def is_attempt(self) -> bool:
        """Whether it counts as a failure unless both confirm (Session.is_attempt)."""
        return self.responder.is_attempt

    def agree(self) -> None:
        """Up to the point at which both persons have confirmed. EndedError: nothing comes of it."""
        answer = _told(self.responder.receive_commitment, self.guest.commitment)
        # Who has our answer can work out our code, and leave if it does not suit him.
        self.count()
        self._send(frames.ANSWER, answer)
        reveal = self._await_reveal(min(self.until_s, time.monotonic() + REVEAL_S))
        _told(self.responder.receive_reveal, reveal)
        self.info = _read_info(self.responder.their_info)
        self.public_key = b2a_base64(self.responder.their_public, newline=False).decode()
        standing, known_as = self.judge(self.info, self.public_key)
        guest = Guesthood(
            self.info.name, self.guest.source, self.info.board, self.public_key, standing, known_as
        )
        self.person.compare(self.responder.code, guest)
        self._compare()

    def _await_reveal(self, until_s: float) -> bytes:
        while not self._frames:
            self._require_time(until_s)
            if select.select([self.guest.connection], [], [], 0.25)[0]:
                self._receive()
        kind, body = self._frames.pop(0)
        if kind == frames.END:
            raise errors.left(self.is_attempt)
        if kind != frames.REVEAL:
            raise errors.broken("something else than a reveal came")
        return body

    def _compare(self) -> None:
        watched: list[socket.socket | Person] = [self.guest.connection, self.person]
        is_confirmed_here = False
        while not self.responder.is_confirmed:
            self._require_time(self.until_s)
            while self._frames:
                self._take_frame(is_confirmed_here)
            if self.responder.is_confirmed:
                return
            ready, _, _ = select.select(watched, [], [], 0.25)
            if self.guest.connection in ready:
                self._receive()
            if self.person in ready and self._take_answers():
                # One answer counts; the rest is for the shell.
                watched.remove(self.person)
                is_confirmed_here = True
                if not self.responder.is_confirmed:
                    self.person.confirmed_here()

    def _take_answers(self) -> bool:
        """Whether our person has confirmed, and the other end was told."""
        for answer in self.person.answers():
            if answer == GONE:
                raise errors.given_up()
            if answer == NO:
                raise errors.mismatch("You said so.")
            if answer != YES and not self.responder.matches(answer):
                raise errors.mismatch("The digits from there are not those shown here.")
            self._send(frames.CONFIRMATION, _told(self.responder.confirm))
            return True
        return False

    def _take_frame(self, is_confirmed_here: bool) -> None:
        kind, body = self._frames.pop(0)
        if kind == frames.CONFIRMATION:
            if self._is_confirmed_there:
                # Each is told to our person: many would push the code off the screen.
                raise errors.broken("it confirmed twice")
            _told(self.responder.accept, body)
            self._is_confirmed_there = True
            if not is_confirmed_here:
                self.person.confirmed_there()
        elif kind == frames.END:
            reason = frames.read_end(body)
            if reason == frames.NO_MATCH:
                raise errors.mismatch("Whoever is at the other end said so.")
            raise errors.left(True)
        else:
            raise errors.broken("something else than a confirmation came")

    def _require_time(self, until_s: float) -> None:
        if time.monotonic() > self.until_s:
            raise errors.too_late(self.is_attempt)
        if time.monotonic() > until_s:
            raise errors.left(self.is_attempt)

    def _receive(self) -> None:
        try:
            data = self.guest.connection.recv(_RECEIVE_LEN)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            raise errors.left(self.is_attempt)
        self._frames += _told(self.guest.reader.feed, data)

    def _send(self, kind: int, body: bytes) -> None:
        try:
            # A few hundred bytes at the most: they fit into the socket's buffer, or it is dead.
            self.guest.connection.sendall(frames.frame(kind, body))
        except OSError:
            raise errors.left(self.is_attempt) from None

    def end(self, reason: int) -> None:
        """Tell the other end how it ended, and wait a moment until it knows."""
        with contextlib.suppress(OSError):
            self.guest.connection.sendall(frames.end(reason))
            self.guest.connection.shutdown(socket.SHUT_WR)
            until_s = time.monotonic() + FAREWELL_S
            # Closed with something unread, the connection would take our last words back.
            while (left_s := until_s - time.monotonic()) > 0:
                ready, _, _ = select.select([self.guest.connection], [], [], left_s)
                if ready and not self.guest.connection.recv(_RECEIVE_LEN):
                    break

    def close(self) -> None:
        self.responder.wipe()
        self.guest.connection.close()


def _told(action: Callable[..., T], *arguments: object) -> T:
    """What the protocol refuses, as an error for people."""
    try:
        return action(*arguments)
    except PairingError as error:
        if error.is_suspicious:
            raise errors.broken(error.why) from None
        raise errors.unusable(error.why) from None


def _read_info(data: bytes) -> Info:
    return _told(Info.decode, data)

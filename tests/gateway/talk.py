"""The other end of a pairing, on real sockets; and the person at the gateway, by a script."""

import contextlib
import os
import socket
import threading
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from _wg import PrivateKey

from pairing import frames
from pairing.code import Code
from pairing.info import Info
from pairing.session import Initiator
from undertow.errors import UndertowError
from undertow.gateway.pairing.command import Room, open_port
from undertow.gateway.pairing.person import Guesthood
from undertow.gateway.peers import Peer
from undertow.gateway.state import State
from undertow.lab.namespace import wait_until

PATIENCE_S = 20.0
DIGITS = "digits"


def fill_random(buffer: bytearray) -> None:
    buffer[:] = os.urandom(len(buffer))


def fresh_key() -> PrivateKey:
    return PrivateKey(bytearray(os.urandom(32)))


class Scripted:
    """A person who answers as told: `answer` may be a text, or DIGITS for those of the code."""

    def __init__(self, answer: str = "") -> None:
        self.answer = answer
        self.room = ""
        self.port = 0
        self.code: Code | None = None
        self.guest: Guesthood | None = None
        self.heard: list[str] = []
        self._here, self._there = socket.socketpair()

    def opened(self, room: str, commands: Sequence[str], port: int, notes: Sequence[str]) -> None:
        self.port, self.room = port, room
        self.heard += [*commands, *notes]

    def compare(self, code: Code, guest: Guesthood) -> None:
        self.guest, self.code = guest, code
        if self.answer:
            self.say(code.digits if self.answer == DIGITS else self.answer)

    def say(self, answer: str) -> None:
        self._there.sendall(answer.encode() + b"\n")

    def confirmed_there(self) -> None:
        self.heard.append("confirmed there")

    def confirmed_here(self) -> None:
        self.heard.append("confirmed here")

    def fileno(self) -> int:
        return self._here.fileno()

    def answers(self) -> list[str]:
        return self._here.recv(4096).decode().splitlines()


class Opened:
    """A with block in which a room is open, in a thread, on a free port of this machine."""

    def __init__(self, state: State, person: Scripted) -> None:
        self.person = person
        self.room = Room(state, person)
        self.result: Peer | None = None
        self.error: BaseException | None = None
        self._thread = threading.Thread(target=self._hold, daemon=True)
        self._connections: list[socket.socket] = []

    def __enter__(self) -> Self:
        self._thread.start()
        wait_until(lambda: self.person.room or self.error, PATIENCE_S, lambda: "no room was opened")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is None:
            self.end()
            return
        # The test has failed: a room that nobody ends would wait for ten minutes.
        with contextlib.suppress(OSError), self.connect() as last:
            last.sendall(frames.hello(self.person.room) + frames.frame(1, bytes(32)))
        for connection in self._connections:
            connection.close()

    def _hold(self) -> None:
        try:
            with open_port("127.0.0.1", 0) as listener:
                self.result = self.room.hold(listener)
        except UndertowError as error:
            self.error = error

    def end(self) -> BaseException | None:
        """Wait until it is over; the error it ended with."""
        self._thread.join(PATIENCE_S)
        assert not self._thread.is_alive(), "the room does not end"
        return self.error

    def connect(self, source: str = "127.0.0.1") -> socket.socket:
        made = socket.create_connection(
            ("127.0.0.1", self.person.port), PATIENCE_S, source_address=(source, 0)
        )
        made.settimeout(PATIENCE_S)
        self._connections.append(made)
        return made


class Box:
    """A box that pairs: the library's Initiator behind a socket."""

    def __init__(
        self,
        connection: socket.socket,
        room: str,
        name: str = "attic",
        key: PrivateKey | None = None,
    ) -> None:
        self.connection = connection
        self.key = key or fresh_key()
        self.session = Initiator(room, self.key.public(), Info(name).encode(), fill_random)
        self.room = room
        self.gateway = Info("")
        self._reader = frames.Reader()
        self._received: list[tuple[int, bytes]] = []

    def agree(self) -> Code:
        """Hello, commitment, answer, reveal: the code."""
        hello = frames.hello(self.room)
        self.connection.sendall(hello + frames.frame(frames.COMMITMENT, self.session.commitment()))
        reveal = self.session.receive_answer(self.receive(frames.ANSWER))
        self.connection.sendall(frames.frame(frames.REVEAL, reveal))
        self.gateway = Info.decode(self.session.their_info)
        return self.session.code

    def confirm(self) -> None:
        self.connection.sendall(frames.frame(frames.CONFIRMATION, self.session.confirm()))

    def finish(self) -> bytearray:
        """Take the gateway's confirmation and its end; the preshared key."""
        self.session.accept(self.receive(frames.CONFIRMATION))
        assert self.receive(frames.END) == bytes([frames.DONE])
        key = bytearray(32)
        self.session.preshared_key(key)
        return key

    def receive(self, kind: int) -> bytes:
        while not self._received:
            data = self.connection.recv(4096)
            assert data, "the gateway hung up"
            self._received += self._reader.feed(data)
        came, body = self._received.pop(0)
        assert came == kind, f"frame {came} instead of {kind}: {body.hex()}"
        return body


def is_closed(connection: socket.socket) -> bool:
    """Whether the other end hangs up without a word."""
    try:
        return connection.recv(1) == b""
    except ConnectionResetError:
        return True

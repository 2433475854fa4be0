"""A gateway that waits for a box, made of the pairing library's responder, on a port of 127.0.0.1.

It keeps what pairing gave it and does what a test wants of it: also the worst.
"""

import os
import socket
from dataclasses import dataclass, field

from pairing import frames
from pairing.errors import PairingError
from pairing.info import Info
from pairing.session import Responder
from undertow.lab.worker import Worker
from wg.keytext import public_from_base64, public_to_base64

ROOM = "4711"
PUBLIC = "xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg="


def info() -> Info:
    """What it says of itself."""
    made = Info("home")
    made.endpoints = ["192.0.2.1:51820"]
    made.address = "10.66.0.7/32"
    made.dns = "10.66.0.1"
    made.allowed_ips = "0.0.0.0/0"
    return made


@dataclass
class Behaviour:
    """What the person there does, and what the program does instead of what it should."""

    confirms: bool = True
    reason: int | None = None  # ends with this instead of an answer
    reason_after_reveal: int | None = None
    answers: bytes | None = None  # says this instead
    is_silent: bool = False
    hangs_up: bool = False
    hangs_up_before_storing: bool = False
    info: Info = field(default_factory=info)
    public: str = PUBLIC


class GatewayEnd(Worker):
    """A with block in which it waits. codes: those that it showed; peers: what it stored."""

    def __init__(self, behaviour: Behaviour | None = None) -> None:
        self.behaviour = behaviour or Behaviour()
        self.codes: list[str] = []
        self.words: list[tuple[str, ...]] = []
        self.peers: list[tuple[str, bytes]] = []
        self.heard: list[int] = []  # the kinds of frames
        self.served = 0  # connections
        self.is_agreeing = False  # a box is here, and its code is not known yet
        self.ended: list[int] = []  # the reasons that the box's side gave
        self._server = socket.create_server(("127.0.0.1", 0))
        self._server.settimeout(0.05)
        super().__init__("gateway", self._server)

    @property
    def pair(self) -> str:
        return f"127.0.0.1:{self._server.getsockname()[1]}"

    def _work(self) -> None:
        while not self._ended.is_set():
            try:
                connection, _ = self._server.accept()
            except OSError:
                continue
            with connection:
                connection.settimeout(0.05)
                try:
                    self._serve(connection)
                except (ConnectionError, PairingError, EOFError):
                    continue
                finally:
                    self.served += 1

    def _serve(self, connection: socket.socket) -> None:
        wants = self.behaviour
        received = self._frames(connection)
        kind, body = next(received)
        if frames.read_hello(body) != ROOM:
            return  # silently
        self.is_agreeing = True
        kind, commitment = next(received)
        assert kind == frames.COMMITMENT
        if wants.is_silent:
            next(received)
        if wants.hangs_up:
            return
        if wants.reason is not None:
            connection.sendall(frames.end(wants.reason))
            return
        if wants.answers is not None:
            connection.sendall(wants.answers)
            next(received)
        responder = Responder(
            ROOM, public_from_base64(wants.public.encode()), wants.info.encode(), _fill
        )
        connection.sendall(frames.frame(frames.ANSWER, responder.receive_commitment(commitment)))
        kind, reveal = next(received)
        assert kind == frames.REVEAL
        responder.receive_reveal(reveal)
        self.words.append(responder.code.words)
        self.codes.append(responder.code.digits)
        self.is_agreeing = False
        if wants.reason_after_reveal is not None:
            connection.sendall(frames.end(wants.reason_after_reveal))
            return
        while not wants.confirms:
            next(received)
        connection.sendall(frames.frame(frames.CONFIRMATION, responder.confirm()))
        kind, body = next(received)
        if kind != frames.CONFIRMATION:
            return
        responder.accept(body)
        key = bytearray(32)
        responder.preshared_key(key)
        if wants.hangs_up_before_storing:
            return
        self.peers.append((public_to_base64(responder.their_public), bytes(key)))
        connection.sendall(frames.end(frames.DONE))
        next(received)

    def _frames(self, connection: socket.socket):  # type: ignore[no-untyped-def]
        reader = frames.Reader()
        while not self._ended.is_set():
            try:
                data = connection.recv(4096)
            except TimeoutError:
                continue
            if not data:
                raise EOFError
            for kind, body in reader.feed(data):
                self.heard.append(kind)
                if kind == frames.END:
                    self.ended.append(frames.read_end(body))
                    raise EOFError
                yield kind, body
        raise EOFError


def _fill(buffer: bytearray) -> None:
    buffer[:] = os.urandom(len(buffer))

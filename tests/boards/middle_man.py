"""Somebody in between a laptop and a gateway, who takes himself for each of them to the other.

    python -m tests.boards.middle_man PORT GATEWAY:PORT [--honest]

He knows all that is public: the protocol, the room, what both say of themselves. To the box he
pairs as the gateway, to the gateway as the box, with keys of his own, and confirms at once to
both. --honest: he passes on every byte, which shows that it is not the way that fails. He says
what he does in lines of JSON.
"""

import json
import os
import select
import socket
import sys
from collections.abc import Iterator
from contextlib import suppress

from _wg import PrivateKey

from pairing import frames
from pairing.session import Initiator, Responder

PATIENCE_S = 30.0


def main(port: str, gateway: str, *options: str) -> None:
    host, _, number = gateway.rpartition(":")
    with socket.create_server(("", int(port))) as server:
        _tell("waiting")
        laptop, _ = server.accept()
        with laptop, socket.create_connection((host, int(number)), PATIENCE_S) as home:
            if options:
                _pass_on(laptop, home)
            else:
                _substitute(laptop, home)


def _pass_on(one: socket.socket, other: socket.socket) -> None:
    ends = {one: other, other: one}
    while ends:
        for ready in select.select(list(ends), [], [], PATIENCE_S)[0]:
            data = ready.recv(4096)
            if data:
                ends[ready].sendall(data)
                continue
            with suppress(OSError):
                ends[ready].shutdown(socket.SHUT_WR)
            del ends[ready]
    _tell("passed on")


def _substitute(laptop: socket.socket, home: socket.socket) -> None:
    from_laptop, from_home = _frames(laptop), _frames(home)
    room = frames.read_hello(_expect(from_laptop, frames.HELLO))
    commitment = _expect(from_laptop, frames.COMMITMENT)

    # As the box, to the gateway: before he answers the box he knows what that says of itself.
    as_box = Initiator(room, _own_key(), b"attic", _fill_random)
    home.sendall(frames.hello(room) + frames.frame(frames.COMMITMENT, as_box.commitment()))
    reveal = as_box.receive_answer(_expect(from_home, frames.ANSWER))
    home.sendall(frames.frame(frames.REVEAL, reveal))

    # As the gateway, to the box.
    as_home = Responder(room, _own_key(), as_box.their_info, _fill_random)
    answer = as_home.receive_commitment(commitment)
    laptop.sendall(frames.frame(frames.ANSWER, answer))
    as_home.receive_reveal(_expect(from_laptop, frames.REVEAL))

    laptop.sendall(frames.frame(frames.CONFIRMATION, as_home.confirm()))
    home.sendall(frames.frame(frames.CONFIRMATION, as_box.confirm()))
    _tell("between", laptop=as_home.code.digits, home=as_box.code.digits)
    # Neither end is to hear of the other any more; each says to him how it ends.
    _tell("ended", laptop=[k for k, _ in from_laptop], home=[k for k, _ in from_home])


def _frames(connection: socket.socket) -> Iterator[tuple[int, bytes]]:
    connection.settimeout(PATIENCE_S)
    reader = frames.Reader()
    with suppress(ConnectionResetError):
        while data := connection.recv(4096):
            yield from reader.feed(data)


def _expect(received: Iterator[tuple[int, bytes]], kind: int) -> bytes:
    came, body = next(received)
    assert came == kind, f"frame {came} instead of {kind}"
    return body


def _own_key() -> bytes:
    return PrivateKey(bytearray(os.urandom(32))).public()


def _fill_random(buffer: bytearray) -> None:
    buffer[:] = os.urandom(len(buffer))


def _tell(event: str, **details: object) -> None:
    print(json.dumps({"event": event, **details}), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])

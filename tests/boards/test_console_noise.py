"""A console line that carries a megabyte of noise, while a box is being set up over it."""

import contextlib
import random
import select
import socket
import time
from pathlib import Path

from tests.boards.conftest import image

from undertow.board import Board
from undertow.console import Console, Hello
from undertow.errors import UndertowError

NOISE_LEN = 1_000_000
PIECE_LEN = 4096
PATIENCE_S = 120.0


def shout(url: str, noise: random.Random) -> None:
    """Send the noise as fast as the box takes it, and read what it says meanwhile."""
    host, port = url.removeprefix("socket://").split(":")
    with socket.socket() as line:
        # Little room: most of what was sent has arrived when the last of it has left.
        line.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 2 * PIECE_LEN)
        line.connect((host, int(port)))
        sent = 0
        while sent < NOISE_LEN:
            readable, writable, _ = select.select([line], [line], [], PATIENCE_S)
            assert readable or writable, "the box takes nothing any more"
            if readable:
                line.recv(65536)
            if writable:
                sent += line.send(noise.randbytes(PIECE_LEN))


def hello_after_all(url: str) -> Hello:
    """The greeting, once the box has read its way through what is left of the noise."""
    end = time.monotonic() + PATIENCE_S
    while True:
        with contextlib.suppress(UndertowError), Console(url) as console:
            return console.hello()
        assert time.monotonic() < end, "the box never found back to its words"


def test_a_megabyte_of_noise_changes_nothing(built_board: str, folder: Path) -> None:
    with Board(built_board, folder, firmware=image(built_board)) as board:
        with Console(board.console_url) as console:
            console.put("box", bytearray(b"[Box]\nName = attic\n"))
            before = console.check()
        shout(board.console_url, random.Random(built_board))
        assert hello_after_all(board.console_url).state == "partial"
        with Console(board.console_url) as console:
            assert console.check() == before
            assert console.status()["box"]["crashes"] == 0

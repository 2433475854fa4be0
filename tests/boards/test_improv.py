"""A web flasher at the console of a board: it is answered, and ut1 goes on beside it."""

import socket
import time
from pathlib import Path

from tests.boards.conftest import image

from improv.packets import ERROR, OTHER, RESULT, RPC, STATE, Reader, build
from undertow.board import Board
from undertow.console import Console

PATIENCE_S = 60.0
STATE_REQUEST = b"\x02\x00"
JOIN = b"\x01\x14\x05Hotel\x0dcorrect horse"


def ask(url: str, request: bytes, last: tuple[int, bytes]) -> list[tuple[int, bytes]]:
    """Send a command, again and again as clients do; the packets that came, up to this one."""
    host, port = url.removeprefix("socket://").split(":")
    reader = Reader()
    found: list[tuple[int, bytes]] = []
    end = time.monotonic() + PATIENCE_S
    with socket.create_connection((host, int(port)), timeout=1.0) as line:
        while last not in found:
            assert time.monotonic() < end, found
            line.sendall(build(RPC, request))
            try:
                while last not in found:
                    for kind, data, _ in reader.feed(line.recv(4096)):
                        if kind != OTHER:
                            found.append((kind, bytes(data)))
            except TimeoutError:
                continue
    return found


def test_a_board_without_wifi_answers_and_stores_nothing(built_board: str, folder: Path) -> None:
    with Board(built_board, folder, firmware=image(built_board)) as board:
        with Console(board.console_url) as console:
            console.put("box", bytearray(b"[Box]\nName = attic\n"))
            before = console.check()
        found = ask(board.console_url, STATE_REQUEST, (STATE, b"\x02"))
        assert (ERROR, b"\x00") in found
        assert ask(board.console_url, b"\x04\x00", (RESULT, b"\x04\x00"))
        assert ask(board.console_url, b"\x05\x00", (ERROR, b"\x02"))
        assert ask(board.console_url, JOIN, (ERROR, b"\x03"))[-1] == (ERROR, b"\x03")
        with Console(board.console_url) as console:
            assert console.hello().state == "partial"
            assert console.check() == before
            assert console.status()["box"]["crashes"] == 0

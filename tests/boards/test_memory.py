"""What is in the memory of a box, read from outside while it runs."""

import base64
import time
from pathlib import Path

from undertow.board import Board
from undertow.console import Console

PRIVATE = b"yAnz5TF+lXXJte14tji3zlMNq+hd2rYUIgJBgB3fBmk="
PRESHARED = b"FpCyhws9cxwWoV4xELtfJvjJN+zQVRPISllRWgeopVE="
TUNNEL = b"""\
[Interface]
Address = 10.7.0.1/32
PrivateKey = %s

[Peer]
PublicKey = TrMvSoP4jYQlY6RIzBgbssQqY3vxI2Pi+y71lOWWXX0=
PresharedKey = %s
AllowedIPs = 0.0.0.0/0
Endpoint = 192.0.2.2:51820
""" % (PRIVATE, PRESHARED)

MEMORY = {"virt_rv32": 0x8000_0000, "virt_xtensa": 0}
MEMORY_LEN = 16 << 20
PIECE_LEN = 12


def traces(memory: bytes) -> set[bytes]:
    """Pieces of the keys' text that are in memory, plain or in the base64 of the line."""
    wanted = set()
    for key in (PRIVATE, PRESHARED):
        for start in range(0, len(key) - PIECE_LEN, 4):
            piece = key[start : start + PIECE_LEN]
            once = (base64.b64encode(piece[skip:]) for skip in range(3))
            wanted |= {piece, *(text.rstrip(b"=")[:-1] for text in once)}
    return {piece for piece in wanted if piece in memory}


def dump(board: Board, folder: Path) -> bytes:
    file = folder / "memory"
    start = MEMORY[board.name]
    board.monitor.command("pmemsave", val=start, size=MEMORY_LEN, filename=str(file))
    return file.read_bytes()


def test_no_text_of_a_key_stays_in_the_memory_of_a_box(built_board: str, folder: Path) -> None:
    with Board(built_board, folder) as board:
        console = Console(board.console_url)
        console.put("box", bytearray(b"[Box]\nName = attic\n"))
        console.put("tunnel", bytearray(TUNNEL))
        assert traces(dump(board, folder)), "what is not committed yet must be found"
        console.commit(console.check().digest)
        deadline = time.monotonic() + 60
        while console.hello().state != "live":
            assert time.monotonic() < deadline
        console.check()
        assert traces(dump(board, folder)) == set()
        console.close()

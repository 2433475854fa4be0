"""The power goes while a box takes over new settings: a hundred times, whenever it likes."""

import contextlib
import random
import shutil
import threading
import time
from pathlib import Path

from undertow.board import Board, firmware_file
from undertow.console import Console
from undertow.errors import UndertowError

CUTS = 100
TUNNEL = """\
[Interface]
Address = 10.7.0.1/32

[Peer]
PublicKey = TrMvSoP4jYQlY6RIzBgbssQqY3vxI2Pi+y71lOWWXX0=
AllowedIPs = 0.0.0.0/0
Endpoint = 192.0.2.2:51820
"""


def document(number: int, filling: int) -> bytearray:
    """A box's document of some length."""
    return bytearray(f"[Box]\nName = box-{number}\n{'#' * filling}\n".encode())


def commit_and_cut(board: Board, console: Console, digest: str, after_s: float) -> None:
    """Ask for a commit, and take the power away so many seconds later."""

    def commit() -> None:
        with contextlib.suppress(UndertowError):  # nobody is there any more
            console.commit(digest)

    asking = threading.Thread(target=commit)
    asking.start()
    time.sleep(after_s)
    board.kill()
    asking.join()
    console.close()


def test_a_box_comes_back_with_the_old_settings_or_the_new_ones(
    built_board: str, folder: Path
) -> None:
    dice = random.Random(built_board)
    # Of our own: it is started a hundred times, and nobody may build another one meanwhile.
    firmware = Path(shutil.copy(firmware_file(built_board), folder))
    with Board(built_board, folder, firmware=firmware) as board:
        console = Console(board.console_url)
        public_key = console.keygen()
        console.put("tunnel", bytearray(TUNNEL.encode()))
        console.put("box", document(0, 0))
        digest = console.check().digest
        started = time.monotonic()
        console.commit(digest)
        # Until when power is cut: it follows what happens, so that half of the commits succeed.
        latest_s = 2 * (time.monotonic() - started)
        name, kept, taken = "box-0", 0, 0
        for number in range(1, CUTS + 1):
            console.put("box", document(number, dice.randrange(600)))
            digest = console.check().digest
            commit_and_cut(board, console, digest, dice.uniform(0, latest_s))
            board.start()
            console = Console(board.console_url)
            hello = console.hello()
            assert hello.name in (name, f"box-{number}"), console.log()
            assert hello.state in ("ready", "live"), console.log()
            assert console.check().public == public_key
            kept += hello.name == name
            taken += hello.name != name
            latest_s *= 1.1 if hello.name == name else 0.9
            name = hello.name
        console.close()
        # Cuts that all came too early or too late would have shown nothing.
        assert min(kept, taken) >= CUTS // 10, (kept, taken)

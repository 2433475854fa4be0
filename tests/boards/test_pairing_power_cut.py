"""The power goes while a box takes over a pairing: the tunnel and whom it trusts, or neither."""

import base64
import random
import shutil
import time
from pathlib import Path

from tests.boards.conftest import image
from tests.boards.pairing_home import Home, commit_without_tunnel
from tests.boards.test_power_cut import commit_and_cut

from undertow.board import Board
from undertow.console import Console

CUTS = 5


def gateway_key(number: int) -> str:
    """A key of its own for each pairing."""
    return base64.b64encode(bytes([number + 1]) * 32).decode()


def paired_with(console: Console) -> str:
    """The gateway's key, which must be the same in both places."""
    told = console.status()
    verification = told["verification"]
    assert verification["state"] == "yes", verification
    assert verification["peer"] == told["tunnel"]["peer"]
    return str(verification["peer"])


def test_a_box_comes_back_with_the_old_pairing_or_the_new_one(
    built_board: str, folder: Path
) -> None:
    dice = random.Random(built_board)
    # Of our own: it is started again and again, and nobody may build another one meanwhile.
    firmware = Path(shutil.copy(image(built_board), folder))
    with Board(built_board, folder, firmware=firmware) as board:
        console = Console(board.console_url)
        commit_without_tunnel(console, "attic")
        public_key = console.check().public
        Home(gateway_key(0)).pair(console)
        started = time.monotonic()
        console.commit(console.check().digest)
        whole_s = time.monotonic() - started
        before, kept, taken = gateway_key(0), 0, 0
        # From at once to when it is surely done, in any order.
        waits = [3 * whole_s * number / (CUTS - 1) for number in range(CUTS)]
        dice.shuffle(waits)
        for number, wait_s in enumerate(waits, 1):
            Home(gateway_key(number)).pair(console)
            commit_and_cut(board, console, console.check().digest, wait_s)
            board.start()
            console = Console(board.console_url)
            console.hello()
            now = paired_with(console)
            assert now in (before, gateway_key(number)), console.log()
            assert console.check().public == public_key
            kept += now == before
            taken += now != before
            before = now
        console.close()
        # Cuts that all came too early or too late would have shown nothing.
        assert min(kept, taken) >= 1, (kept, taken)

"""A box and its gateway that get to know each other by a code, over a board's console."""

import base64
from collections.abc import Callable
from pathlib import Path

from tests.boards.conftest import image
from tests.boards.pairing_home import Home, commit_without_tunnel, hello_again, is_locked

from undertow.board import Board
from undertow.board.scene import BOX_INNER, TUNNEL_DNS, Scene
from undertow.console import Console
from undertow.lab.namespace import wait_until

Connect = Callable[[], Console]

GATEWAY = "TrMvSoP4jYQlY6RIzBgbssQqY3vxI2Pi+y71lOWWXX0="
OTHER_GATEWAY = base64.b64encode(bytes(range(1, 33))).decode()
TUNNEL = f"""\
[Interface]
Address = 10.7.0.1/32

[Peer]
PublicKey = {OTHER_GATEWAY}
AllowedIPs = 0.0.0.0/0
Endpoint = 192.0.2.2:51820
"""


def verified(console: Console) -> str:
    """What the box says of its keys, the same everywhere."""
    state = str(console.status()["verification"]["state"])
    assert console.request("hello")["verified"] == state
    return state


def test_a_paired_box_carries_packets_with_the_key_that_both_made(
    scene: Scene, connect: Connect
) -> None:
    scene.power()
    console = connect()
    assert console.hello().state == "blank"
    commit_without_tunnel(console, "attic")
    told = console.status()
    assert told["box"]["state"] == "ready"
    assert told["problem"]["why"] == "the box has none yet, so it carries nothing"
    assert verified(console) == "no"
    home = Home(scene.gateway.public_key, BOX_INNER, TUNNEL_DNS)
    key = home.pair(console)
    assert verified(console) == "no", "nothing is in force before the commit"
    public_key = console.check().public
    assert public_key is not None
    scene.gateway.admit(public_key, f"{BOX_INNER}/32", key)
    console.commit(console.check().digest)
    client = scene.client()
    client.join()
    scene.loop.wait_until(scene.gateway.handshakes, 60.0, lambda: "no handshake")
    assert client.ping("203.0.113.80") is not None
    assert verified(console) == "yes"
    assert console.status()["problem"] is None
    scene.rules().require_silence(scene.uplink.sent())
    said = scene.board.said()
    assert "not verified" in said.partition("@ut1")[0], "the greeting of a blank box"
    assert base64.b64encode(key).decode() not in said and key.hex() not in said
    scene.board.restart()
    wait_until(lambda: "verified with home" in scene.board.said(), 60.0, scene.board.said)


def test_a_key_that_changes_is_told_everywhere(built_board: str, folder: Path) -> None:
    with Board(built_board, folder, firmware=image(built_board)) as board:
        with Console(board.console_url) as console:
            commit_without_tunnel(console, "attic")
            Home(GATEWAY).pair(console)
            console.commit(console.check().digest)
            assert verified(console) == "yes"
            console.put("tunnel", bytearray(TUNNEL.encode()))
            console.commit(console.check().digest)
            assert verified(console) == "changed"
        board.restart()
        with Console(board.console_url) as console:
            assert verified(console) == "changed"
            verification = console.status()["verification"]
            assert (verification["peer_changed"], verification["own_changed"]) == (True, False)
            assert verification["peer"] == GATEWAY
            assert "NOT VERIFIED ANY MORE, the key of home has changed" in board.said()
            console.wipe("attic")
        with hello_again(lambda: Console(board.console_url)) as console:
            assert verified(console) == "no"


def test_wrong_digits_lock_the_box_over_restarts_and_power_cuts(
    built_board: str, folder: Path
) -> None:
    with Board(built_board, folder, firmware=image(built_board)) as board:
        with Console(board.console_url) as console:
            commit_without_tunnel(console, "attic")
            home = Home(GATEWAY)
            home.show(console)
            try:
                home.confirm(console, home.wrong_digits())
            except Exception as refusal:
                assert "omeone may be in between" in str(refusal)
            else:
                raise AssertionError("the box took wrong digits")
            assert console.check().missing == ("tunnel",)
            assert is_locked(console)
            console.reboot()
        with hello_again(lambda: Console(board.console_url)) as console:
            assert is_locked(console)
        board.restart()
        with Console(board.console_url) as console:
            assert is_locked(console)
            assert console.status()["verification"]["locked_s"] > 0
            console.wipe("attic")
        with hello_again(lambda: Console(board.console_url)) as console:
            assert console.hello().state == "blank"
            assert is_locked(console), "a wipe wins no try"


def test_a_power_cut_while_the_code_is_shown_wins_no_second_try(
    built_board: str, folder: Path
) -> None:
    with Board(built_board, folder, firmware=image(built_board)) as board:
        with Console(board.console_url) as console:
            commit_without_tunnel(console, "attic")
            Home(GATEWAY).show(console)
        board.restart()
        with Console(board.console_url) as console:
            assert is_locked(console)

"""A box that cannot work says what is in the way, and carries nothing meanwhile."""

import time
from pathlib import Path

import pytest
from tests.boards.recovery import until_ping
from tests.boards.test_network_changes import Connect

from undertow.board.scene import BOX_INNER, GATEWAY, TUNNEL_DNS, Scene
from undertow.console import Console
from undertow.console.client import RefusedByBoxError

KEY = "yAnz5TF+lXXJte14tji3zlMNq+hd2rYUIgJBgB3fBmk="


def until_problem(console: Console, word: str, timeout_s: float = 60.0) -> None:
    """Wait until the box says that this is its problem."""
    end = time.monotonic() + timeout_s
    problem = None
    while time.monotonic() < end:
        problem = console.status()["problem"]
        if problem and word in problem["why"]:
            assert problem["mend"]
            return
        time.sleep(0.1)
    pytest.fail(f"the box says {problem}, not '{word}'")


def test_a_box_says_what_keeps_it_from_its_gateway(scene: Scene, connect: Connect) -> None:
    name = "gate.example"
    scene.power()
    scene.board.set_link("uplink", False)
    console = connect()
    scene.provision(console, reach=f"{name}:{GATEWAY[1]}")
    until_problem(console, "no link")
    scene.uplink.cut()
    scene.board.set_link("uplink", True)
    until_problem(console, "gives no address")
    scene.uplink.join()
    until_problem(console, "name was not found", 40.0)
    scene.hotel.nat.reach(*GATEWAY, 9)
    scene.hotel.names[name] = (GATEWAY[0],)
    until_problem(console, "does not answer", 40.0)
    scene.hotel.nat.reach(*GATEWAY, scene.gateway.port)
    client = scene.client()
    client.join()
    until_ping(client, 30.0)
    assert console.status()["problem"] is None


def test_without_random_numbers_a_box_makes_no_key_and_opens_no_tunnel(
    board_name: str, folder: Path
) -> None:
    with Scene(board_name, folder, has_entropy=False) as scene:
        scene.power()
        with Console(scene.board.console_url) as console:
            with pytest.raises(RefusedByBoxError, match="no source of random numbers"):
                console.keygen()
            console.put("key", bytearray(KEY.encode()))
            tunnel = scene.gateway.box_file(f"{GATEWAY[0]}:{GATEWAY[1]}", BOX_INNER, TUNNEL_DNS)
            console.put("tunnel", bytearray(tunnel.encode()))
            console.put("box", bytearray(b"[Box]\nName = numb\n"))
            console.commit(console.check().digest)
            until_problem(console, "no generator of random numbers")
        client = scene.client()
        client.join()
        assert client.ping("203.0.113.80", 1.0) is None
        assert scene.uplink.sent() == []

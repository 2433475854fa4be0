"""`./invoke flash provision verify`: from nothing to a verified box that carries packets."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest
from tests.boards.conftest import IMAGES
from tests.host.gateway_end import ROOM, Behaviour, GatewayEnd
from tests.support.absence import cannot_run

from pairing.info import Info
from undertow import paths
from undertow.board.scene import BOX_INNER, GATEWAY, TUNNEL_DNS, Scene
from undertow.console import Console

PATIENCE_S = 200.0


@pytest.fixture
def home(scene: Scene) -> Iterator[GatewayEnd]:
    """The gateway of the scene, with a room that it holds open for this machine."""
    info = Info("home")
    info.endpoints = [f"{GATEWAY[0]}:{GATEWAY[1]}"]
    info.address = f"{BOX_INNER}/32"
    info.dns = TUNNEL_DNS
    with GatewayEnd(Behaviour(info=info, public=scene.gateway.public_key)) as made:
        yield made


def start(*words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "invoke", *words],
        cwd=paths.ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={name: value for name, value in os.environ.items() if "INVOKE" not in name},
    )


def test_one_command_makes_a_verified_box_that_carries_packets(
    scene: Scene, board_name: str, home: GatewayEnd
) -> None:
    if paths.BUILD != IMAGES:
        cannot_run("the tasks build their own firmware: leave UNDERTOW_IMAGES out")
    process = start(
        *("flash", "provision", "--name", "attic"),
        *("verify", "--board", board_name, "--flash", str(scene.board.flash)),
        *("--pair", home.pair, "--room", ROOM, "--digits-from-stdin"),
    )
    end = time.monotonic() + PATIENCE_S
    while not home.codes and process.poll() is None and time.monotonic() < end:
        time.sleep(0.05)
    heard = home.codes[-1] if home.codes else ""
    said, _ = process.communicate(heard + "\n", timeout=PATIENCE_S)
    assert process.returncode == 0, said
    assert "The box 'attic' is verified with 'home'." in said
    ((public_key, preshared),) = home.peers
    scene.gateway.admit(public_key, f"{BOX_INNER}/32", bytearray(preshared))
    scene.power()
    client = scene.client()
    client.join()
    scene.loop.wait_until(scene.gateway.handshakes, 60.0, lambda: "no handshake")
    assert client.ping("203.0.113.80") is not None
    with Console(scene.board.console_url) as console:
        assert (console.hello().state, console.hello().verified) == ("live", "yes")
    scene.rules().require_silence(scene.uplink.sent())

"""The laptop's tasks against the boards: flash, provision, status."""

import base64
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.support.console_text import decoded
from tests.support.keys import PRESHARED, PRIVATE, PUBLIC

from undertow import paths
from undertow.board import flash
from undertow.board.scene import BOX_INNER, GATEWAY, TUNNEL_DNS, Scene
from undertow.console import Console, status
from undertow.errors import EXIT_REFUSED, EXIT_USAGE
from undertow.lab.namespace import wait_until
from undertow.provisioning import RefusedError, Result, Wanted, provision, read

Connect = Callable[[], Console]


def write_config(scene: Scene, lines: str = "") -> str:
    reach = f"{GATEWAY[0]}:{GATEWAY[1]}"
    file = scene.folder / "home.conf"
    file.write_text(scene.gateway.box_file(reach, BOX_INNER, TUNNEL_DNS, lines))
    return str(file)


def set_up(console: Console, wanted: Wanted) -> Result:
    settings = read(wanted)
    try:
        return provision(console, settings, lambda text: None)
    finally:
        settings.wipe()


def test_a_wg_quick_file_makes_a_blank_box_carry_packets(scene: Scene, connect: Connect) -> None:
    scene.power()
    console = connect()
    result = set_up(console, Wanted(write_config(scene)))
    assert (result.box.state, result.box.name) == ("live", "home")
    _, _, _, _, key, _, allowed = result.gateway.command.split()
    assert key == result.public_key
    scene.gateway.admit(key, allowed)
    client = scene.client()
    client.join()
    scene.loop.wait_until(scene.gateway.handshakes, 60.0, lambda: "no handshake")
    assert client.ping("203.0.113.80") is not None
    assert set_up(console, Wanted(write_config(scene))).sent == ()
    rows = {(section, name): value for section, name, value in status.rows(console.status())}
    assert rows["tunnel", "state"] == "up"
    assert rows["tunnel", "gateway at"] == f"{GATEWAY[0]}:{GATEWAY[1]}"
    assert rows["tunnel", "box's key"] == result.public_key
    assert rows["lan", "clients"] == "1"
    assert client.address in rows["lan", "client"]


def test_settings_and_key_outlive_the_power(scene: Scene, connect: Connect) -> None:
    scene.power()
    wanted = Wanted(write_config(scene))
    before = set_up(connect(), wanted)
    scene.board.restart()
    after = set_up(connect(), wanted)
    assert after.sent == ()
    assert after.public_key == before.public_key


def test_a_broken_file_leaves_a_live_box_as_it_was(scene: Scene, connect: Connect) -> None:
    scene.power()
    console = connect()
    before = set_up(console, Wanted(write_config(scene)))
    config = write_config(scene)
    file = Path(config)
    file.write_text(file.read_text().replace("[Interface]", "[Interface]\nTable = 7"))
    with pytest.raises(RefusedError) as caught:
        set_up(console, Wanted(config, name="attic"))
    assert caught.value.why == (
        f"{config}:2: Table: a box has no routing tables. "
        "Remove the line: all that the LAN sends goes into the tunnel, or nowhere."
    )
    console.reboot()
    wait_until(lambda: console.hello().state == "live", 60.0, lambda: "it is not live")
    assert console.hello().name == "home"
    assert console.check().public == before.public_key


def test_a_board_never_says_a_secret(scene: Scene, connect: Connect) -> None:
    scene.power()
    console = connect()
    config = write_config(scene, f"PresharedKey = {PRESHARED}")
    file = Path(config)
    file.write_text(file.read_text().replace("[Interface]", f"[Interface]\nPrivateKey = {PRIVATE}"))
    assert set_up(console, Wanted(config, import_key=True)).public_key == PUBLIC
    console.check()
    console.status()
    console.log()
    said = decoded(scene.board.said().encode())
    assert PUBLIC in said, "this test sees what a box says"
    for secret in (PRIVATE, PRESHARED):
        raw = base64.b64decode(secret)
        assert secret not in said
        assert raw.hex() not in said.lower()


def invoke(*words: str) -> subprocess.CompletedProcess[str]:
    """./invoke, in the environment of the tests."""
    return subprocess.run(
        [sys.executable, "-m", "invoke", *words],
        cwd=paths.ROOT,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        env={name: value for name, value in os.environ.items() if "INVOKE" not in name},
        timeout=300,
        check=False,
    )


def test_one_command_makes_a_flash_and_provisions_the_board(
    scene: Scene, board_name: str, folder: Path
) -> None:
    config, file = write_config(scene), folder / "board.img"
    made = ("flash", "--board", board_name, "--flash", str(file))
    done = invoke(*made, "provision", "--config", config, "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout[done.stdout.index("{") :])
    assert told["box"]["board"] == board_name
    assert told["sent"] == ["box", "tunnel", "key"]
    assert file.stat().st_mode & 0o777 == 0o600
    assert not flash.is_blank(file)
    again = invoke(*made, "provision", "--config", config)
    assert again.returncode == 0, again.stderr
    assert f"flash     {file}: kept as it is" in again.stdout
    assert "The box 'home' had all of it already; nothing changed." in again.stdout
    assert f"PublicKey = {told['public_key']}" in again.stdout


def test_tasks_end_with_the_status_that_says_what_was_wrong(
    scene: Scene, board_name: str, folder: Path
) -> None:
    without = invoke("provision", "--board", board_name, "--json")
    assert without.returncode == EXIT_USAGE
    assert json.loads(without.stdout)["error"]["what"] == "No tunnel is named"
    assert without.stderr.startswith("error: No tunnel is named.\n")
    config = Path(write_config(scene))
    config.write_text(config.read_text().replace("0.0.0.0/0", "10.0.0.0/33"))
    where = ("--board", board_name, "--flash", str(folder / "board.img"))
    broken = invoke("provision", *where, "--config", str(config), "--json")
    assert broken.returncode == EXIT_REFUSED
    (problem,) = json.loads(broken.stdout)["error"]["problems"]
    assert problem["file"] == str(config)
    assert problem["what"] == "AllowedIPs"
    assert not (folder / "board.img").exists(), "nothing was begun"

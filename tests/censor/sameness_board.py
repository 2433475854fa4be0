"""Captures of each rung alone, of a box on an emulated board."""

from pathlib import Path

from tests.boards.conftest import image
from tests.censor.guest import open_page
from tests.censor.rungs import PLAIN, RUNGS, TIMES, Rung
from tests.censor.sameness import Parts
from tests.censor.traveller import PASSWORD, USER

from undertow.board.scene import BOX_INNER, GATEWAY, PROXY, TUNNEL_DNS, Scene
from undertow.console import Console
from undertow.lab.capture import Frame
from undertow.lab.packets import ethernet, ipv4

BOARD = "virt_rv32"
PAGE_S = 40.0


def record(folder: Path, prefix_len: int) -> dict[str, list[Parts]]:
    """TIMES of each rung, by its name. prefix_len: of the gateway, which is another for each."""
    firmware = image(BOARD)
    with Scene(BOARD, folder, firmware=firmware, has_carriers=True, prefix_len=prefix_len) as scene:
        scene.proxy(USER, PASSWORD)
        scene.power()
        with Console(scene.board.console_url) as console:
            console.hello()
            scene.provision(console)
            client = scene.client()
            client.join()
            found = {}
            for rung in (*RUNGS, PLAIN):
                _become(scene, console, rung)
                found[rung.name] = []
                for _ in range(TIMES):
                    _start_anew(scene, console)
                    scene.uplink.forget_record()
                    scene.board.set_link("uplink", True)
                    assert open_page(client, PAGE_S) is not None, rung.name
                    found[rung.name].append(rung.parts(_outside(scene)))
            return found


def _start_anew(scene: Scene, console: Console) -> None:
    """As somebody does who takes a box somewhere. The gateway has no more to say to it, either."""
    scene.board.set_link("uplink", False)
    scene.gateway.restart()
    console.reboot()
    console.hello()


def _outside(scene: Scene) -> list[Frame]:
    """What went to the gateway or to the proxy, and came from there."""
    found = []
    for passed in scene.uplink.record():
        frame = ethernet.parse(passed.data)
        packet = ipv4.parse(frame.body) if frame and frame.kind == ethernet.IPV4 else None
        if packet and {packet.source, packet.destination} & {GATEWAY[0], PROXY[0]}:
            found.append(Frame(passed.time_ns, passed.outgoing, passed.data))
    return found


def _become(scene: Scene, console: Console, rung: Rung) -> None:
    """Give the box a document with this rung alone, while its cable is out."""
    _start_anew(scene, console)
    text = scene.gateway.box_file(f"{GATEWAY[0]}:{GATEWAY[1]}", BOX_INNER, TUNNEL_DNS)
    before, _, added = text.partition("[Carriers]\n")
    document = f"{before}[Carriers]\n{rung.carriers(added.splitlines(True))}"
    console.put("tunnel", bytearray(document.encode()))
    console.commit(console.check().digest)

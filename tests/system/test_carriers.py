"""`undertow-unix run` with a document that names more ways than one, and the gateway's child."""

import base64
import json
import secrets
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from undertow.gateway.streams import certificate
from undertow.lab import Lab, Process, connect
from undertow.lab.namespace import wait_until
from undertow.lab.tunnel import make_key_pair, parse_dump

Start = Callable[..., Process]

GATEWAY = "192.0.2.2"
PORT, OTHER, TCP = 51820, 443, 51821


class Scene:
    """A box with carriers and a gateway that has its streams handed over, on one cable."""

    def __init__(self, lab: Lab, folder: Path, start: Start) -> None:
        self.folder = folder
        self._start = start
        self.box, self.gateway = lab.namespace("box"), lab.namespace("gateway")
        connect(self.box, "eth0", self.gateway, "eth0")
        self.box.address("eth0", "192.0.2.1/24")
        self.gateway.address("eth0", f"{GATEWAY}/24")
        self.name = lab.interface_name("gw")
        self.key, self.box_key = make_key_pair(), make_key_pair()
        self.shape_key = secrets.token_bytes(32)

    def run_gateway(self) -> Process:
        pem, key = certificate.self_signed("home.example.org")
        (self.folder / "pem").write_bytes(pem)
        (self.folder / "key").write_bytes(key)
        settings = {
            "interface": self.name,
            "private_key": base64.b64decode(self.key.private).hex(),
            "port": PORT,
            "also": str(OTHER),
            "shape_key": self.shape_key.hex(),
            "mtu": 1392,
            "peers": [
                {
                    "public_key": base64.b64decode(self.box_key.public).hex(),
                    "allowed": "10.7.0.1/32",
                }
            ],
            "addresses": ["10.7.0.2/24"],
            "certificate": str(self.folder / "pem"),
            "certificate_key": str(self.folder / "key"),
        }
        file = self.folder / "gateway.json"
        file.write_text(json.dumps(settings))
        process = self.gateway.start(
            *(sys.executable, "-m", "undertow.bench.carrier_gateway", str(file)),
            environment={"PYTHONPATH": ":".join(sys.path)},
        )
        process.wait_for("ready")
        return process

    def run_box(self, *carriers: str, allowed: str = "10.7.0.0/24") -> Process:
        shape_key = base64.b64encode(self.shape_key).decode()
        lines = [
            "[Interface]",
            f"PrivateKey = {self.box_key.private}",
            "Address = 10.7.0.1/32",
            *(f"S{number} = 16" for number in range(1, 5)),
            f"HeaderProtectionKey = {shape_key}",
            "[Peer]",
            f"PublicKey = {self.key.public}",
            f"AllowedIPs = {allowed}",
            f"Endpoint = {GATEWAY}:{PORT}",
            "PersistentKeepalive = 1",
            "[Carriers]",
            *carriers,
        ]
        file = self.folder / "wgbox.conf"
        file.write_text("\n".join([*lines, ""]))
        file.chmod(0o600)
        process = self._start(self.box, "run", str(file))
        process.wait_for("wgbox is up")
        return process

    def drop(self, rule: str) -> None:
        """Have the gateway's kernel drop what matches."""
        chain = "type filter hook input priority 0;"
        script = f"table inet censor {{\n chain input {{ {chain}\n {rule} drop\n }}\n}}\n"
        self.gateway.run("nft", "-f", "-", input_text=script)

    def pings(self, timeout_s: int = 20) -> bool:
        """Whether the gateway answers through the tunnel within that time."""
        command = ("ping", "-c", "1", "-i", "0.2", "-w", str(timeout_s), "10.7.0.2")
        return self.box.attempt(*command, timeout_s=timeout_s + 10.0).returncode == 0

    def endpoint(self, at_gateway: bool = True) -> str:
        """Of the other end, as `wg` shows it."""
        place, name = (self.gateway, self.name) if at_gateway else (self.box, "wgbox")
        status = parse_dump(place.run("wg", "show", name, "dump").stdout)
        (peer,) = status.peers.values()
        return peer.endpoint or ""

    def uapi(self) -> str:
        """What the gateway's end answers to get=1."""
        command = "import sys; from undertow.gateway import uapi; "
        command += (
            "sys.stdout.write(uapi.exchange(sys.argv[1], bytearray(b'get=1\\n\\n')).decode())"
        )
        return self.gateway.run(sys.executable, "-c", command, self.name).stdout


@pytest.fixture
def scene(lab: Lab, tmp_path: Path, start: Start) -> Scene:
    return Scene(lab, tmp_path, start)


def test_an_open_network_is_crossed_by_udp_in_the_shape(scene: Scene) -> None:
    scene.run_gateway()
    box = scene.run_box(f"UDP = {PORT}, {OTHER}", "Shapes = shaped, plain", f"TCP = {TCP}")
    assert scene.pings()
    assert scene.endpoint(at_gateway=False) == f"{GATEWAY}:{PORT}"
    told = scene.uapi()
    assert "shaped=true" in told
    assert f"\nlocal_port={PORT}\n" in told
    assert f"also_listen_ports={OTHER}" in told
    assert scene.shape_key.hex() not in told
    assert box.stop() == 0


def test_where_one_port_is_blocked_another_one_carries(scene: Scene) -> None:
    scene.run_gateway()
    scene.drop(f"udp dport {PORT}")
    scene.run_box(f"UDP = {PORT}, {OTHER}", f"TCP = {TCP}")
    assert scene.pings()
    assert scene.endpoint(at_gateway=False) == f"{GATEWAY}:{OTHER}"
    assert f"\nlocal_port={OTHER}\n" in scene.uapi()


def test_where_udp_is_blocked_a_stream_carries_and_wg_shows_who_is_there(scene: Scene) -> None:
    scene.run_gateway()
    scene.drop("meta l4proto udp")
    scene.run_box(f"UDP = {PORT}, {OTHER}", f"TCP = {TCP}")
    assert scene.pings()
    assert scene.endpoint(at_gateway=False) == f"{GATEWAY}:{TCP}"
    assert scene.endpoint().startswith("192.0.2.1:")
    told = scene.uapi()
    assert "carrier=tcp" in told
    assert "local_port" not in told


def test_a_stream_passes_by_the_tunnel_that_everything_else_goes_through(scene: Scene) -> None:
    scene.run_gateway()
    scene.drop("meta l4proto udp")
    box = scene.run_box(f"UDP = {PORT}", f"TCP = {TCP}", allowed="0.0.0.0/0")
    assert scene.pings()
    assert scene.endpoint(at_gateway=False) == f"{GATEWAY}:{TCP}"
    assert box.stop() == 0


def test_a_box_whose_stream_is_cut_off_comes_back(scene: Scene) -> None:
    scene.run_gateway()
    box = scene.run_box(f"TCP = {TCP}")
    assert scene.pings()
    before = scene.endpoint()
    scene.gateway.run("ss", "-K", "sport", "=", str(TCP))
    wait_until(
        lambda: scene.endpoint() != before and scene.pings(1), 30.0, lambda: box.log()[-2000:]
    )


def test_a_stranger_in_a_stream_is_shown_out_and_its_token_given_back(scene: Scene) -> None:
    gateway = scene.run_gateway()
    with scene.box.socket(kind=1) as stranger:
        stranger.connect((GATEWAY, TCP))
        stranger.sendall(b"\xff\xffGET / HTTP/1.1")  # a frame of 65535 bytes is nobody's
        stranger.settimeout(10.0)
        assert stranger.recv(100) == b""
    gateway.wait_for("stream 1 has ended: 13")  # END_PROTOCOL

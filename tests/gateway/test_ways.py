"""A box comes in by each way: further UDP ports, UDP over TCP, WebSockets with TLS and without."""

import json
import socket
import sys
from ipaddress import IPv4Address

import pytest
from tests.gateway.home import GATEWAY, GO, OURS, WEB, Home
from tests.gateway.test_traffic import PAGE

from carrier import inside
from undertow.gateway.peers import Peer
from undertow.lab import Namespace, Process
from undertow.lab.namespace import wait_until
from undertow.lab.tunnel import KeyPair, PeerSettings, Tunnel, make_key_pair
from undertow.lab.web import WebServer, fetch
from wg import endpoint

WAYS = [("tcp", 443), ("ws", 8080), ("tls", 443)]


class Traveller:
    """A WireGuard of another kind, whose packets a relay of its own takes to the gateway."""

    def __init__(self, home: Home, name: str) -> None:
        self.home = home
        self.key: KeyPair = make_key_pair()
        self.peer: Peer = home.let_in(name, self.key.public)
        self.where, self.address = home.place()
        self.tunnel = Tunnel(
            GO, self.where, home.lab.interface_name("box"), (f"{self.peer.address}/32",), self.key
        )

    def relay(self, kind: str, port: int) -> tuple[Process, int]:
        path = self.home.state.carriers().path
        words = ("-m", "tests.gateway.way", kind, GATEWAY, str(port), path)
        process = self.where.start(sys.executable, *words, environment=self.home.environment())
        wait_until(lambda: bool(process.log().strip()), 10, process.log)
        return process, int(process.log().split()[0])

    def enter(self, at: str) -> None:
        """at: HOST:PORT to which packets go."""
        own = self.home.state.public_key()
        self.tunnel.start(0, (PeerSettings(own, ("0.0.0.0/0",), at, None, keepalive_s=1),))
        self.where.route("default", "dev", self.tunnel.interface)


def move(home: Home, tunnel: Tunnel, at: str) -> None:
    """Let it begin anew with the gateway at HOST:PORT, as with a first handshake."""
    own = home.state.public_key()
    tunnel.set("peer", own, "remove")
    words = ("allowed-ips", "0.0.0.0/0", "endpoint", at, "persistent-keepalive", "1")
    tunnel.set("peer", own, *words)


def by(home: Home, name: str) -> str:
    found = json.loads(home.undertow("list", "--json"))
    return next(str(box["by"]) for box in found["boxes"] if box["name"] == name)


def test_strangers_to_our_carriers_come_in_by_each(home: Home) -> None:
    """wireguard-go, with a relay that carries what Mullvad's and wstunnel's would; all at once."""
    gateway = home.run()
    boxes = {kind: Traveller(home, f"attic-{kind}") for kind, _ in WAYS}
    for kind, port in WAYS:
        _, local = boxes[kind].relay(kind, port)
        boxes[kind].enter(f"127.0.0.1:{local}")
    with WebServer(home.web, WEB, PAGE):
        for box in boxes.values():
            assert fetch(box.where, WEB, "/large", timeout_s=20.0) == PAGE["/large"]
    found = {each["name"]: each for each in json.loads(home.undertow("list", "--json"))["boxes"]}
    for kind, box in boxes.items():
        assert found[f"attic-{kind}"]["by"] == kind.upper()
        assert str(found[f"attic-{kind}"]["endpoint"]).startswith(f"{box.address}:")
        gateway.wait_for(f"comes in from {box.address}")
    said = gateway.log()
    kept = home.state.carriers()
    assert kept.path[1:] not in said
    assert kept.shape_key.decode() not in said


def test_each_udp_port_is_a_way_in_and_answers_from_there(home: Home) -> None:
    home.run()
    kept = home.state.carriers()
    box = home.box("attic", GO)
    with WebServer(home.web, WEB, PAGE):
        for port in (443, 53, 123, 500, 4500, 51820, kept.high_port):
            # As a router's NAT does: nothing comes back from where nothing was sent to.
            box.namespace.nft(
                "add table ip nat\ndelete table ip nat\ntable ip nat {\nchain back {\n"
                "type filter hook input priority 0;\n"
                f"iifname eth0 udp sport != {port} drop\n}}\n}}\n"
            )
            move(home, box, f"{GATEWAY}:{port}")
            assert fetch(box.namespace, WEB, timeout_s=20.0) == PAGE["/"]


def test_connections_live_on_when_a_box_changes_its_way(home: Home) -> None:
    """One TCP connection through the tunnel: by UDP, then TLS, then TCP, then UDP again."""
    home.run()
    box = Traveller(home, "attic")
    box.enter(f"{GATEWAY}:51820")
    with home.web.socket(kind=socket.SOCK_STREAM) as listener:
        listener.bind((WEB, 5050))
        listener.listen()
        with box.where.socket(kind=socket.SOCK_STREAM) as client:
            client.settimeout(15)
            client.connect((WEB, 5050))
            served, _ = listener.accept()
            with served:
                served.settimeout(15)
                for kind, port in (("udp", 0), ("tls", 443), ("tcp", 8080), ("udp", 0)):
                    at = f"{GATEWAY}:443"
                    if kind != "udp":
                        at = f"127.0.0.1:{box.relay(kind, port)[1]}"
                    # UDP over TCP has to begin with an initiation.
                    move(home, box.tunnel, at)
                    client.sendall(kind.encode())
                    assert served.recv(10) == kind.encode()
                    served.sendall(b"back")
                    assert client.recv(10) == b"back"


def test_a_port_that_another_program_has_is_told_and_the_others_go_on(home: Home) -> None:
    with home.gateway.socket() as name_server, WebServer(home.gateway, "0.0.0.0", PAGE, port=443):
        name_server.bind(("0.0.0.0", 53))
        gateway = home.run()
        said = gateway.log()
        assert "UDP port 53 cannot be had: Address already in use" in said
        assert "TCP port 443 cannot be had: Address already in use" in said
        box = home.box("attic")
        with WebServer(home.web, WEB, PAGE):
            assert fetch(box.namespace, WEB) == PAGE["/"]


def test_settings_of_carriers_count_at_once(home: Home) -> None:
    gateway = home.run()
    place, _ = home.place()
    assert answers(place, 8080)
    assert answers(place, 443)
    home.undertow("set", "--web-ports", "8081", "--tls-ports", "", "--udp-ports", "1024")
    gateway.wait_for("took over the new settings")
    assert answers(place, 8081)
    assert not answers(place, 8080)
    assert not answers(place, 443)
    box = home.box("attic", GO)
    move(home, box, f"{GATEWAY}:1024")
    with WebServer(home.web, WEB, PAGE):
        assert fetch(box.namespace, WEB, timeout_s=10.0) == PAGE["/"]


def answers(place: Namespace, port: int) -> bool:
    try:
        with place.socket(kind=socket.SOCK_STREAM) as asker:
            asker.settimeout(5)
            asker.connect((GATEWAY, port))
    except ConnectionRefusedError:
        return False
    return True


def test_a_box_proves_its_way_at_the_service_inside(home: Home) -> None:
    """It echoes 64 KiB, says where the box is seen, and nobody outside reaches it."""
    home.run()
    box = home.box("attic")
    with box.namespace.socket() as asker:
        asker.settimeout(10)
        asker.connect(("10.51.82.1", 51821))
        token = b"12345678"
        for sequence in range(60):
            asker.send(inside.message(inside.ECHO, token, sequence, bytes(1300)))
            assert asker.recv(2000) == inside.message(inside.ECHOED, token, sequence, bytes(1300))

        def place() -> bytes:
            asker.send(inside.message(inside.WHERE, token, 1))
            found = inside.read(asker.recv(100))
            assert found is not None
            return inside.read_seen(found) or b""

        wait_until(lambda: len(place()) == 11, 10, lambda: "not seen")
        assert IPv4Address(endpoint.host(place())) == IPv4Address("192.0.2.6")
    with home.internet.socket() as stranger:
        stranger.settimeout(0.5)
        home.internet.route("10.51.82.0/24", "via", GATEWAY)
        stranger.sendto(inside.message(inside.ECHO, token, 1), ("10.51.82.1", 51821))
        with pytest.raises(TimeoutError):
            stranger.recv(100)


def test_check_says_what_a_box_sees_from_outside(home: Home) -> None:
    """The box is a script here: what a real one asks is the probes' test."""
    home.run()
    box = home.box("attic")
    kept = home.state.carriers()
    with box.namespace.socket() as service:
        service.bind(("10.51.82.2", 51821))
        service.settimeout(20)
        service.sendto(inside.message(inside.ECHO, bytes(8), 1), ("10.51.82.1", 51821))
        service.recv(100)
        words = home.command("check", "--json", "--box", "attic")
        process = home.gateway.start(*words, environment=home.environment())
        question, source = service.recvfrom(2000)
        asked = inside.read(question)
        assert asked is not None
        ports = inside.read_check(asked)
        assert ports is not None
        udp = {port for port, how in ports if how <= inside.SHAPED}
        assert udp == {443, 53, 123, 500, 4500, 51820, kept.high_port}
        by_tcp = {(443, inside.BY_TLS): inside.WRONG_TLS, (8080, inside.BY_WS): inside.BUSY}
        assert {(port, how) for port, how in ports if how > inside.SHAPED} == set(by_tcp)
        results = [
            (port, how, inside.SILENT if port == 53 else inside.ANSWERED if how else 0)
            for port, how in ports
            if how <= inside.SHAPED
        ]
        results += [(*which, result) for which, result in by_tcp.items()]
        service.sendto(inside.report(asked.token, asked.sequence, results), source)
        assert process.wait() == 1
    found = json.loads(process.log())
    states = {each["where"]: each["state"] for each in found["found"]}
    assert states["UDP 443, shaped"] == "good"
    assert states["UDP 53, shaped"] == "bad"
    assert states["UDP 443, plain"] == "not known"
    assert states["TCP 443"] == states["TCP 8080"] == "good"
    assert states["TCP 443, WebSocket by TLS"] == "bad"
    assert states["TCP 8080, WebSocket"] == "not known"
    assert all(each["why"] and each["mend"] for each in found["found"] if each["state"] == "bad")


def test_check_without_a_gateway_or_a_box_says_so(home: Home) -> None:
    assert "The gateway does not run" in home.undertow("check", status=3)
    home.run()
    assert "No box is in that could look from outside" in home.undertow("check", status=3)
    assert "There is no box 'barn'" in home.undertow("check", "--box", "barn", status=2)


def test_the_web_site_stands_at_the_gateways_address(home: Home) -> None:
    home.run()
    place, _ = home.place()
    path = home.state.carriers().path
    done = place.run("curl", "-sSk", "-i", f"https://{GATEWAY}/")
    assert done.stdout.startswith("HTTP/1.1 200 OK")
    assert '<link rel="stylesheet" href="' in done.stdout
    for asked in (path, f"/{'0' * 32}"):
        shown = ("-o", "/dev/null", "-w", "%{http_code}")
        done = place.run("curl", "-sSk", *shown, f"https://{GATEWAY}{asked}")
        assert done.stdout == "404"


# What a network drops of a box's, and by which way the box then comes in.
NETWORKS = [
    ("meta l4proto udp drop", "TLS"),
    ("udp dport != 443 drop\nmeta l4proto tcp drop", "UDP 443, shaped"),
]


@pytest.mark.parametrize(("drops", "way"), NETWORKS, ids=["no UDP", "UDP 443"])
def test_our_box_finds_a_way_with_the_file_that_add_writes(
    home: Home, drops: str, way: str
) -> None:
    home.run()
    where = start_box(home, drops)
    with WebServer(home.web, WEB, PAGE):
        assert fetch(where, WEB, "/large", timeout_s=30.0) == PAGE["/large"]
    assert by(home, "attic").startswith(way)


def start_box(home: Home, drops: str = "") -> Namespace:
    """`undertow-unix run` with the file of `gateway add`, until it is in. drops: what does not."""
    key = make_key_pair()
    conf = home.lab.folder / "added.conf"
    home.undertow("add", "attic", "--public-key", key.public, "--out", str(conf))
    ready = home.lab.folder / f"{home.lab.interface_name('bx')}.conf"
    own = f"[Interface]\nPrivateKey = {key.private}\n"
    text = conf.read_text().replace("[Interface]\n", own)
    ready.write_text("".join(line for line in text.splitlines(True) if not line.startswith("DNS")))
    ready.chmod(0o600)
    where, _ = home.place()
    where.nft(
        "table ip censor {\nchain judge {\n" + drops + "\n}\nchain out {\n"
        "type filter hook output priority 0;\noifname eth0 jump judge\n}\n}\n"
    )
    environment = {"STATE_DIRECTORY": str(home.lab.folder / "box-state")}
    process = where.start(str(OURS.program), "run", str(ready), environment=environment)
    wait_until(lambda: came(home), 40, process.log)
    return where


def came(home: Home) -> bool:
    found = json.loads(home.undertow("list", "--json"))
    return bool(found["boxes"][0]["last_handshake"])


def test_check_has_our_own_box_look_from_outside(home: Home) -> None:
    """All ports but two, which a router on the way keeps to itself."""
    home.undertow("set", "--web-ports", "8080,8081")
    home.run()
    home.internet.nft(
        "table ip shut {\nchain through {\ntype filter hook forward priority 0;\n"
        "udp dport 4500 drop\ntcp dport 8081 reject with tcp reset\n}\n}\n"
    )
    start_box(home)
    found = json.loads(home.undertow("check", "--json", status=1))
    states = {each["where"]: each["state"] for each in found["found"]}
    high = home.state.carriers().high_port
    for port in (443, 53, 123, 500, 51820, high):
        assert states.pop(f"UDP {port}, shaped") == states.pop(f"UDP {port}, plain") == "good"
    assert states.pop("UDP 4500, shaped") == states.pop("UDP 4500, plain") == "bad"
    assert states.pop("TCP 443, WebSocket by TLS") == states.pop("TCP 8080, WebSocket") == "good"
    assert states.pop("TCP 8081, WebSocket") == "bad"
    assert "is refused at TCP 8081" in json.dumps(found)
    assert "bad" not in states.values()

"""Everything goes into the tunnel by `wg-quick up` and `undertow-unix run`; no trace stays."""

from collections.abc import Callable
from pathlib import Path

import pytest

from undertow.lab import (
    Capture,
    Implementation,
    Lab,
    Namespace,
    Nat,
    PeerSettings,
    Tunnel,
    WebServer,
    connect,
    fetch,
)
from undertow.lab.namespace import wait_until
from undertow.lab.pair import PORT
from undertow.lab.tunnel import make_key_pair

WEB = "203.0.113.80"
WEB6 = "2001:db8:80::80"
PAGE = b"A page that nobody on the way may read.\n" * 40
GATEWAY = "192.0.2.2"


class Hotel:
    """A traveller behind a hotel's NAT, a gateway in the Internet, and a web server behind it."""

    def __init__(self, lab: Lab) -> None:
        self.box, self.hotel = lab.namespace("box"), lab.namespace("hotel")
        self.gateway, self.web = lab.namespace("gateway"), lab.namespace("web")
        connect(self.box, "eth0", self.hotel, "rooms")
        connect(self.hotel, "street", self.gateway, "eth0")
        connect(self.gateway, "eth1", self.web, "eth0")
        self.box.address("eth0", "172.16.5.9/24")
        self.hotel.address("rooms", "172.16.5.1/24")
        self.hotel.address("street", "192.0.2.1/24")
        self.gateway.address("eth0", f"{GATEWAY}/24")
        self.gateway.address("eth1", "203.0.113.1/24", "2001:db8:80::1/64")
        self.web.address("eth0", f"{WEB}/24", f"{WEB6}/64")
        self.box.route("default", "via", "172.16.5.1")
        self.web.route("default", "via", "203.0.113.1")
        self.web.route("default", "via", "2001:db8:80::1")
        self.gateway.forward()
        Nat(self.hotel, "rooms", "street", "192.0.2.1/24")


def state(namespace: Namespace) -> list[str]:
    """All that a tunnel could leave behind in a network stack, line by line."""
    parts = [("link",), ("address",), ("rule",), ("-6", "rule")]
    parts += [("route", "show", "table", "all"), ("-6", "route", "show", "table", "all")]
    text = "\n".join(namespace.ip("-o", *part) for part in parts)
    text += namespace.run("nft", "list", "ruleset").stdout
    # The kernel is done with the link-local addresses of the cables whenever it likes.
    return sorted(line for line in text.splitlines() if "fe80" not in line)


def write_file(lab: Lab, gateway: Tunnel) -> tuple[Path, PeerSettings]:
    """A traveller's configuration, and what the gateway has to know of it."""
    key = make_key_pair()
    file = lab.folder / f"{lab.interface_name('quick')}.conf"
    peer = PeerSettings(gateway.key.public, ("0.0.0.0/0", "::/0"), f"{GATEWAY}:{PORT}")
    head = ["[Interface]", f"PrivateKey = {key.private}", "Address = 10.7.0.1/32, fd07::1/128"]
    file.write_text("\n".join([*head, "MTU = 1400", *peer.lines(), ""]))
    file.chmod(0o600)
    return file, PeerSettings(key.public, ("10.7.0.1/32", "fd07::1/128"))


Runner = Callable[[Hotel, Implementation, Path], Callable[[], None]]


def run_by_wg_quick(hotel: Hotel, program: Implementation, file: Path) -> Callable[[], None]:
    """Bring the tunnel up with wg-quick; how to take it down."""
    probe = hotel.box.attempt("ip", "link", "add", "probe", "type", "wireguard")
    if probe.returncode == 0:
        hotel.box.ip("link", "del", "probe")
        pytest.skip("this kernel has WireGuard itself, which wg-quick prefers to any program")
    environment = {"WG_QUICK_USERSPACE_IMPLEMENTATION": program.program}
    done = hotel.box.attempt("wg-quick", "up", str(file), environment=environment)
    assert done.returncode == 0, done.stderr

    def down() -> None:
        undone = hotel.box.attempt("wg-quick", "down", str(file), environment=environment)
        assert undone.returncode == 0, undone.stderr

    return down


def run_by_itself(hotel: Hotel, program: Implementation, file: Path) -> Callable[[], None]:
    """Bring the tunnel up with `undertow-unix run`; how to take it down."""
    if program.program == "wireguard-go":
        pytest.skip("wireguard-go reads no configuration files")
    process = hotel.box.start(program.program, "run", str(file))
    wait_until(
        lambda: file.stem in hotel.box.ip("-4", "rule", "list") or len(hotel.box.ip("rule")) > 150,
        5.0,
        lambda: f"no default route; the program said: {process.tail()}",
    )

    def down() -> None:
        assert process.stop() == 0, process.tail()

    return down


@pytest.mark.parametrize("runner", [run_by_wg_quick, run_by_itself], ids=["wg-quick", "run"])
def test_all_traffic_goes_into_the_tunnel(
    lab: Lab, program: Implementation, runner: Runner
) -> None:
    hotel = Hotel(lab)
    go = Implementation("wireguard-go", "wireguard-go")
    inner = ("10.7.0.254/24", "fd07::fe/64")
    gateway = Tunnel(go, hotel.gateway, lab.interface_name("gate"), inner)
    file, traveller = write_file(lab, gateway)
    gateway.start(PORT, (traveller,))
    before = state(hotel.box)
    with (
        WebServer(hotel.web, WEB, {"/": PAGE}),
        WebServer(hotel.web, WEB6, {"/": PAGE}),
        Capture(hotel.hotel, "rooms") as capture,
    ):
        down = runner(hotel, program, file)
        assert fetch(hotel.box, WEB) == PAGE
        assert fetch(hotel.box, WEB6) == PAGE
        shown = hotel.box.run("wg", "show", file.stem, "allowed-ips").stdout
        assert "0.0.0.0/0" in shown
        assert "mtu 1400" in hotel.box.ip("link", "show", file.stem)
        down()
    assert state(hotel.box) == before
    assert not capture.contains(b"nobody on the way")
    seen = list(capture.datagrams())
    assert len(seen) > 10
    assert {datagram.payload[0] for datagram in seen} <= {1, 2, 4}
    assert not list(capture.datagrams(protocol=6))

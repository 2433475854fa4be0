"""`undertow-unix run`: what it makes of a wg-quick file, and names that move."""

import os
import shutil
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from undertow import paths
from undertow.lab import Lab, Namespace, PeerSettings, Process, connect
from undertow.lab.namespace import wait_until
from undertow.lab.tunnel import make_key_pair
from wg import tai64n
from wg.const import TIMESTAMP_LEN

Start = Callable[..., Process]

PORT = 51820
GATEWAY = "192.0.2.2"
NAME = "gateway.example"


class Pair:
    """A box and a gateway on one cable, with a file for each."""

    def __init__(self, lab: Lab, folder: Path, start: Start, mtu: int = 1500) -> None:
        self.start = start
        self.folder = folder
        self.box, self.gateway = lab.namespace("box"), lab.namespace("gateway")
        connect(self.box, "eth0", self.gateway, "eth0", mtu)
        self.box.address("eth0", "192.0.2.1/24")
        self.gateway.address("eth0", f"{GATEWAY}/24")
        self.box.route("default", "via", GATEWAY)
        self.box_key, self.gateway_key = make_key_pair(), make_key_pair()

    def run_box(
        self,
        *lines: str,
        endpoint: str | None = f"{GATEWAY}:{PORT}",
        allowed: str = "10.7.0.0/24",
        path: str | None = None,
    ) -> Process:
        peer = PeerSettings(self.gateway_key.public, (allowed,), endpoint)
        head = [f"PrivateKey = {self.box_key.private}", "Address = 10.7.0.1/32", *lines]
        return self._run(self.box, "wgbox", head, peer, path)

    def run_gateway(self) -> Process:
        peer = PeerSettings(self.box_key.public, ("10.7.0.1/32",))
        head = [f"PrivateKey = {self.gateway_key.private}", f"ListenPort = {PORT}"]
        return self._run(self.gateway, "wggate", [*head, "Address = 10.7.0.2/24"], peer)

    def _run(
        self,
        namespace: Namespace,
        name: str,
        head: list[str],
        peer: PeerSettings,
        path: str | None = None,
    ) -> Process:
        file = self.folder / f"{name}.conf"
        file.write_text("\n".join(["[Interface]", *head, *peer.lines(), ""]))
        file.chmod(0o600)
        process = self.start(namespace, "run", str(file), path=path)
        process.wait_for(f"{name} is up")
        return process

    def ping(self, timeout_s: int = 5) -> bool:
        """Whether the gateway answers through the tunnel."""
        command = ("ping", "-c", "1", "-i", "0.2", "-W", str(timeout_s), "10.7.0.2")
        return self.box.attempt(*command).returncode == 0


@pytest.fixture
def pair(lab: Lab, tmp_path: Path, start: Start) -> Pair:
    return Pair(lab, tmp_path, start)


def test_both_ends_carry_packets_and_tell_it_in_words(pair: Pair) -> None:
    gateway, box = pair.run_gateway(), pair.run_box()
    assert pair.ping()
    box.wait_for(f"handshake with {GATEWAY}:{PORT}")
    gateway.wait_for("handshake with 192.0.2.1:")
    for process in (box, gateway):
        assert process.stop() == 0
        assert "taken down" in process.log()


def test_nothing_secret_is_in_the_log(pair: Pair) -> None:
    gateway, box = pair.run_gateway(), pair.run_box()
    assert pair.ping()
    for key in (pair.box_key, pair.gateway_key):
        assert key.private not in gateway.log() + box.log()


def test_the_mtu_fits_the_way_to_the_gateway(lab: Lab, tmp_path: Path, start: Start) -> None:
    pair = Pair(lab, tmp_path, start, mtu=1400)
    pair.run_box()
    assert "mtu 1320" in pair.box.ip("link", "show", "wgbox")


def test_a_table_of_ones_own_gets_the_routes(pair: Pair) -> None:
    pair.run_box("Table = 77", allowed="0.0.0.0/0")
    assert "default dev wgbox" in pair.box.ip("route", "show", "table", "77")
    assert "77" not in pair.box.ip("rule")


def test_table_off_sets_no_routes(pair: Pair) -> None:
    pair.run_box("Table = off", allowed="10.7.0.0/24")
    assert "wgbox" not in pair.box.ip("route", "show")


def routed_by(pair: Pair) -> str:
    """How a packet to some far address leaves the box; empty: it is refused."""
    return pair.box.attempt("ip", "route", "get", "203.0.113.1").stdout


def test_a_killed_program_leaves_no_way_past_the_tunnel_and_the_next_run_takes_over(
    pair: Pair,
) -> None:
    pair.run_gateway()
    before = routed_by(pair), pair.box.ip("rule", "show"), pair.box.ip("-6", "rule", "show")
    assert "dev eth0" in before[0]
    for allowed in ("0.0.0.0/0, ::/0", "0.0.0.0/0"):
        process = pair.run_box(allowed=allowed)
        assert pair.ping()
        assert "dev wgbox" in routed_by(pair)
        process.kill()
        assert routed_by(pair) == ""
    process = pair.run_box(allowed="0.0.0.0/0")
    assert pair.ping()
    assert pair.box.ip("rule", "show").count("lookup 51820") == 1
    assert process.stop() == 0
    after = routed_by(pair), pair.box.ip("rule", "show"), pair.box.ip("-6", "rule", "show")
    assert after == before
    assert "unreachable" not in pair.box.attempt("ip", "route", "show", "table", "all").stdout


def test_settings_that_cannot_be_written_are_told_and_stop_nothing(pair: Pair) -> None:
    read_only = "mount --bind /proc/sys /proc/sys && mount -o remount,ro,bind /proc/sys"
    if pair.box.attempt("unshare", "-m", "sh", "-c", read_only).returncode:
        pytest.skip("nothing may be mounted here")
    wrapper = pair.folder / "in-a-container"
    wrapper.write_text(f'#!/bin/sh\n{read_only}\nexec "$@"\n')
    wrapper.chmod(0o755)
    pair.start = lambda namespace, *arguments, **_options: namespace.start(
        *("unshare", "-m", str(wrapper), str(paths.UNIX_PROGRAM), *arguments),
        environment={"STATE_DIRECTORY": str(pair.folder / "state")},
    )
    process = pair.run_box(allowed="0.0.0.0/0")
    assert "src_valid_mark cannot be set to 1: read-only file system" in process.log()
    assert "dev wgbox" in routed_by(pair)


def test_an_interface_that_is_down_is_no_way_past_the_tunnel(pair: Pair) -> None:
    pair.run_box(allowed="0.0.0.0/0")
    pair.box.ip("link", "set", "wgbox", "down")
    assert routed_by(pair) == ""


def set_up_on(pair: Pair) -> list[str]:
    """The addresses and routes of the box's interface, but for those that the kernel makes up."""
    lines = []
    for kind in ("-4", "-6"):
        for what in (("address", "show"), ("route", "show", "table", "all")):
            said = pair.box.ip(kind, *what, "dev", "wgbox")
            lines += [line.strip() for line in said.splitlines() if "fe80" not in line]
    return sorted(line for line in lines if "mtu" not in line)


@pytest.mark.parametrize(
    ("table", "allowed"),
    [("auto", "0.0.0.0/0, ::/0"), ("auto", "10.7.0.0/24, fd08::/64"), ("77", "10.7.0.0/24, ::/0")],
)
def test_an_interface_that_was_down_gets_its_addresses_and_routes_again(
    pair: Pair, table: str, allowed: str
) -> None:
    pair.run_gateway()
    box = pair.run_box("Address = fd07::1/64", f"Table = {table}", allowed=allowed)
    before = set_up_on(pair)
    assert any("inet6 fd07::1" in line for line in before)
    assert sum("metric 1024" in line for line in before) >= 1
    for wait_for_down in (True, False):
        pair.box.ip("link", "set", "wgbox", "down")
        if wait_for_down:
            box.wait_for("wgbox is down")
        pair.box.ip("link", "set", "wgbox", "up")
        wait_until(lambda: set_up_on(pair) == before, 10, box.tail)
    if table == "auto":
        assert pair.ping()
    assert box.stop() == 0


def test_a_route_that_cannot_be_set_again_is_told(pair: Pair) -> None:
    pair.run_gateway()
    tools = pair.folder / "tools"
    tools.mkdir()
    wrapper = tools / "ip"
    wrapper.write_text(
        f'#!/bin/sh\n[ "$2 $3" != "route replace" ] || {{ echo no; exit 1; }}\n'
        f'exec {shutil.which("ip")} "$@"\n'
    )
    wrapper.chmod(0o755)
    box = pair.run_box(path=f"{tools}:{os.environ['PATH']}")
    for state in ("down", "up"):
        pair.box.ip("link", "set", "wgbox", state)
    box.wait_for("wgbox has not all its addresses and routes: `ip -4 route replace")
    assert box.stop() == 0


def test_wg_sees_a_tunnel_that_runs_from_a_file(pair: Pair) -> None:
    pair.run_box()
    shown = pair.box.run("wg", "show", "wgbox").stdout
    assert pair.box_key.public in shown
    assert pair.gateway_key.public in shown


def test_a_hangup_changes_nothing(pair: Pair) -> None:
    pair.run_gateway()
    box = pair.run_box()
    box.signal(signal.SIGHUP)
    assert pair.ping()
    box.signal(signal.SIGINT)
    assert box.wait() == 0


def test_timestamps_are_kept_for_the_next_run(pair: Pair) -> None:
    pair.run_gateway()
    file = pair.folder / "state" / "wgbox.timestamp"
    for _ in range(2):
        box = pair.run_box()
        assert pair.ping()
        box.stop()
        assert file.stat().st_mode & 0o777 == 0o600
    assert tai64n.decode(file.read_bytes()[-TIMESTAMP_LEN:]) > 0


def test_a_broken_timestamp_file_does_not_stop_it(pair: Pair) -> None:
    pair.run_gateway()
    file = pair.folder / "state" / "wgbox.timestamp"
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(b"\xff\x00nonsense")
    box = pair.run_box()
    assert pair.ping()
    assert "holds no timestamp" in box.log()


def test_name_servers_go_to_resolvconf_and_come_back(pair: Pair) -> None:
    said = pair.folder / "said"
    script = pair.folder / "resolvconf"
    script.write_text(f'#!/bin/sh\n{{ echo "$@"; [ "$1" = -d ] || cat; }} >> {said}\n')
    script.chmod(0o700)
    path = f"{pair.folder}:{os.environ['PATH']}"
    box = pair.run_box("DNS = 10.7.0.2, fd07::2, home.example", path=path)
    servers = "nameserver 10.7.0.2\nnameserver fd07::2\nsearch home.example\n"
    assert said.read_text() == f"-a wgbox -m 0 -x\n{servers}"
    assert box.stop() == 0
    assert said.read_text().endswith("-d wgbox -f\n")


def test_without_resolvconf_it_says_that_dns_has_no_effect(pair: Pair) -> None:
    tools = pair.folder / "tools"
    tools.mkdir()
    for tool in ("ip", "setpriv"):
        (tools / tool).symlink_to(shutil.which(tool) or tool)
    box = pair.run_box("DNS = 10.7.0.2", path=str(tools))
    assert "DNS has no effect, resolvconf is not there: apt install" in box.log()


# --- names ---


class NameServer:
    """Answers every question for an IPv4 address with the one that is set; None: no such name."""

    def __init__(self, namespace: Namespace, address: str | None) -> None:
        self.address = address
        self._socket = namespace.socket()
        self._socket.bind(("0.0.0.0", 53))
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                question, source = self._socket.recvfrom(512)
                self._socket.sendto(self._answer(question), source)
            except OSError:
                return  # closed

    def _answer(self, question: bytes) -> bytes:
        end = question.index(b"\0", 12) + 5
        answer = bytearray(question[:end])
        answer[2:4] = b"\x81\x80"
        answer[6:12] = bytes(6)
        if self.address is not None and question[end - 4 : end - 2] == b"\0\1":
            answer[7] = 1
            answer += b"\xc0\x0c\0\1\0\1\0\0\0\1\0\4" + bytes(map(int, self.address.split(".")))
        return bytes(answer)

    def close(self) -> None:
        self._socket.close()


@contextmanager
def resolv_conf(folder: Path, server: str) -> Iterator[None]:
    """The lab's programs ask this name server; the mount is seen by this process alone."""
    file = folder / "resolv.conf"
    file.write_text(f"nameserver {server}\n")
    place = os.path.realpath("/etc/resolv.conf")
    subprocess.run(["mount", "--bind", str(file), place], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", place], check=True)


def test_a_gateway_is_found_by_its_name(pair: Pair) -> None:
    pair.run_gateway()
    server = NameServer(pair.gateway, GATEWAY)
    with resolv_conf(pair.folder, GATEWAY):
        box = pair.run_box(endpoint=f"{NAME}:{PORT}")
        assert pair.ping()
        assert f"endpoint {GATEWAY}:{PORT}" in box.log()
    server.close()


def test_a_gateway_that_does_not_answer_is_looked_up_again_past_the_tunnel(pair: Pair) -> None:
    pair.run_gateway()
    server = NameServer(pair.gateway, "192.0.2.99")
    with resolv_conf(pair.folder, GATEWAY):
        box = pair.run_box("MTU = 1400", endpoint=f"{NAME}:{PORT}", allowed="0.0.0.0/0")
        pair.gateway.address("eth0", "198.51.100.1/32")
        server.address = "198.51.100.1"
        wait_until(lambda: pair.ping(1), 30, box.tail)
        assert f"{NAME} is at 198.51.100.1" in box.log()
    server.close()


def test_a_tunnel_stands_also_while_its_name_is_not_found(pair: Pair) -> None:
    pair.run_gateway()
    server = NameServer(pair.gateway, None)
    with resolv_conf(pair.folder, GATEWAY):
        box = pair.run_box(endpoint=f"{NAME}:{PORT}", allowed="0.0.0.0/0")
        assert f"cannot find {NAME}: no such name" in box.log()
        assert "dev wgbox" in pair.box.ip("route", "get", "203.0.113.1")
        server.address = GATEWAY
        wait_until(lambda: pair.ping(1), 45, box.tail)
    server.close()

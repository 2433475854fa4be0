"""Real traffic: boxes through `undertow gateway run` to an emulated internet."""

import json
import select
import socket
import threading
import time
from binascii import b2a_base64
from dataclasses import replace

import pytest
from _wg import PrivateKey
from tests.gateway.home import GATEWAY, GO, OURS, PRINTER, WEB, Home
from tests.gateway.talk import DIGITS, Box, Scripted

from undertow.gateway.pairing.command import Room, open_port
from undertow.lab import Implementation, Namespace
from undertow.lab.namespace import wait_until
from undertow.lab.sockets import Caller, Echo
from undertow.lab.tunnel import PeerSettings, Tunnel, make_key_pair, make_preshared_key
from undertow.lab.web import WebServer, fetch

PAGE = {"/": b"out there\n", "/large": bytes(1 << 20)}
SECRET = {"/": b"printer\n"}
OWN = "10.51.82.1"
NEIGHBOUR = "198.51.100.1"  # has a public address, and is in a network of the gateway


def reaches(box: Tunnel, address: str, port: int = 80) -> bool:
    try:
        return bool(fetch(box.namespace, address, port=port, timeout_s=2.0))
    except OSError:
        return False


def peer_as_seen(home: Home, box: Tunnel) -> str:
    """The address under which a box's packets come out."""
    with home.web.socket() as listener:
        listener.bind((WEB, 9999))
        with box.namespace.socket() as asker:
            end = time.monotonic() + 5.0
            while time.monotonic() < end:
                asker.sendto(b"who am I", (WEB, 9999))
                if select.select([listener], [], [], 0.2)[0]:
                    return str(listener.recvfrom(100)[1][0])
    return ""


@pytest.mark.parametrize("implementation", [OURS, GO], ids=str)
def test_a_box_comes_out_as_the_gateway(home: Home, implementation: Implementation) -> None:
    home.run()
    box = home.box("attic", implementation)
    with WebServer(home.web, WEB, PAGE):
        assert fetch(box.namespace, WEB) == PAGE["/"]
        assert fetch(box.namespace, WEB, "/large") == PAGE["/large"]
    assert peer_as_seen(home, box) == GATEWAY


def test_our_program_runs_from_the_file_that_add_prints(home: Home) -> None:
    """`undertow-unix run` with the printed file, once the box's own key is in it."""
    home.run()
    key, psk = make_key_pair(), make_preshared_key()
    psk_file, conf = home.lab.folder / "psk", home.lab.folder / "bx.conf"
    psk_file.write_text(psk)
    words = ["--public-key", key.public, "--psk-file", str(psk_file), "--out", str(conf)]
    said = home.undertow("add", "attic", *words)
    assert psk not in said
    text = conf.read_text()
    assert f"PresharedKey = {psk}" in text
    name = home.lab.interface_name("bx")
    ready = conf.with_name(f"{name}.conf")
    ready.write_text(
        text.replace("[Interface]\n", f"[Interface]\nPrivateKey = {key.private}\n").replace(
            "DNS = 9.9.9.9, 149.112.112.112\n", ""
        )
    )
    where, _ = home.place()
    where.start(str(OURS.program), "run", str(ready)).wait_for("is up")
    with WebServer(home.web, WEB, PAGE):
        assert fetch(where, WEB) == PAGE["/"]


@pytest.mark.parametrize("is_router", [False, True], ids=["a host", "a router"])
def test_boxes_reach_neither_the_gateways_networks_nor_itself_nor_each_other(
    home: Home, is_router: bool
) -> None:
    """Also where the gateway's machine routes for its own network anyway."""
    home.gateway.set_sysctl("ipv4/ip_forward", int(is_router))
    home.run()
    one, other = home.box("attic"), home.box("barn", GO)
    with (
        WebServer(home.web, WEB, PAGE),
        WebServer(home.printer, PRINTER, SECRET),
        WebServer(home.gateway, "0.0.0.0", SECRET),
        WebServer(home.internet, NEIGHBOUR, SECRET),
        WebServer(other.namespace, "0.0.0.0", SECRET),
    ):
        assert reaches(one, WEB)
        assert not reaches(one, PRINTER)
        assert not reaches(one, "192.168.7.1")
        assert not reaches(one, OWN)
        assert not reaches(one, "10.51.82.3")
        assert not reaches(one, NEIGHBOUR)
        assert fetch(home.gateway, NEIGHBOUR) == fetch(home.gateway, PRINTER) == SECRET["/"]
    # Whether the gateway is there, a box may ask.
    one.namespace.run("ping", "-c", "1", "-W", "3", OWN)


def test_they_do_when_the_owner_says_so_and_at_once(home: Home) -> None:
    gateway = home.run()
    one, other = home.box("attic"), home.box("barn")
    with (
        WebServer(home.printer, PRINTER, SECRET),
        WebServer(other.namespace, "0.0.0.0", SECRET),
    ):
        wait_until(lambda: other.status().peers and reaches_echo(home, other), 10, lambda: "no way")
        assert not reaches(one, PRINTER)
        home.undertow("set", "--allow-lan")
        gateway.wait_for("took over the new settings")
        assert reaches(one, PRINTER)
        assert not reaches(one, "10.51.82.3")
        home.undertow("set", "--no-allow-lan", "--allow-peers")
        wait_until(lambda: gateway.log().count("took over") == 2, 10, lambda: "not taken over")
        assert reaches(one, "10.51.82.3")
        assert not reaches(one, PRINTER)


def reaches_echo(home: Home, box: Tunnel) -> bool:
    with Echo(home.web, WEB), Caller(box.namespace, WEB) as caller:
        return caller.ask(2.0) is not None


def test_a_name_server_at_home_can_be_asked_for_names_only(home: Home) -> None:
    home.undertow("set", "--dns", PRINTER)
    home.run()
    box = home.box("attic")
    with (
        WebServer(home.printer, PRINTER, SECRET, port=53),
        WebServer(home.printer, PRINTER, SECRET),
    ):
        assert reaches(box, PRINTER, 53)
        assert not reaches(box, PRINTER, 80)


@pytest.mark.parametrize("is_router", [False, True], ids=["a host", "a router"])
def test_nobody_from_outside_gets_in_to_a_box(home: Home, is_router: bool) -> None:
    home.gateway.set_sysctl("ipv4/ip_forward", int(is_router))
    home.run()
    box = home.box("attic")
    address = "10.51.82.2"
    assert reaches_echo(home, box)
    with WebServer(box.namespace, "0.0.0.0", SECRET):
        for stranger, via in (
            (home.internet, GATEWAY),
            (home.printer, "192.168.7.1"),
            (home.web, "203.0.113.1"),
        ):
            stranger.route(f"{address}/32", "via", via)
            with pytest.raises(OSError, match=r"timed out|unreachable|refused|prohibited"):
                fetch(stranger, address, timeout_s=1.0)


def test_neighbours_cannot_use_the_gateway_as_a_router(home: Home) -> None:
    """It was none before it carried boxes, and is one for them alone."""
    home.internet.route("192.168.7.0/24", "via", GATEWAY)
    home.web.route("192.168.7.0/24", "via", "203.0.113.1")
    home.undertow("set", "--allow-lan")  # which makes both its sides forward
    home.run()
    assert reaches_echo(home, home.box("attic"))
    with (
        WebServer(home.web, WEB, PAGE),
        WebServer(home.printer, PRINTER, SECRET),
    ):
        for one, address in ((home.printer, WEB), (home.web, PRINTER)):
            with pytest.raises(OSError, match=r"timed out|unreachable"):
                fetch(one, address, timeout_s=1.0)


def test_what_seems_to_be_an_answer_to_nothing_is_not_passed_on_either(home: Home) -> None:
    """The kernel knows no question for it, and so it is nothing new for the kernel."""
    home.internet.route("192.168.7.0/24", "via", GATEWAY)
    home.run()
    protocol = socket.IPPROTO_ICMP
    with (
        home.printer.socket(kind=socket.SOCK_RAW, protocol=protocol) as listener,
        home.internet.socket(kind=socket.SOCK_RAW, protocol=protocol) as liar,
    ):
        answer = bytes.fromhex("0000 fffe 0001 0000")  # an echo's
        liar.sendto(answer, (PRINTER, 0))
        assert not select.select([listener], [], [], 1.0)[0]
        # One that is asked for arrives.
        home.gateway.run("ping", "-c", "1", "-W", "2", PRINTER)
        assert select.select([listener], [], [], 2.0)[0]


@pytest.mark.parametrize("is_router", [False, True], ids=["a host", "a router"])
def test_a_stranger_cannot_pretend_to_be_a_box_and_be_translated(
    home: Home, is_router: bool
) -> None:
    home.gateway.set_sysctl("ipv4/ip_forward", int(is_router))
    home.run()
    with home.web.socket() as listener:
        listener.bind((WEB, 9999))
        home.printer.address("eth0", "10.51.82.77/32")
        with home.printer.socket() as liar:
            liar.bind(("10.51.82.77", 0))
            liar.sendto(b"translate me", (WEB, 9999))
            liar.sendto(b"translate me", (WEB, 9999))
        assert not select.select([listener], [], [], 1.0)[0]


def test_segments_fit_the_tunnel_even_where_no_icmp_says_so(home: Home) -> None:
    """The page is large, its sender has an MTU of 1500, and nobody may tell it of a smaller one."""
    home.web.nft(
        "table ip deaf { chain in { type filter hook input priority filter; "
        "icmp type destination-unreachable drop;\n}\n}"
    )
    home.gateway.nft(
        "table ip mute { chain out { type filter hook output priority filter; "
        "icmp type destination-unreachable drop;\n}\n}"
    )
    home.run()
    box = home.box("attic")
    # A client that promises to take whole Ethernet frames, as those behind a box do.
    box.namespace.ip("link", "set", box.interface, "mtu", "1500")
    with WebServer(home.web, WEB, PAGE):
        assert fetch(box.namespace, WEB, "/large") == PAGE["/large"]
        assert largest_segment(box.namespace) <= 1380


def largest_segment(where: Namespace) -> int:
    """What a connection to the web agrees on."""
    with where.socket(kind=socket.SOCK_STREAM) as connection:
        connection.settimeout(5.0)
        connection.connect((WEB, 80))
        return connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG)


def test_others_flow_on_while_boxes_come_and_go(home: Home) -> None:
    """Five boxes are let in and shut out; the one that was there before loses nothing."""
    gateway = home.run()
    box = home.box("attic")
    lost, asked, ended = [], [], threading.Event()

    def keep_asking() -> None:
        with Caller(box.namespace, WEB) as caller:
            while not ended.is_set():
                asked.append(1)
                if caller.ask(1.0) is None:
                    lost.append(len(asked))
                time.sleep(0.005)

    with Echo(home.web, WEB), Caller(box.namespace, WEB) as first:
        first.wait()
        handshake_s = last_handshake_s(home, "attic")
        thread = threading.Thread(target=keep_asking)
        thread.start()
        try:
            for number in range(5):
                home.let_in(f"box-{number}")
            for number in range(5):
                home.shut_out(f"box-{number}")
        finally:
            ended.set()
            thread.join()
    assert len(asked) > 10
    assert gateway.log().count("attic: is let in") == 1
    assert lost == []
    # Nor was there a new handshake: the session is the same one.
    assert last_handshake_s(home, "attic") == handshake_s


def last_handshake_s(home: Home, name: str) -> int:
    (found,) = [
        b for b in json.loads(home.undertow("list", "--json"))["boxes"] if b["name"] == name
    ]
    return int(found["last_handshake"])


def test_a_box_that_is_removed_is_out_at_once(home: Home) -> None:
    home.run()
    box, other = home.box("attic"), home.box("barn")
    with Echo(home.web, WEB), Caller(box.namespace, WEB) as caller:
        caller.wait()
        home.shut_out("attic")
        assert caller.ask(1.0) is None
        with Caller(other.namespace, WEB) as unharmed:
            unharmed.wait()


def test_a_preshared_key_is_needed_when_the_gateway_has_one(home: Home) -> None:
    home.run()
    psk = make_preshared_key()
    right = home.box("attic", GO, psk)
    assert reaches_echo(home, right)
    settings = right.peers[0]
    right.set("peer", settings.public_key, "remove")
    right.peers = [replace(settings, preshared_key=make_preshared_key())]
    right.configure()
    with Echo(home.web, WEB), Caller(right.namespace, WEB) as caller:
        assert caller.ask(2.0) is None


def test_a_box_that_has_just_paired_is_carried_with_what_it_was_told(home: Home) -> None:
    """Room, code, confirmations; then a tunnel from the gateway's own words and the agreed key."""
    gateway = home.run()
    person, done = Scripted(DIGITS), []
    where, _ = home.place()

    def hold_room() -> None:
        with home.gateway.entered(), open_port("0.0.0.0", 51820) as listener:
            done.append(Room(home.state, person).hold(listener))

    thread = threading.Thread(target=hold_room)
    thread.start()
    wait_until(lambda: person.room, 10, lambda: "no room")
    key = make_key_pair()
    with where.socket(kind=socket.SOCK_STREAM) as connection:
        connection.connect((GATEWAY, 51820))
        box = Box(connection, person.room, "attic", PrivateKey(bytearray(key.private.encode())))
        box.agree()
        box.confirm()
        psk = box.finish()
    thread.join()
    assert done and done[0].name == "attic"
    gateway.wait_for("attic: is let in")
    found = box.gateway
    assert found.endpoints == [f"{GATEWAY}:51820"]
    own = b2a_base64(box.session.their_public, newline=False).decode()
    tunnel = Tunnel(OURS, where, home.lab.interface_name("box"), (found.address,), key)
    shared = b2a_base64(psk, newline=False).decode()
    tunnel.start(0, (PeerSettings(own, (found.allowed_ips,), found.endpoints[0], shared, 1),))
    where.route("default", "dev", tunnel.interface)
    assert reaches_echo(home, tunnel)
    assert "verified" in home.undertow("list")


def test_the_list_tells_who_came_and_how_much_was_carried(home: Home) -> None:
    gateway = home.run()
    box = home.box("attic")
    home.let_in("barn")
    with WebServer(home.web, WEB, PAGE):
        fetch(box.namespace, WEB, "/large")
    lines = home.undertow("list").splitlines()
    attic = next(line for line in lines if line.startswith("attic"))
    barn = next(line for line in lines if line.startswith("barn"))
    assert "not verified" in attic and "s ago" in attic and "MiB" in attic
    assert "never" in barn
    gateway.wait_for("attic: comes in from 192.0.2.")

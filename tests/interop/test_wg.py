"""The `wg` tool drives our interface as it drives any other."""

import re

import pytest

from undertow.lab import Caller, Echo, Implementation, Lab, PeerSettings, Tunnel
from undertow.lab.pair import LEFT_OUTER, PORT, RIGHT_INNER, Pair, make_direct
from undertow.lab.tunnel import make_key_pair, make_preshared_key


@pytest.fixture
def tunnel(lab: Lab, program: Implementation) -> Tunnel:
    """An interface with a key and a port."""
    made = Tunnel(program, lab.namespace("alone"), lab.interface_name("alone"), ("10.9.0.1/24",))
    made.start(PORT)
    return made


def show(tunnel: Tunnel, *words: str) -> str:
    """What `wg show INTERFACE ...` prints."""
    return tunnel.namespace.run("wg", "show", tunnel.interface, *words).stdout


def test_wg_show_prints_the_interface_as_a_person_reads_it(
    lab: Lab, program: Implementation
) -> None:
    ends = make_direct(lab, Pair(program, program), with_psk=True)
    ends.keepalive_s = 25
    ends.start()
    ends.initiator.set("fwmark", "0x1234")
    with Echo(ends.right, RIGHT_INNER[0]), Caller(ends.left, RIGHT_INNER[0]) as caller:
        caller.wait()
    text = show(ends.initiator)
    port = ends.initiator.status().listen_port
    lines = [line.strip() for line in text.splitlines()]
    assert lines[:5] == [
        f"interface: {ends.initiator.interface}",
        f"public key: {ends.initiator.key.public}",
        "private key: (hidden)",
        f"listening port: {port}",
        "fwmark: 0x1234",
    ]
    assert lines[5:10] == [
        "",
        f"peer: {ends.responder.key.public}",
        "preshared key: (hidden)",
        f"endpoint: 192.0.2.2:{PORT}",
        "allowed ips: 10.7.0.2/32, fd07::2/128",
    ]
    assert re.fullmatch(r"latest handshake: (Now|\d+ seconds? ago)", lines[10])
    assert re.fullmatch(r"transfer: .+ received, .+ sent", lines[11])
    assert lines[12] == "persistent keepalive: every 25 seconds"


def sections(configuration: str) -> set[frozenset[str]]:
    """The sections of a file with their words; peers and allowed IPs have no order."""
    parts = configuration.strip().split("\n\n")
    return {frozenset(part.replace(",", " ").split()) for part in parts}


def test_wg_showconf_gives_back_what_was_set(tunnel: Tunnel) -> None:
    psk = make_preshared_key()
    one = PeerSettings(make_key_pair().public, ("10.1.0.0/16", "fd01::/48"), "192.0.2.9:7", psk, 30)
    two = PeerSettings(make_key_pair().public, ("0.0.0.0/0", "::/0"), "[2001:db8::9]:65535")
    tunnel.peers = [one, two]
    tunnel.configure()
    head = ["[Interface]", f"ListenPort = {PORT}", f"PrivateKey = {tunnel.key.private}"]
    expected = sections("\n\n".join("\n".join(part) for part in (head, one.lines(), two.lines())))
    shown = tunnel.namespace.run("wg", "showconf", tunnel.interface).stdout
    assert sections(shown) == expected
    tunnel.namespace.run("wg", "setconf", tunnel.interface, "/dev/stdin", input_text=shown)
    again = tunnel.namespace.run("wg", "showconf", tunnel.interface).stdout
    assert sections(again) == expected


def test_wg_set_changes_one_thing_at_a_time(tunnel: Tunnel) -> None:
    peer = make_key_pair().public
    tunnel.set("peer", peer, "allowed-ips", "10.1.0.0/16,10.2.0.0/16", "endpoint", "192.0.2.9:7")
    tunnel.set("peer", peer, "persistent-keepalive", "25")
    status = tunnel.status().peers[peer]
    assert set(status.allowed_ips) == {"10.1.0.0/16", "10.2.0.0/16"}
    assert (status.endpoint, status.keepalive_s) == ("192.0.2.9:7", 25)
    tunnel.set("peer", peer, "allowed-ips", "10.3.0.0/16")
    assert tunnel.status().peers[peer].allowed_ips == ("10.3.0.0/16",)
    tunnel.set("peer", peer, "persistent-keepalive", "off")
    assert tunnel.status().peers[peer].keepalive_s == 0
    psk = make_preshared_key()
    tunnel.set("peer", peer, "preshared-key", "/dev/stdin", input_text=psk)
    assert tunnel.status().peers[peer].preshared_key == psk
    tunnel.set("peer", peer, "preshared-key", "/dev/null")
    assert tunnel.status().peers[peer].preshared_key is None
    tunnel.set("peer", peer, "remove")
    assert tunnel.status().peers == {}


def test_an_address_belongs_to_the_peer_that_got_it_last(tunnel: Tunnel) -> None:
    one, two = make_key_pair().public, make_key_pair().public
    tunnel.set("peer", one, "allowed-ips", "10.1.0.0/16,10.2.0.0/16")
    tunnel.set("peer", two, "allowed-ips", "10.2.0.0/16")
    assert tunnel.status().peers[one].allowed_ips == ("10.1.0.0/16",)
    assert tunnel.status().peers[two].allowed_ips == ("10.2.0.0/16",)


def test_wg_set_changes_the_interface(tunnel: Tunnel) -> None:
    key = make_key_pair()
    tunnel.set("private-key", "/dev/stdin", input_text=key.private)
    assert tunnel.status().public_key == key.public
    tunnel.set("listen-port", "6000")
    assert tunnel.status().listen_port == 6000
    tunnel.set("fwmark", "51")
    assert tunnel.status().mark == 51
    tunnel.set("fwmark", "0")
    assert tunnel.status().mark == 0
    tunnel.set("private-key", "/dev/null")
    assert tunnel.status().public_key is None


def test_the_own_key_is_no_peer(tunnel: Tunnel) -> None:
    tunnel.set("peer", tunnel.key.public, "allowed-ips", "10.1.0.0/16")
    assert tunnel.status().peers == {}


def test_a_port_in_use_is_an_error_and_changes_nothing(tunnel: Tunnel) -> None:
    with tunnel.namespace.socket() as taken:
        taken.bind(("0.0.0.0", 6001))  # every address of the namespace, not of this machine
        done = tunnel.namespace.attempt("wg", "set", tunnel.interface, "listen-port", "6001")
    assert done.returncode != 0
    assert "Address already in use" in done.stderr


def test_the_interface_and_the_socket_go_with_the_program(tunnel: Tunnel) -> None:
    assert tunnel.stop() == 0
    assert tunnel.namespace.attempt("wg", "show", tunnel.interface).returncode != 0
    tunnel.restart()
    assert tunnel.status().listen_port == PORT


def test_the_program_ends_when_its_interface_is_deleted(tunnel: Tunnel) -> None:
    tunnel.namespace.ip("link", "del", tunnel.interface)
    assert tunnel.process.wait(5.0) == 0


def test_a_change_of_the_port_keeps_the_sessions(lab: Lab, program: Implementation) -> None:
    ends = make_direct(lab, Pair(program, program)).start()
    with Echo(ends.right, RIGHT_INNER[0]), Caller(ends.left, RIGHT_INNER[0]) as caller:
        caller.wait()
        ends.initiator.set("listen-port", "6002")
        assert caller.ask() is not None
        assert ends.endpoint_of_initiator() == f"{LEFT_OUTER[0]}:6002"

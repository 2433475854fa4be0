"""The lab's own parts, without namespaces: what it reads, writes and computes is right."""

import random
import socket
import struct
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from undertow.bench import throughput
from undertow.bench.contenders import NEWER, OLDER, OURS
from undertow.bench.table import Line, Table
from undertow.lab import initiator, packets
from undertow.lab.capture import Frame, parse
from undertow.lab.command import run
from undertow.lab.errors import LabError
from undertow.lab.flood import messages
from undertow.lab.impairment import Impairment, Way
from undertow.lab.process import Process
from undertow.lab.tunnel import PeerSettings, parse_dump

ETHERNET_V4 = bytes(12) + b"\x08\x00"
ETHERNET_V6 = bytes(12) + b"\x86\xdd"


def udp(payload: bytes) -> bytes:
    return struct.pack("!HHHH", 7, 51820, 8 + len(payload), 0) + payload


def ipv4(body: bytes, fragment: int = 0) -> bytes:
    start = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(body), 1, fragment, 64, 17, 0)
    return start + socket.inet_aton("192.0.2.1") + socket.inet_aton("192.0.2.2") + body


def test_a_frame_is_read_up_to_the_end_of_its_packet() -> None:
    found = parse(Frame(5, True, ETHERNET_V4 + ipv4(udp(b"hello")) + bytes(13)))
    assert found is not None
    assert (found.source, found.destination) == ("192.0.2.1:7", "192.0.2.2:51820")
    assert found.payload == b"hello"
    assert (found.time_ns, found.outgoing) == (5, True)


def test_ipv6_ends_are_written_in_brackets() -> None:
    body = udp(b"hello")
    header = struct.pack("!IHBB", 6 << 28, len(body), 17, 64)
    hosts = socket.inet_pton(socket.AF_INET6, "fe80::1") + socket.inet_pton(
        socket.AF_INET6, "2001:db8::2"
    )
    found = parse(Frame(0, False, ETHERNET_V6 + header + hosts + body))
    assert found is not None
    assert (found.source, found.destination) == ("[fe80::1]:7", "[2001:db8::2]:51820")


@pytest.mark.parametrize(
    "data",
    [
        ETHERNET_V4,
        ETHERNET_V6 + bytes(39),
        bytes(12) + b"\x08\x06" + bytes(28),
        ETHERNET_V4 + ipv4(udp(b"hello"), fragment=0x2000),
        ETHERNET_V4 + ipv4(b"short"),
    ],
    ids=["empty", "cut", "arp", "fragment", "no-udp-header"],
)
def test_what_is_no_datagram_is_passed_over(data: bytes) -> None:
    assert parse(Frame(0, False, data)) is None


def test_a_dump_of_wg_is_read() -> None:
    text = (
        "private\tpublic\t51820\t0x1234\n"
        "peer1\t(none)\t(none)\t(none)\t0\t0\t0\toff\n"
        "peer2\tpsk\t[fe80::1]:7\t10.0.0.0/8,::/0\t12\t34\t56\t25\n"
    )
    status = parse_dump(text)
    assert (status.listen_port, status.mark) == (51820, 0x1234)
    one, two = status.peers["peer1"], status.peers["peer2"]
    assert (one.preshared_key, one.endpoint, one.allowed_ips, one.keepalive_s) == (
        None,
        None,
        (),
        0,
    )
    assert (two.endpoint, two.allowed_ips) == ("[fe80::1]:7", ("10.0.0.0/8", "::/0"))
    assert (two.last_handshake_s, two.received, two.sent, two.keepalive_s) == (12, 34, 56, 25)


def test_a_peer_is_written_as_wg_quick_reads_it() -> None:
    assert PeerSettings("key", ("10.0.0.0/8", "::/0"), "1.2.3.4:5", "psk", 25).lines() == [
        "[Peer]",
        "PublicKey = key",
        "AllowedIPs = 10.0.0.0/8, ::/0",
        "Endpoint = 1.2.3.4:5",
        "PresharedKey = psk",
        "PersistentKeepalive = 25",
    ]


def test_a_policed_way_drops_what_its_queue_cannot_hold() -> None:
    way = Way(Impairment(rate_bytes_per_s=1000, queue_s=0.1), random.Random(1))
    assert way.departures(100, 0.0) == [0.1]
    assert way.departures(100, 0.0) == [0.2]
    assert way.departures(100, 0.0) == []
    assert way.departures(100, 0.2) == [pytest.approx(0.3)]


def test_hchacha20_is_that_of_the_draft() -> None:
    # draft-irtf-cfrg-xchacha-03, 2.2.1
    key = bytes(range(32))
    nonce = bytes.fromhex("000000090000004a0000000031415927")
    assert initiator._hchacha20(key, nonce).hex() == (
        "82413b4227b27bfed30e42508a877d73a0f9e4d58a74a853c12ec41326d3ecdc"
    )


def test_a_flood_carries_the_mac_that_an_initiator_makes() -> None:
    public = X25519PrivateKey.generate().public_key().public_bytes_raw()
    key = initiator.mac1_key(public)
    for message in messages(public, 3):
        assert len(message) == initiator.INITIATION_LEN
        assert message[116:132] == initiator._mac(key, message[:116])


def test_a_ping_has_right_checksums() -> None:
    packet = packets.ping("10.0.0.1", "10.0.0.2", 7, b"odd")
    assert packets.checksum(packet[:20]) == 0
    assert packets.checksum(packet[20:]) == 0
    assert not packets.is_pong(packet, "10.0.0.2", 7)


def test_errors_of_tools_are_said_in_their_own_words() -> None:
    with pytest.raises(LabError, match="No such file"):
        run(["ls", "/no/such/folder"])
    with pytest.raises(LabError, match="not installed"):
        run(["no-such-tool"])


def test_a_process_that_ends_early_is_told_with_its_last_words(tmp_path: Path) -> None:
    process = Process(["sh", "-c", "echo not today"], tmp_path / "log")
    with pytest.raises(LabError, match="not today"):
        process.wait_for("ready", timeout_s=5.0)


def test_ratios_are_made_within_each_turn() -> None:
    result = {
        "turns": 3,
        "mbit_per_s": {"tcp up": {OURS: [10.0, 2.0, 40.0], OLDER: [5.0, 1.0, 8.0]}},
    }
    assert throughput.ratio(result, "tcp up", OLDER) == 2.0
    assert throughput.ratio(result, "tcp up", NEWER) is None
    lines = {line.name: line for line in throughput.report(result).lines}
    assert lines[f"tcp up: {OURS} / {OLDER}"].met is True


def test_a_missed_target_is_told_and_fails_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    Table("Speed", [Line("fast", "1.0", target=">= 2.0", met=False), Line("plain", "3")]).show()
    printed = capsys.readouterr().out
    assert "missed" in printed
    assert "\x1b" not in printed

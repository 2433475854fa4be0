"""The judge of the uplink: it lets pass what a box must say, and nothing else."""

from dataclasses import replace

import pytest

from undertow.lab.leaks import Uplink
from undertow.lab.packets import arp, dhcp, dns, ethernet, icmp, ipv4, ipv6, tcp, udp

MAC = ethernet.mac("02:75:74:00:01:00")
CLIENT = ethernet.mac("02:63:6c:69:00:01")
BOX, ROUTER, GATEWAY, PROXY = "172.16.5.100", "172.16.5.1", "192.0.2.2", "192.0.2.10"
UPLINK = Uplink(
    MAC,
    addresses={BOX},
    neighbours={ROUTER},
    name_servers={ROUTER},
    gateways={(GATEWAY, 51820)},
    names={"gateway.example"},
    words=(b"secret",),
)


def frame(kind: int, body: bytes, source: bytes = MAC) -> bytes:
    return ethernet.build(ethernet.Frame(b"\2hotel", source, kind, body))


def packet(made: ipv4.Packet) -> bytes:
    return frame(ethernet.IPV4, ipv4.build(made))


def datagram(destination: str, ports: tuple[int, int], payload: bytes, source: str = BOX) -> bytes:
    return packet(udp.build(source, destination, udp.Datagram(*ports, payload)))


def question(name: str) -> bytes:
    return dns.build(dns.Message(1, name, dns.A))


DISCOVER = dhcp.build(dhcp.Message(1, 7, MAC, {53: b"\1"}))
TRANSPORT = b"\4\0\0\0" + bytes(28)


@pytest.mark.parametrize(
    "sent",
    [
        datagram("255.255.255.255", (68, 67), DISCOVER, "0.0.0.0"),
        frame(ethernet.ARP, arp.build(arp.request(MAC, BOX, ROUTER))),
        frame(ethernet.ARP, arp.build(arp.request(MAC, "0.0.0.0", BOX))),
        frame(ethernet.ARP, arp.build(arp.request(MAC, BOX, BOX))),
        frame(ethernet.ARP, arp.build(arp.Arp(arp.REPLY, MAC, BOX, b"\2hotel", ROUTER))),
        datagram(ROUTER, (4000, 53), question("gateway.example")),
        datagram(GATEWAY, (5000, 51820), b"\1\0\0\0" + bytes(144)),
        datagram(GATEWAY, (5000, 51820), TRANSPORT),
    ],
    ids=["discover", "find router", "probe", "announce", "answer", "name", "initiation", "data"],
)
def test_what_a_box_must_say_is_no_leak(sent: bytes) -> None:
    UPLINK.require_silence([sent])


@pytest.mark.parametrize(
    ("sent", "why"),
    [
        (frame(ethernet.IPV4, b"", CLIENT), "another's MAC"),
        (frame(ethernet.IPV6, ipv6.build(ipv6.Packet("fe80::1", "ff02::1", 58, b""))), "neither"),
        (frame(ethernet.IPV4, b"garbage"), "broken IPv4"),
        (packet(icmp.build(BOX, ROUTER, icmp.echo(1, 1, b""))), "neither DHCP nor DNS"),
        (packet(tcp.build(BOX, GATEWAY, tcp.Segment(1, 443, 0, 0, tcp.SYN, 0))), "neither DHCP"),
        (packet(ipv4.Packet(BOX, "224.0.0.22", 2, bytes(8))), "neither DHCP"),
        (datagram(GATEWAY, (5000, 51821), TRANSPORT), "neither DHCP"),
        (datagram("192.0.2.3", (5000, 51820), TRANSPORT), "neither DHCP"),
        (datagram(GATEWAY, (5000, 51820), TRANSPORT, "10.77.0.2"), "address that it does not"),
        (datagram(GATEWAY, (5000, 51820), b"hello"), "no WireGuard"),
        (datagram(GATEWAY, (5000, 51820), b"\1\0\0\0" + bytes(28)), "no WireGuard"),
        (datagram(ROUTER, (4000, 53), question("private.example")), "something else"),
        (datagram("9.9.9.9", (4000, 53), question("gateway.example")), "did not name"),
        (datagram("255.255.255.255", (68, 67), b"hello"), "no DHCP"),
        (datagram(GATEWAY, (5000, 51820), TRANSPORT[:-8] + b"a secret"), "words in clear"),
        (frame(ethernet.ARP, arp.build(arp.request(MAC, BOX, "172.16.5.9"))), "whom it does not"),
        (frame(ethernet.ARP, arp.build(arp.request(MAC, "10.77.0.1", ROUTER))), "not have here"),
        (frame(ethernet.ARP, arp.build(arp.request(CLIENT, BOX, ROUTER))), "another's MAC"),
        (datagram(GATEWAY, (5000, 51820), TRANSPORT) + b"\0\1", "behind the packet's end"),
    ],
)
def test_everything_else_is_a_leak_that_is_told(sent: bytes, why: str) -> None:
    (line,) = UPLINK.leaks([sent])
    assert why in line
    with pytest.raises(AssertionError, match="leaked"):
        UPLINK.require_silence([sent])


def test_what_another_client_asks_by_dhcp_is_a_leak() -> None:
    theirs = dhcp.build(dhcp.Message(1, 7, CLIENT, {53: b"\1"}))
    (line,) = UPLINK.leaks([datagram("255.255.255.255", (68, 67), theirs, "0.0.0.0")])
    assert "no DHCP of its own" in line


STREAM = tcp.Segment(5000, 443, 1, 1, tcp.ACK, 1000, b"\x17\x03\x03")
CARRIERS = replace(
    UPLINK, gateways={(GATEWAY, 443)}, streams={(GATEWAY, 443), (PROXY, 3128)}, is_shaped=True
)


@pytest.mark.parametrize(
    "sent",
    [
        datagram(GATEWAY, (5000, 443), b"any shape"),
        packet(tcp.build(BOX, GATEWAY, STREAM)),
        packet(tcp.build(BOX, PROXY, STREAM._replace(destination_port=3128))),
    ],
)
def test_carriers_are_no_leak(sent: bytes) -> None:
    CARRIERS.require_silence([sent])


@pytest.mark.parametrize(
    ("sent", "why"),
    [
        (datagram(GATEWAY, (5000, 53), b"any shape"), "did not name"),
        (datagram(GATEWAY, (5000, 80), b"any shape"), "neither DHCP"),
        (datagram(GATEWAY, (5000, 443), b"a secret"), "words in clear"),
        (packet(tcp.build(BOX, GATEWAY, STREAM._replace(payload=b"secret"))), "words in clear"),
        (packet(tcp.build(BOX, GATEWAY, STREAM._replace(destination_port=22))), "neither DHCP"),
        (packet(tcp.build(BOX, PROXY, STREAM)), "neither DHCP"),
        (packet(tcp.build("10.77.0.2", GATEWAY, STREAM)), "address that it does not"),
    ],
)
def test_carriers_open_no_other_door(sent: bytes, why: str) -> None:
    (line,) = CARRIERS.leaks([sent])
    assert why in line

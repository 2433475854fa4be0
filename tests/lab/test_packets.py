"""The codecs: what they write they read again, and what is broken they do not read."""

import re
import struct

import pytest

from undertow.lab.packets import (
    arp,
    checksum,
    describe,
    dhcp,
    dns,
    ethernet,
    icmp,
    ipv4,
    ipv6,
    tcp,
    udp,
)

ONE, TWO = "10.0.0.1", "192.0.2.2"
DATAGRAM = udp.build(ONE, TWO, udp.Datagram(4000, 53, b"odd"))
SEGMENT = tcp.Segment(4000, 80, 7, 9, tcp.SYN, 65_535, b"data", tcp.mss_option(1360))


def test_ipv4_is_read_as_written() -> None:
    packet = ipv4.Packet(ONE, TWO, ipv4.UDP, b"body", 63, 5, ipv4.DONT_FRAGMENT)
    assert ipv4.parse(ipv4.build(packet) + b"padding") == packet


@pytest.mark.parametrize("at", [0, 2, 8, 10, 12, 19])
def test_a_changed_ipv4_header_is_not_read(at: int) -> None:
    data = bytearray(ipv4.build(DATAGRAM))
    data[at] ^= 1
    assert ipv4.parse(bytes(data)) is None


def test_a_known_header_has_its_known_checksum() -> None:
    # The example that Wikipedia and many courses use: 0xB861.
    data = bytes.fromhex("4500 0073 0000 4000 4011 0000 c0a8 0001 c0a8 00c7")
    assert checksum(data) == 0xB861


def test_fragments_join_to_the_whole() -> None:
    whole = ipv4.Packet(ONE, TWO, ipv4.UDP, bytes(range(256)) * 10, identification=3)
    pieces = ipv4.fragments(whole, 1000)
    assert [piece.fragment for piece in pieces] == [0x2000, 0x2000 | 122, 244]
    assert b"".join(piece.body for piece in pieces) == whole.body
    assert all(piece.is_fragment and udp.parse(piece) is None for piece in pieces)


@pytest.mark.parametrize("at", [1, 3, 5, 8, 10])
def test_a_changed_datagram_is_not_read(at: int) -> None:
    body = bytearray(DATAGRAM.body)
    assert udp.parse(DATAGRAM) == udp.Datagram(4000, 53, b"odd")
    body[at] ^= 1
    assert udp.parse(DATAGRAM._replace(body=bytes(body))) is None


def test_a_datagram_without_a_checksum_is_read() -> None:
    body = DATAGRAM.body[:6] + bytes(2) + DATAGRAM.body[8:]
    assert udp.parse(DATAGRAM._replace(body=body)) == udp.Datagram(4000, 53, b"odd")


def test_a_segment_is_read_as_written_with_its_mss() -> None:
    found = tcp.parse(tcp.build(ONE, TWO, SEGMENT))
    assert found == SEGMENT
    assert found.mss() == 1360
    assert found.flag_text() == "S"


def test_an_mss_behind_other_options_is_found_and_a_cut_one_is_not() -> None:
    assert SEGMENT._replace(options=b"\x01\x03\x03\x07" + SEGMENT.options).mss() == 1360
    assert SEGMENT._replace(options=b"\x01\x01\x01\x02").mss() is None
    assert SEGMENT._replace(options=b"\x03\x00\x02\x04").mss() is None


def test_a_changed_segment_is_not_read() -> None:
    packet = tcp.build(ONE, TWO, SEGMENT)
    assert tcp.parse(packet._replace(body=packet.body[:-1] + b"!")) is None


def test_arp_is_read_as_written() -> None:
    question = arp.request(b"\2" * 6, ONE, TWO)
    assert arp.parse(arp.build(question)) == question
    assert not question.is_announcement
    assert arp.request(b"\2" * 6, ONE, ONE).is_announcement
    assert arp.parse(arp.build(question)[:-1]) is None


def test_dns_is_read_as_written() -> None:
    query = dns.Message(7, "gateway.example", dns.A)
    answer = query._replace(is_response=True, addresses=(ONE, TWO), ttl_s=30)
    assert dns.parse(dns.build(query)) == query._replace(ttl_s=0)
    assert dns.parse(dns.build(answer)) == answer
    assert dns.parse(dns.build(answer)[:-1]) is None


def test_dhcp_is_read_as_written() -> None:
    message = dhcp.Message(1, 99, b"\2" * 6, {53: b"\1", 121: bytes(300)}, wants_broadcast=True)
    assert dhcp.parse(dhcp.build(message)) == message
    assert len(dhcp.build(dhcp.Message(1, 99, b"\2" * 6, {}))) == 300


def test_a_cut_option_makes_a_message_unreadable() -> None:
    data = dhcp.build(dhcp.Message(1, 99, b"\2" * 6, {}))
    start = data.index(b"\x63\x82\x53\x63") + 4
    assert dhcp.parse(data[:start] + b"\x35\x05\x01") is None


@pytest.mark.parametrize(
    ("kind", "body", "words"),
    [
        (ethernet.IPV4, ipv4.build(DATAGRAM), "UDP 10.0.0.1:4000 > 192.0.2.2:53: 3 bytes: 6f6464"),
        (ethernet.IPV4, ipv4.build(tcp.build(ONE, TWO, SEGMENT)), "TCP 10.0.0.1:4000 > .*: S 4"),
        (ethernet.IPV4, icmp.ping(ONE, TWO, 1), "ICMP 10.0.0.1 > 192.0.2.2: type 8 code 0"),
        (ethernet.ARP, arp.build(arp.request(bytes(6), ONE, TWO)), "ARP who has 192.0.2.2"),
        (
            ethernet.IPV6,
            ipv6.build(ipv6.router_advertisement("fe80::1", bytes(6), "2001:db8::")),
            "IPv6 protocol 58 fe80::1 > ff02::1",
        ),
        (0x88B5, b"hello", "EtherType 0x88b5.*68656c6c"),
        (ethernet.IPV4, struct.pack("!20x"), "EtherType 0x0800"),
    ],
)
def test_frames_are_described(kind: int, body: bytes, words: str) -> None:
    frame = ethernet.build(ethernet.Frame(bytes(6), b"\2" * 6, kind, body))
    assert re.search(words, describe(frame))

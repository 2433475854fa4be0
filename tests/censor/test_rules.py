"""nftables, the box in the middle and the judge agree on every packet; and plain WireGuard dies."""

import random
from collections.abc import Iterator

import pytest
from tests.censor.street import GUEST, WORLD, Street

from undertow.lab import Lab, censor
from undertow.lab.censor import Censor, Profile
from undertow.lab.packets import icmp, ipv4, tcp, udp

CHANCE = random.Random(8)
PORTS = (53, 80, 443, 3128, 51820)
TYPES = [bytes([kind, 0, 0, 0]) for kind in (1, 2, 3, 4, 5)] + [b"\1\0\0\1", b"\1"]
LENGTHS = (0, 3, 4, 63, 64, 92, 147, 148, 149, 1232, 1272, 1273, 1400)


def _both_ways(kind: int, port: int, payload: bytes, own: int = 5000) -> Iterator[ipv4.Packet]:
    for source, target, ports in ((GUEST, WORLD, (own, port)), (WORLD, GUEST, (port, own))):
        if kind == ipv4.UDP:
            yield udp.build(source, target, udp.Datagram(*ports, payload))
        else:
            yield tcp.build(source, target, tcp.Segment(*ports, 1, 1, tcp.ACK, 9999, payload))


def packets() -> list[ipv4.Packet]:
    """Everything that a rule can tell apart."""
    made: list[ipv4.Packet] = []
    for port in PORTS:
        for kind in (ipv4.UDP, ipv4.TCP):
            made += _both_ways(kind, port, b"hello")
    for start in TYPES:
        for length in (len(start), 32, 100, 148):
            made += _both_ways(ipv4.UDP, 443, start.ljust(length, b"\0"))
    for length in LENGTHS:
        made += _both_ways(ipv4.UDP, 443, CHANCE.randbytes(length))
        made += _both_ways(ipv4.TCP, 443, CHANCE.randbytes(length))
    made.append(icmp.build(GUEST, WORLD, icmp.echo(1, 1, b"ping", icmp.ECHO_REPLY)))
    return made


PROFILES: list[Profile] = [
    censor.Open(),
    censor.PortBlocked(51820, 53),
    censor.UdpBlocked(),
    censor.OnlyTcpWeb(),
    censor.OnlyUdp443(),
    censor.OnlyProxy((WORLD, 3128)),
    censor.GatewayBlocked(WORLD),
    censor.TypesDropped(),
    censor.SizesDropped(),
    censor.MtuHole(1300),
    censor.Blackout(),
    censor.TypesDropped() | censor.SizesDropped() | censor.MtuHole(1300),
]


@pytest.fixture
def street(lab: Lab) -> Street:
    """Without NAT: what arrives is what was sent."""
    return Street(lab, has_nat=False)


def test_nftables_and_the_box_in_the_middle_judge_as_the_judge(street: Street) -> None:
    sent = packets()
    for profile in PROFILES:
        alone = Censor(profile)
        expected = [alone.judge(packet, packet.source == GUEST).passes for packet in sent]
        street.point.firewall.become(profile)
        differing = _differing(sent, expected, street.carry(sent))
        assert differing == [], f"nftables with '{profile}'"
        # Resets and errors of the two ends are dropped, too.
        assert street.point.firewall.dropped() >= expected.count(False)
        street.point.firewall.become(censor.Open())
        street.point.middle.censor = Censor(profile)
        differing = _differing(sent, expected, street.carry(sent))
        assert differing == [], f"in the middle with '{profile}'"
        street.point.middle.censor = Censor()


def _differing(
    sent: list[ipv4.Packet], expected: list[bool], arrived: list[bool]
) -> list[tuple[bool, str]]:
    return [
        (should, f"{packet.source} {packet.protocol} {packet.body[:12].hex(' ')}")
        for packet, should, did in zip(sent, expected, arrived, strict=True)
        if should != did
    ]

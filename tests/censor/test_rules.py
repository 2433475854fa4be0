"""nftables, the box in the middle and the judge agree on every packet; and plain WireGuard dies."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.censor.street import GUEST, WORLD, Street

from undertow.lab import Lab, LabError, censor
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


# One of each, told what it has to be told.
EVERY = {
    "PortBlocked": lambda: censor.PortBlocked(53),
    "OnlyProxy": lambda: censor.OnlyProxy((WORLD, 3128)),
    "GatewayBlocked": lambda: censor.GatewayBlocked(WORLD),
    "Portal": lambda: censor.Portal((WORLD, 80)),
}
NAMES = [
    name
    for name in censor.__all__
    if isinstance(kind := getattr(censor, name), type)
    and issubclass(kind, Profile)
    and kind is not Profile
]
README = Path(censor.__file__).with_name("README.md").read_text()


def make(name: str) -> Profile:
    """A profile by the name of its class."""
    made: Profile = EVERY.get(name, getattr(censor, name))()
    return made


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


@pytest.mark.parametrize("name", NAMES)
def test_a_profile_is_said_by_nftables_or_why_not(name: str) -> None:
    profile = make(name)
    assert (profile.rules() is None) == bool(profile.beyond_rules)
    (row,) = (line for line in README.splitlines() if line.startswith(f"| `{name}` |"))
    said = f"no: {profile.beyond_rules}" if profile.beyond_rules else "yes"
    assert row.endswith(f"| {said} |")
    joined = censor.UdpBlocked() | profile
    assert joined.beyond_rules == profile.beyond_rules


def test_what_nftables_cannot_say_is_refused_by_name_and_changes_nothing(street: Street) -> None:
    wall = street.point.firewall
    wall.become(censor.UdpBlocked())
    for profile in (make(name) for name in NAMES):
        if profile.beyond_rules:
            with pytest.raises(LabError) as caught:
                wall.become(profile)
            assert profile.name in str(caught.value)
            assert profile.beyond_rules[1:] in str(caught.value)
    assert str(wall.profile) == "UDP blocked"
    assert street.carry(packets()[:2]) == [False, False]


def _full(count: int) -> list[ipv4.Packet]:
    """Of 1000 bytes each, as many either way."""
    return list(_both_ways(ipv4.UDP, 443, bytes(972))) * count


def test_nftables_lose_a_share_of_both_ways(street: Street) -> None:
    street.point.firewall.become(censor.Loss(0.3))
    # So few at once that no buffer overflows where the machine is busy.
    arrived = [each for _ in range(6) for each in street.carry(_full(50))]
    for way in (arrived[::2], arrived[1::2]):
        assert 40 < way.count(False) < 150


def test_each_way_is_policed_by_a_bucket_of_its_own(street: Street) -> None:
    assert street.point.become(censor.Police(1000, burst=25_000)) == "middlebox"
    arrived = street.carry(_full(60))
    for way in (arrived[::2], arrived[1::2]):
        assert way[:20] == [True] * 20
        assert way.count(True) < 40

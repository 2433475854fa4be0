"""A plain WireGuard box (wireguard-go) gets nowhere on the networks that ours is for."""

import pytest
from tests.censor.street import WORLD, Street

from undertow.lab import Caller, Echo, Implementation, Lab, PeerSettings, Tunnel, censor
from undertow.lab.censor import Profile

PORT = 51820
INNER = "10.7.0.1", "10.7.0.254"
GO = Implementation("wireguard-go", "wireguard-go")

BLOCKING: list[Profile] = [
    censor.PortBlocked(PORT),
    censor.UdpBlocked(),
    censor.OnlyTcpWeb(),
    censor.OnlyUdp443(),
    censor.OnlyProxy(("192.0.2.1", 3128)),
    censor.TypesDropped(),
    censor.SizesDropped(),
    censor.Entropy(),
    censor.GatewayBlocked(WORLD),
    censor.Portal(("172.16.5.1", 80)),
    censor.Blackout(),
]
BEARABLE: list[Profile] = [
    censor.Open(),
    censor.Loss(0.1),
    censor.Police(),
    censor.MtuHole(1300),
    censor.NatRebind(1.0),
    censor.RstInjection(),
    censor.DnsFalsified(),
]


@pytest.fixture
def street(lab: Lab) -> Street:
    """With NAT, as in a hotel."""
    return Street(lab)


def tunnel(lab: Lab, street: Street) -> Tunnel:
    """A box of wireguard-go whose gateway is in the world; the box's end."""
    gateway = Tunnel(GO, street.world, lab.interface_name("gate"), (f"{INNER[1]}/24",))
    box = Tunnel(GO, street.guest, lab.interface_name("box"), (f"{INNER[0]}/24",))
    gateway.start(PORT, (PeerSettings(box.key.public, (f"{INNER[0]}/32",)),))
    box.start(0, (PeerSettings(gateway.key.public, ("10.7.0.0/24",), f"{WORLD}:{PORT}"),))
    return box


def test_plain_wireguard_is_blocked_by_each_profile_that_should(lab: Lab, street: Street) -> None:
    box = tunnel(lab, street)
    with Echo(street.world, INNER[1]), Caller(street.guest, INNER[1]) as caller:
        for profile in BEARABLE:
            box.forget_peers()
            by = street.become(profile)
            assert reaches(caller, 60), f"{profile} ({by})"
            assert street.become(censor.Open())
        for profile in BLOCKING:
            box.forget_peers()
            by = street.become(profile)
            assert not reaches(caller, 3), f"{profile} ({by})"
            street.become(censor.Open())


def reaches(caller: Caller, tries: int) -> bool:
    """Whether an echo comes back, if one asks so often."""
    return any(caller.ask(0.25) is not None for _ in range(tries))


def test_a_flow_freezes_in_the_middle_of_a_download(lab: Lab, street: Street) -> None:
    tunnel(lab, street)
    street.become(censor.Freeze())
    with Echo(street.world, INNER[1]), Caller(street.guest, INNER[1]) as caller:
        answered = [caller.ask(0.3, size=1200) is not None for _ in range(20)]
    assert answered[0]
    assert 4 <= sum(answered) <= 8, "two ways of 1.2 kB each, and the handshake"
    assert not any(answered[-8:])

"""What the censor of the demo does, one door after another."""

from collections.abc import Callable
from typing import NamedTuple

from undertow.board.scene import PROXY
from undertow.demo.guest import LARGE, SMALL, Page
from undertow.lab import censor
from undertow.lab.censor import Profile

PLAIN_PORT = 51820


class Network(NamedTuple):
    """One rule of the censor.

    short: for a table. says: what it does, with {port} for the UDP port that our box uses just now.
    make: a fresh profile, which has seen nothing yet; told that port. page: that the guest wants.
    has_proxy: the box is told of the proxy. closes_ours: the port, so that there has to be one.
    plain_works: whether a plain WireGuard box brings the page.
    """

    title: str
    short: str
    says: str
    make: Callable[[int], Profile]
    page: Page = SMALL
    has_proxy: bool = False
    closes_ours: bool = False
    plain_works: bool = False


NETWORKS = (
    Network(
        "The door stands open",
        "open",
        "lets everything pass",
        lambda port: censor.Open(),
        plain_works=True,
    ),
    Network(
        "Two doors are shut",
        "ports blocked",
        "drops UDP to door 51820, WireGuard's own, and to {port}, which our box uses",
        lambda port: censor.PortBlocked(PLAIN_PORT, port),
        closes_ours=True,
    ),
    Network(
        "WireGuard is recognised",
        "WireGuard recognised",
        "opens the doors again, and drops whatever begins as WireGuard's packets do",
        lambda port: censor.TypesDropped(),
    ),
    Network(
        "No UDP at all",
        "UDP blocked",
        "drops every UDP packet; what is left are connections (TCP)",
        lambda port: censor.UdpBlocked(),
    ),
    Network(
        "Only the web",
        "only the web",
        "lets nothing pass but connections to doors 80 and 443, as browsers make",
        lambda port: censor.OnlyTcpWeb(),
    ),
    Network(
        "Only by a proxy",
        "only by a proxy",
        "lets nothing pass but to the hotel's own proxy, which wants a password",
        lambda port: censor.OnlyProxy(PROXY),
        has_proxy=True,
    ),
    Network(
        "Small talk only",
        "frozen after 16 KB",
        "lets everything begin, and swallows all beyond 16 KB; encrypted web pages it spares",
        lambda port: censor.Freeze(),
        page=LARGE,
    ),
    Network(
        "The door opens again",
        "open again",
        "lets everything pass",
        lambda port: censor.Open(),
        plain_works=True,
    ),
)

"""The networks of the scorecard, and what a plain WireGuard box reaches on each."""

from collections.abc import Callable
from typing import NamedTuple

from tests.censor.scorecard import ALL, NOTHING, SMALL
from tests.censor.town import NAME, SECOND
from tests.gateway.home import GATEWAY

from undertow.board.scene import GATEWAY as GATEWAY_OF_BOARDS
from undertow.board.scene import PROXY
from undertow.lab import censor
from undertow.lab.censor import Profile

PLAIN_PORT = 51820
# By which the gateway's certificates are asked for, of laptops and of boards.
_TLS_NAMES = ("home.arpa", NAME)


class Network(NamedTuple):
    """make: a fresh profile, which has seen no flow yet. plain: NOTHING, SMALL or ALL.

    meets: whatever way a box takes there, the censor has to do something to it.
    proxy: the scheme by which the box's document names the proxy, without which there is no way
    out; empty: it names none. endpoints: of the gateway's, as its owner has set them (unix).
    """

    name: str
    make: Callable[[], Profile]
    plain: str
    meets: bool = False
    proxy: str = ""
    endpoints: tuple[str, ...] = (GATEWAY,)


def _resets() -> Profile:
    """No UDP; TLS that asks for the gateway, and what is neither TLS nor HTTP, is reset."""
    return censor.UdpBlocked() | censor.RstInjection(*_TLS_NAMES)


# The first table of what is promised: a page where a plain box reaches nothing.
CLOSED = (
    Network("port blocked", lambda: censor.PortBlocked(PLAIN_PORT), NOTHING),
    Network("UDP blocked", censor.UdpBlocked, NOTHING),
    Network("only TCP 80 and 443", censor.OnlyTcpWeb, NOTHING),
    Network("only UDP 443", censor.OnlyUdp443, NOTHING),
    Network("types dropped", censor.TypesDropped, NOTHING),
    Network("sizes dropped", censor.SizesDropped, NOTHING),
    Network("unknown UDP dropped", censor.UnknownUdpDropped, NOTHING),
    Network("freeze after 16 KB", censor.Freeze, SMALL),
    Network("random first packets", censor.Entropy, NOTHING),
    Network("UDP blocked, TLS reset", _resets, NOTHING, meets=True),
)

# Of these a box has to be told.
OF_PROXIES = (
    Network("only by a proxy", lambda: censor.OnlyProxy(PROXY), NOTHING, proxy="http"),
    Network("only by a SOCKS proxy", lambda: censor.OnlyProxy(PROXY), NOTHING, proxy="socks5"),
)

# The same question, of which laptops have more to say.
OF_LAPTOPS = (
    Network(
        "gateway blocked",
        lambda: censor.GatewayBlocked(GATEWAY),
        NOTHING,
        meets=True,
        endpoints=(GATEWAY, SECOND),
    ),
    # What shows that the other two are blocked by their network, and not by their file.
    Network("open, by a name", censor.Open, ALL, endpoints=(NAME, SECOND)),
    Network("falsified DNS", censor.DnsFalsified, NOTHING, True, "", (NAME, GATEWAY)),
)

# The same of a board, whose document has the gateway's name, and SECOND beside it.
OF_NAMES = (
    Network("falsified DNS", censor.DnsFalsified, NOTHING, meets=True),
    Network("open, by a name", censor.Open, ALL),
    # Which a box does not meet that knows the other address to be good from where it was before.
    Network("gateway blocked", lambda: censor.GatewayBlocked(GATEWAY_OF_BOARDS[0]), NOTHING),
)

# The second: networks that are only bad, on which nothing may be worse than with a plain box.
BAD = (
    Network("open", censor.Open, ALL),
    Network("loss 10 %", lambda: censor.Loss(0.1), ALL, meets=True),
    Network("police 250 kB/s", censor.Police, ALL, meets=True),
    Network("NAT rebound", lambda: censor.NatRebind(1.0, times=3), ALL, meets=True),
    Network("MTU hole at 1300", lambda: censor.MtuHole(1300), SMALL, meets=True),
)

OPEN = BAD[0]
LAPTOPS = (*CLOSED, *OF_PROXIES, *OF_LAPTOPS, *BAD)

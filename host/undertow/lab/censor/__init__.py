"""Networks that do not want the box's traffic: profiles that can be joined by `|`, switched live.

One judge sees each packet where a hotel meets the world (Censor). The emulated hotel asks it in
Python; between namespaces nftables has the same rules as far as it can say them (Profile.rules),
and a box in the middle asks the judge for the rest.
"""

from undertow.lab.censor.entropy import Entropy
from undertow.lab.censor.judge import Censor
from undertow.lab.censor.line import Blackout, Loss, MtuHole, NatRebind, Police
from undertow.lab.censor.names import DnsFalsified
from undertow.lab.censor.portal import OPTION, Portal
from undertow.lab.censor.ports import (
    GatewayBlocked,
    OnlyProxy,
    OnlyTcpWeb,
    OnlyUdp443,
    PortBlocked,
    UdpBlocked,
)
from undertow.lab.censor.profile import Open, Profile
from undertow.lab.censor.resets import RstInjection
from undertow.lab.censor.unknown import UnknownUdpDropped
from undertow.lab.censor.verdict import PASS, Injected, Verdict
from undertow.lab.censor.volume import Freeze
from undertow.lab.censor.wireguard import SizesDropped, TypesDropped

__all__ = [
    "OPTION",
    "PASS",
    "Blackout",
    "Censor",
    "DnsFalsified",
    "Entropy",
    "Freeze",
    "GatewayBlocked",
    "Injected",
    "Loss",
    "MtuHole",
    "NatRebind",
    "OnlyProxy",
    "OnlyTcpWeb",
    "OnlyUdp443",
    "Open",
    "Police",
    "PortBlocked",
    "Portal",
    "Profile",
    "RstInjection",
    "SizesDropped",
    "TypesDropped",
    "UdpBlocked",
    "UnknownUdpDropped",
    "Verdict",
]

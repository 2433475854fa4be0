"""A censor that is nftables: the profiles that it can say, on a Linux router between two cables."""

import array
import fcntl
import re
import struct

from undertow.lab.censor.profile import Open, Profile
from undertow.lab.errors import LabError
from undertow.lab.namespace import Namespace

_SIOCETHTOOL = 0x8946
_ETHTOOL_STXCSUM = 0x17
_TABLE = "undertow_censor"
# Before the NAT's own filter, and where addresses are those of the guests both ways.
_CHAIN = """
table ip {table}
delete table ip {table}
table ip {table} {{
    chain forward {{
        type filter hook forward priority filter - 10; policy accept;
{rules}
    }}
}}
"""


class Firewall:
    """The censor of a router. become() changes it in one step: no packet meets half of it."""

    def __init__(self, router: Namespace, inside: str, outside: str) -> None:
        """inside, outside: the router's interfaces to its guests and to the world."""
        self._router = router
        self._inside = inside
        self._outside = outside
        self.profile: Profile = Open()
        self._load(())

    def become(self, profile: Profile) -> None:
        """Judge by another profile from now on. LabError: nftables cannot say it."""
        rules = profile.rules()
        if rules is None:
            raise LabError(
                f"no rules of nftables for '{profile}'",
                profile.beyond_rules,
                "Put a Middlebox between the router and the world.",
            )
        self._load(rules)
        self.profile = profile

    def dropped(self) -> int:
        """Packets since become()."""
        shown = self._router.run("nft", "list", "table", "ip", _TABLE).stdout
        return sum(
            int(count) for count in re.findall(r"counter packets (\d+) bytes \d+ drop", shown)
        )

    def _load(self, rules: tuple[str, ...]) -> None:
        lines = [
            rule.replace("$inside", self._inside)
            .replace("$outside", self._outside)
            .removesuffix("drop")
            + "counter drop"
            for rule in rules
        ]
        self._router.nft(_CHAIN.format(table=_TABLE, rules="\n".join(lines)))


def send_single_packets(namespace: Namespace, interface: str) -> None:
    """Have a cable carry packets as a real one: single, and with finished checksums.

    Between namespaces Linux would pass many as one, and leave their checksums to nobody. A censor
    that goes by sizes would see packets that never exist on a wire.
    """
    namespace.ip("link", "set", interface, "gso_max_segs", "1")
    value = array.array("I", [_ETHTOOL_STXCSUM, 0])  # struct ethtool_value
    request = struct.pack("16sP16x", interface.encode(), value.buffer_info()[0])
    with namespace.socket() as control:
        fcntl.ioctl(control, _SIOCETHTOOL, request)

"""Network address translation as hotels, homes and mobile networks have it."""

import threading

from undertow.lab.namespace import Namespace

_RULES = """
table ip undertow_nat {{
    chain postrouting {{
        type nat hook postrouting priority srcnat; policy accept;
        oifname "{outside}" meta l4proto {{ tcp, udp }} masquerade to :{first}-{last}
        oifname "{outside}" masquerade
    }}
    chain forward {{
        type filter hook forward priority filter; policy drop;
        iifname "{inside}" accept
        ct state established,related accept
    }}
}}
"""


class Nat:
    """Source NAT for IPv4 on a router; nobody outside can start a conversation."""

    PORTS_PER_BINDING = 1000
    _FIRST_PORT, _BINDINGS = 20_000, 40  # then from the beginning

    def __init__(self, router: Namespace, inside: str, outside: str, outside_address: str) -> None:
        """outside_address: of the outside interface, with its prefix length."""
        self._router = router
        self._inside = inside
        self._outside = outside
        self._outside_address = outside_address
        self._rebound = 0
        self._rebinding = threading.Lock()
        router.forward()
        self._load()

    def _load(self) -> None:
        ports = self.ports()
        words = {"inside": self._inside, "outside": self._outside}
        self._router.nft(_RULES.format(first=ports[0], last=ports[-1], **words))

    def ports(self) -> range:
        """The outside ports in use now."""
        first = self._FIRST_PORT + self._rebound % self._BINDINGS * self.PORTS_PER_BINDING
        return range(first, first + self.PORTS_PER_BINDING)

    def rebind(self) -> None:
        """Forget all mappings, as a router does that restarts; flows get new ports."""
        with self._rebinding:  # a censor may want it at the same time
            self._forget()

    def _forget(self) -> None:
        self._rebound += 1
        self._router.run("nft", "delete", "table", "ip", "undertow_nat")
        self._load()
        routes = self._router.ip("-4", "route", "show", "default")
        # A masqueraded flow lives as long as the address that it borrowed.
        self._router.remove_address(self._outside, self._outside_address)
        self._router.address(self._outside, self._outside_address)
        if routes:
            self._router.ip("route", "replace", *routes.split())

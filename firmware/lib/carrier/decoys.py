"""What goes before a handshake initiation, in datagrams of its own that no WireGuard answers.

A censor that judges a flow by its first packets sees an answer of a name server, or a browser that
begins HTTP/3. Each box has names of its own, and no two decoys are the same: one that all boxes
shared would be a mark by itself.
"""

from carrier import dns_decoy, quic_decoy, tags
from carrier.chance import Chance
from wg.carrier_settings import DECOY_DNS, DECOY_OWN, DECOY_QUIC
from wg.compat import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from carrier.browser import Browser
    from wg.carrier_settings import ShapeSettings


class Decoys:
    """The decoys of one box."""

    def __init__(
        self,
        browser: "Browser",
        random_bytes: "Callable[[int], bytes]",
        shape: "ShapeSettings | None" = None,
        name: str = "",
    ) -> None:
        """browser: by which this box is another one than all others. name: the line DecoyName."""
        self._chance = Chance(random_bytes)
        self._shape = shape
        domains = dns_decoy.DOMAINS
        self._domain = domains[browser.below("decoy domain", len(domains))]
        names = quic_decoy.NAMES
        self._name = name or names[browser.below("decoy name", len(names))]

    def datagrams(self, decoy: str, now_s: int) -> "list[bytes]":
        """What to send before an initiation, in this order. now_s: seconds since 1970.

        decoy: of the rung. Junk (Jc) goes behind each kind, except none.
        """
        shape = self._shape
        out: "list[bytes]" = []
        if decoy == DECOY_DNS:
            out.append(dns_decoy.datagram(self._chance, self._domain))
        elif decoy == DECOY_QUIC:
            out.append(quic_decoy.datagram(self._chance, self._name))
        elif decoy != DECOY_OWN:
            return out
        if shape is None:
            return out
        if decoy == DECOY_OWN:
            for each in shape.decoys:
                if each is not None:
                    out.append(tags.datagram(each, self._chance, now_s))
        for _ in range(shape.junk_count):
            length = self._chance.between(shape.junk_min, shape.junk_max - 1)
            out.append(self._chance.bytes(max(1, length)))
        return out

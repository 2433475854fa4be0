"""What a censor does with a packet."""

from typing import NamedTuple

from undertow.lab.packets import ipv4


class Injected(NamedTuple):
    """A packet that the censor makes itself. outward: it goes to the world, else to the guest."""

    packet: ipv4.Packet
    outward: bool


class Verdict(NamedTuple):
    """why: it is dropped for this reason; empty: it passes.

    injected: goes out at once, whatever becomes of the packet.
    diverted: it is handed to the network's own web server in place of its destination.
    rebinds: the NAT forgets all flows before this packet.
    """

    why: str = ""
    injected: tuple[Injected, ...] = ()
    diverted: bool = False
    rebinds: bool = False

    @property
    def passes(self) -> bool:
        """Whether it goes on."""
        return not self.why


PASS = Verdict()

"""A guest, a router and the world in namespaces, with a censor of either kind between them.

guest 172.16.5.9 --- router (nftables, NAT) --- [a box in the middle] --- world 192.0.2.2
"""

import socket
import time
from collections.abc import Sequence

from tests.censor.checkpoint import INSIDE, OUTSIDE, Checkpoint

from undertow.lab import Capture, Lab, Nat
from undertow.lab.firewall import send_single_packets
from undertow.lab.namespace import connect
from undertow.lab.packets import ethernet, ipv4

GUEST, WORLD = "172.16.5.9", "192.0.2.2"
_SETTLE_S = 0.15


class Street:
    """Nothing is censored before point.become()."""

    def __init__(self, lab: Lab, has_nat: bool = True) -> None:
        names = ("guest", "router", "world")
        self.guest, self.router, self.world = (lab.namespace(name) for name in names)
        for each in (self.guest, self.router, self.world):
            for name in ("all", "default"):
                each.set_sysctl(f"ipv6/conf/{name}/disable_ipv6", 1)
        connect(self.guest, "eth0", self.router, INSIDE)
        self.point = Checkpoint(lab, self.router, (self.world, "eth0"))
        self.guest.address("eth0", f"{GUEST}/24")
        self.router.address(INSIDE, "172.16.5.1/24")
        self.router.address(OUTSIDE, "192.0.2.1/24")
        self.world.address("eth0", f"{WORLD}/24")
        self.guest.route("default", "via", "172.16.5.1")
        send_single_packets(self.guest, "eth0")
        if has_nat:
            self.point.nat = Nat(self.router, INSIDE, OUTSIDE, "192.0.2.1/24")
        else:
            self.router.forward()
            self.world.route("default", "via", "192.0.2.1")

    def carry(self, packets: Sequence[ipv4.Packet]) -> list[bool]:
        """Which of these arrive at the other end; each goes the way that its source says."""
        numbered = [
            packet._replace(identification=number, fragment=ipv4.DONT_FRAGMENT)
            for number, packet in enumerate(packets, start=1000)
        ]
        with Capture(self.guest, "eth0") as near, Capture(self.world, "eth0") as far:
            for where, source in ((self.guest, GUEST), (self.world, WORLD)):
                with where.socket(kind=socket.SOCK_RAW, protocol=socket.IPPROTO_RAW) as raw:
                    for packet in numbered:
                        if packet.source == source:
                            raw.sendto(ipv4.build(packet), (packet.destination, 0))
            time.sleep(_SETTLE_S)
        arrived = set()
        for seen in (near, far):
            for frame in seen.frames():
                found = ethernet.parse(frame.data)
                if not frame.outgoing and found and found.kind == ethernet.IPV4:
                    packet = ipv4.parse(found.body)
                    arrived.add(packet and (packet.source, packet.identification))
        return [(packet.source, packet.identification) in arrived for packet in numbered]

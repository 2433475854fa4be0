"""A packet as a censor sees it who stands where a hotel meets the world."""

from typing import NamedTuple

from undertow.lab.packets import ipv4, tcp, udp

End = tuple[str, int]


class Flow(NamedTuple):
    """What belongs together, whichever way it goes: the protocol, the guest's end, the world's."""

    protocol: int
    inside: End
    outside: End


class Seen(NamedTuple):
    """One packet. outward: from a guest to the world. flow: None for what has no ports.

    payload: behind the header of UDP or TCP. segment: the header of TCP. size: of the IP packet.
    """

    packet: ipv4.Packet
    outward: bool
    flow: Flow | None
    payload: bytes
    segment: tcp.Segment | None
    size: int

    @property
    def is_udp(self) -> bool:
        """Whether it is a whole datagram."""
        return self.flow is not None and self.flow.protocol == ipv4.UDP

    @property
    def is_tcp(self) -> bool:
        """Whether it is a whole segment."""
        return self.segment is not None

    @property
    def outside(self) -> End:
        """The world's end; port 0 for what has no ports."""
        if self.flow is not None:
            return self.flow.outside
        return (self.packet.destination if self.outward else self.packet.source, 0)


def look(packet: ipv4.Packet, outward: bool) -> Seen:
    """See what a packet is; broken ones and fragments have no flow."""
    size = ipv4.HEADER_LEN + len(packet.body)
    if segment := tcp.parse(packet):
        ports = segment.source_port, segment.destination_port
        return Seen(packet, outward, _flow(packet, ports, outward), segment.payload, segment, size)
    if datagram := udp.parse(packet):
        ports = datagram.source_port, datagram.destination_port
        flow = _flow(packet, ports, outward)
        return Seen(packet, outward, flow, datagram.payload, None, size)
    return Seen(packet, outward, None, b"", None, size)


def _flow(packet: ipv4.Packet, ports: tuple[int, int], outward: bool) -> Flow:
    source, destination = (packet.source, ports[0]), (packet.destination, ports[1])
    ends = (source, destination) if outward else (destination, source)
    return Flow(packet.protocol, *ends)

"""What a box may send on its uplink, and everything else that it did.

A box says four things to the network that it visits: DHCP, ARP about its own address, the name of
its gateway to that network's name servers, and WireGuard messages to its gateway, as datagrams or
in streams. Whatever else leaves it, be it a word of a client or only a multicast of a helpful
stack, is a leak.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from undertow.lab.packets import arp, describe, dhcp, dns, ethernet, ipv4, tcp, udp

# The lengths of handshake messages by their type; transport data (4) has any multiple of 16.
_HANDSHAKES = {1: 148, 2: 92, 3: 64}
_TRANSPORT = 4
_TRANSPORT_MIN = 32
_STRANGE = "neither DHCP nor DNS nor the tunnel"


@dataclass
class Uplink:
    """What is known of the network that a box visits, and so what it may say there.

    addresses: that the box has or had. neighbours: whom it has to find: router, name servers, and
    a gateway that is near. gateways: (address, port) of UDP. streams: those of TCP, the network's
    proxy among them. is_shaped: datagrams to gateways may look like anything; what they hold is
    then shown by the words alone. words: of clients, to be seen nowhere.
    """

    mac: bytes
    addresses: set[str] = field(default_factory=set)
    neighbours: set[str] = field(default_factory=set)
    name_servers: set[str] = field(default_factory=set)
    gateways: set[tuple[str, int]] = field(default_factory=set)
    streams: set[tuple[str, int]] = field(default_factory=set)
    is_shaped: bool = False
    names: set[str] = field(default_factory=set)
    words: tuple[bytes, ...] = ()

    def leaks(self, sent: Iterable[bytes]) -> list[str]:
        """One line for each frame of the box that it should not have sent, and why."""
        return [f"{reason}: {describe(frame)}" for frame in sent if (reason := self._judge(frame))]

    def require_silence(self, sent: Iterable[bytes]) -> None:
        """AssertionError with every leak in words, if there is any."""
        found = self.leaks(sent)
        assert not found, "leaked on the uplink:\n" + "\n".join(found)

    def _judge(self, data: bytes) -> str:
        """Why a frame is a leak; empty if it is none."""
        frame = ethernet.parse(data)
        if frame is None:
            return "no frame"
        if any(word in data for word in self.words):
            return "a client's words in clear"
        if frame.source != self.mac:
            return "another's MAC address as its sender"
        if frame.kind == ethernet.ARP:
            return self._judge_arp(frame)
        if frame.kind != ethernet.IPV4:
            return "neither ARP nor IPv4"
        packet = ipv4.parse(frame.body)
        if packet is None:
            return "a broken IPv4 packet"
        if frame.body[ipv4.HEADER_LEN + len(packet.body) :].strip(b"\0"):
            return "something behind the packet's end"
        if segment := tcp.parse(packet):
            return self._judge_tcp(packet, segment)
        datagram = udp.parse(packet)
        if datagram is None:
            return _STRANGE
        return self._judge_udp(packet, datagram)

    def _judge_arp(self, frame: ethernet.Frame) -> str:
        message = arp.parse(frame.body)
        if message is None or frame.body[28:].strip(b"\0"):
            return "broken ARP"
        if message.sender_mac != self.mac:
            return "ARP about another's MAC address"
        if message.sender not in {*self.addresses, ipv4.ANY}:
            return "ARP about an address that it does not have here"
        if message.operation == arp.REQUEST and message.target not in {
            *self.neighbours,
            *self.addresses,
        }:
            return "ARP for somebody whom it does not need"
        return ""

    def _judge_udp(self, packet: ipv4.Packet, datagram: udp.Datagram) -> str:
        ports = datagram.source_port, datagram.destination_port
        if ports == (dhcp.CLIENT_PORT, dhcp.SERVER_PORT):
            message = dhcp.parse(datagram.payload)
            fine = message and message.mac == self.mac and message.operation == 1
            return "" if fine else "no DHCP of its own"
        if packet.source not in self.addresses:
            return "a sender's address that it does not have here"
        if (packet.destination, ports[1]) not in self.gateways:
            is_dns = ports[1] == dns.PORT
            return self._judge_dns(packet, datagram) if is_dns else _STRANGE
        return "" if self.is_shaped or _is_wireguard(datagram.payload) else "no WireGuard message"

    def _judge_tcp(self, packet: ipv4.Packet, segment: tcp.Segment) -> str:
        if (packet.destination, segment.destination_port) not in self.streams:
            return _STRANGE
        if packet.source not in self.addresses:
            return "a sender's address that it does not have here"
        return ""

    def _judge_dns(self, packet: ipv4.Packet, datagram: udp.Datagram) -> str:
        if packet.destination not in self.name_servers:
            return "DNS to a server that this network did not name"
        query = dns.parse(datagram.payload)
        fine = query and query.name in self.names and not query.is_response
        return "" if fine else "DNS for something else than the gateway"


def _is_wireguard(payload: bytes) -> bool:
    if len(payload) < 4 or payload[1:4] != bytes(3):
        return False
    if payload[0] == _TRANSPORT:
        return len(payload) >= _TRANSPORT_MIN and len(payload) % 16 == 0
    return _HANDSHAKES.get(payload[0]) == len(payload)

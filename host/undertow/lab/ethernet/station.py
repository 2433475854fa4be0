"""A computer on the emulated Ethernet: ARP, IPv4, ping and UDP, enough to talk with a box."""

import ipaddress
from collections.abc import Callable
from typing import NamedTuple

from undertow.lab.ethernet.switch import Switch
from undertow.lab.packets import arp, ethernet, icmp, ipv4, udp

# What waits for an answer to ARP, for each neighbour.
_QUEUE = 16
_ASK_AGAIN_S = 0.5
_TRIES = 4


class Received(NamedTuple):
    """A datagram for one of our ports, and the station that handed it over."""

    source: str
    source_port: int
    destination: str
    payload: bytes
    mac: bytes


class Station:
    """One interface with one address. Everything runs in the loop's thread.

    answers_ping, answers_arp: what it may be made deaf to.
    """

    def __init__(
        self, switch: Switch, name: str, mac: bytes, address: str = ipv4.ANY, prefix_len: int = 24
    ) -> None:
        """address: ANY if it has none yet."""
        self.mac = mac
        self.gateway: str | None = None
        self.answers_ping = True
        self.answers_arp = True
        self.loop = switch.loop
        self._address = address
        self._network = ipaddress.ip_network((address, prefix_len), strict=False)
        self._neighbours: dict[str, bytes] = {}
        self._waiting: dict[str, list[ipv4.Packet]] = {}
        self._on_udp: dict[int, Callable[[Received], None]] = {}
        self._identification = 0
        self.port = switch.plug(name, self._receive)

    @property
    def address(self) -> str:
        """Its address, with its network set by set_address()."""
        return self._address

    @property
    def network(self) -> ipaddress.IPv4Network:
        """The network that it can reach without a gateway."""
        assert isinstance(self._network, ipaddress.IPv4Network)
        return self._network

    def set_address(self, address: str, prefix_len: int, gateway: str | None = None) -> None:
        """Take an address, and forget the neighbours of the one before."""

        def take() -> None:
            self._address = address
            self._network = ipaddress.ip_network((address, prefix_len), strict=False)
            self.gateway = gateway
            self._neighbours.clear()
            self._waiting.clear()

        self.loop.call(take)

    def neighbours(self) -> dict[str, bytes]:
        """Addresses whose MAC it has learnt."""
        return self.loop.call(lambda: dict(self._neighbours))

    # Sending

    def send_frame(self, destination: bytes, kind: int, body: bytes) -> None:
        """Send whatever it is."""
        frame = ethernet.build(ethernet.Frame(destination, self.mac, kind, body))
        self.loop.call(lambda: self.port.send(frame))

    def send(self, packet: ipv4.Packet) -> None:
        """Send a packet: to a neighbour, by the gateway, or to all. Without a way it is dropped."""
        self.loop.call(lambda: self._route(packet))

    def send_udp(self, source_port: int, destination: str, port: int, payload: bytes) -> None:
        """Send a datagram from its address."""
        datagram = udp.Datagram(source_port, port, payload)
        self.send(udp.build(self._address, destination, datagram))

    def _route(self, packet: ipv4.Packet) -> None:
        self._identification = (self._identification + 1) & 0xFFFF
        packet = packet._replace(identification=packet.identification or self._identification)
        if packet.destination in (ipv4.BROADCAST, str(self.network.broadcast_address)):
            self.send_frame(ethernet.BROADCAST, ethernet.IPV4, ipv4.build(packet))
            return
        on_link = ipaddress.ip_address(packet.destination) in self.network
        hop = packet.destination if on_link else self.gateway
        if hop is None:
            return
        if mac := self._neighbours.get(hop):
            self.send_frame(mac, ethernet.IPV4, ipv4.build(packet))
            return
        waiting = self._waiting.setdefault(hop, [])
        waiting.append(packet)
        del waiting[:-_QUEUE]
        if len(waiting) == 1:
            self._ask(hop, _TRIES)

    def _ask(self, hop: str, tries: int) -> None:
        if hop not in self._waiting:
            return
        if tries == 0:
            del self._waiting[hop]
            return
        question = arp.request(self.mac, self._address, hop)
        self.send_frame(ethernet.BROADCAST, ethernet.ARP, arp.build(question))
        self.loop.after(_ASK_AGAIN_S, lambda: self._ask(hop, tries - 1))

    # Receiving

    def _receive(self, data: bytes) -> None:
        frame = ethernet.parse(data)
        if frame is None or (frame.destination != self.mac and not frame.destination[0] & 1):
            return
        if frame.kind == ethernet.ARP and (message := arp.parse(frame.body)):
            self._receive_arp(message)
        elif frame.kind == ethernet.IPV4 and (packet := ipv4.parse(frame.body)):
            self.receive_packet(packet, frame.source)

    def _receive_arp(self, message: arp.Arp) -> None:
        if message.sender != ipv4.ANY and message.sender != self._address:
            self._learn(message.sender, message.sender_mac)
        asked = message.operation == arp.REQUEST and message.target == self._address
        if asked and self._address != ipv4.ANY and self.answers_arp:
            answer = arp.Arp(arp.REPLY, self.mac, self._address, message.sender_mac, message.sender)
            self.send_frame(message.sender_mac, ethernet.ARP, arp.build(answer))

    def _learn(self, address: str, mac: bytes) -> None:
        self._neighbours[address] = mac
        for packet in self._waiting.pop(address, []):
            self.send_frame(mac, ethernet.IPV4, ipv4.build(packet))

    def receive_packet(self, packet: ipv4.Packet, mac: bytes) -> None:
        """A packet came. mac: of whoever handed it over. Routers do more than this."""
        if self.is_for_us(packet.destination):
            self.take(packet, mac)

    def is_for_us(self, destination: str) -> bool:
        """Whether a packet to that address ends here."""
        all_of_us = str(self.network.broadcast_address)
        return destination in (self._address, ipv4.BROADCAST, all_of_us)

    def take(self, packet: ipv4.Packet, mac: bytes) -> None:
        """A packet that ends here."""
        if datagram := udp.parse(packet):
            handler = self._on_udp.get(datagram.destination_port)
            ports = datagram.source_port, packet.destination
            if handler:
                handler(Received(packet.source, *ports, datagram.payload, mac))
        elif message := icmp.parse(packet):
            self.take_icmp(packet, message)

    def take_icmp(self, packet: ipv4.Packet, message: icmp.Message) -> None:
        """An ICMP message for us; an echo request is answered."""
        if message.kind == icmp.ECHO_REQUEST and self.answers_ping:
            answer = message._replace(kind=icmp.ECHO_REPLY)
            self._route(icmp.build(self._address, packet.source, answer))

    def on_udp(self, port: int, handler: Callable[[Received], None] | None) -> None:
        """Call handler with each datagram for a port; None: nobody listens there any more."""

        def change() -> None:
            if handler is None:
                self._on_udp.pop(port, None)
            else:
                self._on_udp[port] = handler

        self.loop.call(change)

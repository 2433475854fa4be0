"""A hotel's router in Python: addresses by DHCP, names, NAT, and every meanness of such networks.

It stands where the lab with namespaces has a Linux router (undertow.board.hotel); outside it is
this machine's loopback. Its censor judges what goes out and comes in, and what it says of names.
"""

from undertow.lab.censor import Censor, Portal, Verdict
from undertow.lab.censor.portal import HTTP
from undertow.lab.dhcp_server import DhcpServer, Offer
from undertow.lab.ethernet.nat import Nat
from undertow.lab.ethernet.sign_in import SignIn
from undertow.lab.ethernet.station import Received, Station
from undertow.lab.ethernet.switch import Switch
from undertow.lab.packets import dhcp, dns, ethernet, icmp, ipv4, ipv6, tcp, udp
from undertow.lab.packets.ethernet import mac

MAC = mac("02:68:6f:74:65:6c")
OFFER = Offer("172.16.5.0/24", "172.16.5.1", "172.16.5.1", ("172.16.5.1",))


class HotelRouter(Station):
    """Gateway, DHCP server and name server of the network that a switch makes."""

    def __init__(self, switch: Switch, offer: Offer = OFFER, name: str = "hotel") -> None:
        length = int(offer.network.partition("/")[2])
        super().__init__(switch, name, MAC, offer.server, length)
        self.dhcp = DhcpServer(offer)
        self.censor = Censor()
        self.nat = Nat(self.loop, self._come_in)
        self.sign_in = SignIn(self.loop, self.send, lambda: self.censor.profile)
        self.names: dict[str, tuple[str, ...]] = {}
        self.asked: list[str] = []
        self.own_addresses = {offer.server}
        self.answers_dns = True
        self.on_udp(dhcp.SERVER_PORT, self._answer_dhcp)
        self.on_udp(dns.PORT, self._answer_dns)

    def close(self) -> None:
        """Close its sockets."""
        self.nat.rebind()

    def portal(self, host: str = "") -> Portal:
        """A profile that wants guests to sign in at our own page. host: a name that it has."""
        if host:
            self.names[host] = (self.address,)
        return Portal((self.address, HTTP), host)

    def move(self, offer: Offer) -> None:
        """Renumber the whole network: another gateway, other addresses."""
        length = int(offer.network.partition("/")[2])
        self.own_addresses.add(offer.server)
        self.set_address(offer.server, length)
        self.loop.call(lambda: self.dhcp.change(offer))

    def receive_packet(self, packet: ipv4.Packet, mac: bytes) -> None:
        """Ours, or for the world outside."""
        if not self.is_for_us(packet.destination):
            self._go_out(packet)
        elif segment := tcp.parse(packet):
            self.sign_in.take(packet, segment)
        else:
            self.take(packet, mac)

    def _go_out(self, packet: ipv4.Packet) -> None:
        verdict = self.censor.judge(packet, outward=True)
        if verdict.rebinds:
            self.nat.rebind()
        segment = tcp.parse(packet) if verdict.diverted else None
        if segment is not None:
            self.sign_in.take(packet, segment)
        elif verdict.passes:
            self.nat.take(packet)
        self._inject(verdict)

    def _come_in(self, packet: ipv4.Packet) -> None:
        verdict = self.censor.judge(packet, outward=False)
        if verdict.passes:
            self.send(packet)
        self._inject(verdict)

    def _inject(self, verdict: Verdict) -> None:
        for packet, outward in verdict.injected:
            if outward:
                self.nat.take(packet)
            else:
                self.send(packet)

    def _answer_dhcp(self, received: Received) -> None:
        message = dhcp.parse(received.payload)
        answer = message and self.dhcp.answer(message)
        if not answer:
            return
        datagram = udp.Datagram(dhcp.SERVER_PORT, dhcp.CLIENT_PORT, dhcp.build(answer))
        renewing = answer.client != ipv4.ANY
        broadcast = answer.wants_broadcast or not (renewing or answer.your != ipv4.ANY)
        address = ipv4.BROADCAST if broadcast else (answer.client if renewing else answer.your)
        packet = udp.build(self.address, address, datagram)
        # Who has no address yet cannot answer ARP: the frame goes to its MAC.
        there = ethernet.BROADCAST if broadcast else answer.mac
        self.send_frame(there, ethernet.IPV4, ipv4.build(packet))

    def _answer_dns(self, received: Received) -> None:
        query = dns.parse(received.payload)
        if not query or query.is_response:
            return
        self.asked.append(query.name)
        if not self.answers_dns:
            return
        if lie := self.censor.answer(query):
            self.send_udp(dns.PORT, received.source, received.source_port, dns.build(lie))
            return
        found = self.names.get(query.name)
        addresses = found or () if query.kind == dns.A else ()
        code = 0 if found else dns.NXDOMAIN
        answer = query._replace(is_response=True, addresses=addresses, code=code)
        self.send_udp(dns.PORT, received.source, received.source_port, dns.build(answer))

    # What nobody asked for

    def redirect(self, victim: str, destination: str, gateway: str) -> None:
        """Tell victim to send what goes to destination through another gateway (ICMP)."""
        offender = udp.build(victim, destination, udp.Datagram(4500, 51820, bytes(32)))
        self.send(icmp.build(self.address, victim, icmp.redirect(offender, gateway)))

    def advertise_router(self, prefix: str = "2001:db8:bad::") -> None:
        """Offer everybody an IPv6 network with us as its router."""
        packet = ipv6.router_advertisement("fe80::1", self.mac, prefix)
        self.send_frame(ipv6.ALL_NODES_MAC, ethernet.IPV6, ipv6.build(packet))

    def push(self, victim_mac: bytes, packet: ipv4.Packet) -> None:
        """Hand a packet to a station, wherever it claims to go: for weak hosts."""
        self.send_frame(victim_mac, ethernet.IPV4, ipv4.build(packet))

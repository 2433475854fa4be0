"""A frame in one line, for people who look for what should not be there."""

from undertow.lab.packets import arp, dhcp, dns, ethernet, icmp, ipv4, ipv6, tcp, udp

_SHOWN = 16


def describe(data: bytes) -> str:
    """Everything that tells who sends what to whom: "UDP 10.0.0.2:68 > ...: DHCP DISCOVER"."""
    frame = ethernet.parse(data)
    if frame is None:
        return f"a frame of {len(data)} bytes"
    ends = f"{ethernet.mac_text(frame.source)} > {ethernet.mac_text(frame.destination)}"
    return f"{ends} {_body(frame)}"


def _body(frame: ethernet.Frame) -> str:
    if frame.kind == ethernet.ARP and (message := arp.parse(frame.body)):
        if message.operation == arp.REQUEST:
            return f"ARP who has {message.target}? tell {message.sender}"
        return f"ARP {message.sender} is at {ethernet.mac_text(message.sender_mac)}"
    if frame.kind == ethernet.IPV4 and (packet := ipv4.parse(frame.body)):
        return _packet(packet)
    if frame.kind == ethernet.IPV6 and (six := ipv6.parse(frame.body)):
        return f"IPv6 protocol {six.protocol} {six.source} > {six.destination}"
    return f"EtherType {frame.kind:#06x}, {len(frame.body)} bytes: {_beginning(frame.body)}"


def _packet(packet: ipv4.Packet) -> str:
    hosts = f"{packet.source} > {packet.destination}"
    if datagram := udp.parse(packet):
        ends = f"{packet.source}:{datagram.source_port} > "
        ends += f"{packet.destination}:{datagram.destination_port}"
        return f"UDP {ends}: {_payload(datagram)}"
    if segment := tcp.parse(packet):
        ends = f"{packet.source}:{segment.source_port} > "
        ends += f"{packet.destination}:{segment.destination_port}"
        return f"TCP {ends}: {segment.flag_text()} {len(segment.payload)} bytes"
    if message := icmp.parse(packet):
        return f"ICMP {hosts}: type {message.kind} code {message.code}"
    part = " fragment" if packet.is_fragment else ""
    return f"IPv4{part} protocol {packet.protocol} {hosts}, {len(packet.body)} bytes"


def _payload(datagram: udp.Datagram) -> str:
    ports = {datagram.source_port, datagram.destination_port}
    if ports & {dhcp.SERVER_PORT, dhcp.CLIENT_PORT} and (lease := dhcp.parse(datagram.payload)):
        return f"DHCP {dhcp.NAMES.get(lease.kind, lease.kind)}"
    if dns.PORT in ports and (message := dns.parse(datagram.payload)):
        answer = f" = {', '.join(message.addresses) or message.code}"
        return f"DNS {message.name}{answer if message.is_response else '?'}"
    return f"{len(datagram.payload)} bytes: {_beginning(datagram.payload)}"


def _beginning(data: bytes) -> str:
    return data[:_SHOWN].hex(" ", 4)

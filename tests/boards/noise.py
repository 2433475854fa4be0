"""Everything that a client may try to get past the box, marked so that it is known anywhere."""

from undertow.board import machine
from undertow.board.scene import Scene
from undertow.lab.ethernet import Client
from undertow.lab.packets import arp, dns, ethernet, icmp, ipv4, ipv6, tcp, udp

MARK = b"undertow-leak-marker"
STRANGER = "198.51.100.7"
# As if it knew the uplink: where the hotel's router and another guest are.
HOTEL = "172.16.5.1"
GUEST = "172.16.5.77"
_MULTICAST_MAC = bytes.fromhex("01005e0000fb")
_MDNS = "224.0.0.251"
_MARKED_NAME = MARK.decode() + ".example"


def make_noise(scene: Scene, client: Client) -> None:
    """Send one of each, to the box, to everybody, and to the uplink's MAC address on the LAN."""
    box = client.loop.call(lambda: client.neighbours().get(client.gateway or ""))
    targets = {box or ethernet.mac(machine.mac(1)), ethernet.mac(machine.mac(0))}
    for target in targets:
        for packet in _packets(client, scene):
            client.send_frame(target, ethernet.IPV4, ipv4.build(packet))
        for six in _ipv6_packets():
            client.send_frame(target, ethernet.IPV6, ipv6.build(six))
        for kind in (0x8100, 0x8863, 0x88CC, 0x88B5):  # VLAN, PPPoE, LLDP, an experiment
            client.send_frame(target, kind, bytes(4) + MARK)
    for six in _ipv6_packets():
        client.send_frame(ipv6.ALL_NODES_MAC, ethernet.IPV6, ipv6.build(six))
    mdns = udp.build(client.address, _MDNS, udp.Datagram(5353, 5353, MARK))
    client.send_frame(_MULTICAST_MAC, ethernet.IPV4, ipv4.build(mdns))
    for destination in (ipv4.BROADCAST, str(client.network.broadcast_address)):
        whole = udp.build(client.address, destination, udp.Datagram(137, 137, MARK))
        client.send_frame(ethernet.BROADCAST, ethernet.IPV4, ipv4.build(whole))
    for wanted in (HOTEL, GUEST, STRANGER):
        question = arp.request(client.mac, client.address, wanted)
        client.send_frame(ethernet.BROADCAST, ethernet.ARP, arp.build(question))


def _packets(client: Client, scene: Scene) -> list[ipv4.Packet]:
    own = client.address
    query = dns.build(dns.Message(7, _MARKED_NAME, dns.A))
    uplinks = sorted(scene.rules().addresses)
    found = []
    for destination in (STRANGER, HOTEL, GUEST, "10.7.0.254", client.gateway or HOTEL, *uplinks):
        found += [
            icmp.build(own, destination, icmp.echo(7, 1, MARK)),
            udp.build(own, destination, udp.Datagram(4000, 53, query)),
            udp.build(own, destination, udp.Datagram(4000, 853, MARK)),
            udp.build(own, destination, udp.Datagram(68, 67, MARK)),
            udp.build(own, destination, udp.Datagram(51820, 51820, MARK)),
            tcp.build(own, destination, tcp.Segment(4000, 443, 1, 0, tcp.SYN, 1000, MARK)),
            ipv4.Packet(own, destination, 50, MARK),
            ipv4.Packet(own, destination, 2, MARK),
        ]
    big = udp.build(own, STRANGER, udp.Datagram(4000, 9, MARK * 200))
    found += ipv4.fragments(big._replace(identification=99), 1400)
    for source in (GUEST, STRANGER, "127.0.0.1", "0.0.0.0", "255.255.255.255", *uplinks):
        found.append(udp.build(source, STRANGER, udp.Datagram(4000, 9, MARK)))
    found.append(udp.build(own, "192.0.2.2", udp.Datagram(51820, 51820, b"\4\0\0\0" + MARK * 3)))
    return found


def _ipv6_packets() -> list[ipv6.Packet]:
    return [
        ipv6.Packet("fe80::2", "ff02::fb", ipv6.UDP, bytes(8) + MARK),
        ipv6.Packet("fe80::2", "ff02::2", ipv6.ICMPV6, bytes([133, 0, 0, 0]) + MARK),
        ipv6.Packet("2001:db8::2", "2001:db8:80::80", ipv6.TCP, bytes(20) + MARK),
        ipv6.Packet("2001:db8::2", "2001:db8:80::80", ipv6.UDP, bytes(8) + MARK),
    ]

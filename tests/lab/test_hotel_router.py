"""The emulated hotel and its guests: addresses, names, a way out, and what hotels do to them."""

import socket
from collections.abc import Iterator
from dataclasses import replace

import pytest

from undertow.lab import LabError
from undertow.lab.dhcp_server import Offer
from undertow.lab.ethernet import Client, HotelRouter, Switch
from undertow.lab.packets import arp, checksum, dhcp, dns, ethernet, icmp, ipv4


@pytest.fixture
def hotel(switch: Switch) -> Iterator[HotelRouter]:
    """A hotel's router."""
    made = HotelRouter(switch)
    yield made
    made.close()


@pytest.fixture
def guest(switch: Switch, hotel: HotelRouter) -> Client:
    """A guest who has an address."""
    made = Client(switch, "guest")
    made.join()
    return made


@pytest.fixture
def server() -> Iterator[socket.socket]:
    """A UDP socket of this machine, as a gateway has one."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as made:
        made.bind(("127.0.0.1", 0))
        made.settimeout(2.0)
        yield made


def test_a_guest_gets_address_router_and_name_server(guest: Client) -> None:
    assert (guest.address, str(guest.network)) == ("172.16.5.100", "172.16.5.0/24")
    assert guest.gateway == "172.16.5.1"
    assert guest.lease is not None
    assert guest.lease.address(dhcp.NAME_SERVERS) == "172.16.5.1"
    assert guest.renew().kind == dhcp.ACK


def test_guests_have_different_addresses_and_keep_them(switch: Switch, guest: Client) -> None:
    other = Client(switch, "other", number=2)
    assert other.join().your == "172.16.5.101"
    assert guest.join().your == "172.16.5.100"


def test_a_renumbered_hotel_refuses_the_old_address(hotel: HotelRouter, guest: Client) -> None:
    hotel.move(Offer("10.3.0.0/16", "10.3.0.1", "10.3.0.1", lease_s=20))
    assert guest.renew().kind == dhcp.NAK
    guest.set_address(ipv4.ANY, 24)
    answer = guest.join()
    assert (answer.your, answer.seconds(dhcp.LEASE_TIME)) == ("10.3.0.100", 20)
    assert guest.ping("10.3.0.1") is not None


def test_options_of_a_mean_server_arrive_as_they_are(hotel: HotelRouter, guest: Client) -> None:
    routes = dhcp.classless_routes(("0.0.0.0/1", "172.16.5.66"), ("10.1.2.0/23", "172.16.5.66"))
    hotel.dhcp.set_options({dhcp.CLASSLESS_ROUTES: routes, dhcp.MTU: b"\x00\x44"})
    options = guest.join().options
    assert options[dhcp.CLASSLESS_ROUTES].hex() == "0100ac100542170a0102ac100542"
    assert options[dhcp.MTU] == b"\x00\x44"


def test_a_silent_server_gives_nothing(hotel: HotelRouter, switch: Switch) -> None:
    hotel.dhcp.silent = True
    with pytest.raises(LabError, match="DISCOVER"):
        Client(switch, "late", number=3).join(timeout_s=0.2)
    assert hotel.dhcp.heard["DISCOVER"] >= 1


def test_names_are_answered_and_noted(hotel: HotelRouter, guest: Client) -> None:
    hotel.names["gateway.example"] = ("192.0.2.2", "192.0.2.3")
    assert guest.resolve("gateway.example").addresses == ("192.0.2.2", "192.0.2.3")
    assert guest.resolve("nowhere.example").code == dns.NXDOMAIN
    assert hotel.asked == ["gateway.example", "nowhere.example"]
    hotel.answers_dns = False
    with pytest.raises(LabError):
        guest.resolve("gateway.example", timeout_s=0.1)


def test_pings_are_answered_unless_it_is_deaf(hotel: HotelRouter, guest: Client) -> None:
    assert guest.ping("172.16.5.1") is not None
    hotel.answers_ping = False
    assert guest.ping("172.16.5.1", timeout_s=0.1) is None


def test_a_datagram_comes_out_on_loopback_and_its_answer_goes_back(
    hotel: HotelRouter, guest: Client, server: socket.socket
) -> None:
    hotel.nat.reach("192.0.2.2", 51820, server.getsockname()[1])
    guest.on_udp(5000, (got := []).append)
    guest.send_udp(5000, "192.0.2.2", 51820, b"question")
    question, mapped = server.recvfrom(2048)
    server.sendto(b"answer", mapped)
    hotel.loop.wait_until(lambda: got, 2.0, lambda: "no answer")
    assert question == b"question"
    assert got[0][:4] == ("192.0.2.2", 51820, "172.16.5.100", b"answer")


def test_one_port_inside_is_one_port_outside_until_the_nat_forgets(
    hotel: HotelRouter, guest: Client, server: socket.socket
) -> None:
    hotel.nat.reach("192.0.2.2", 51820, server.getsockname()[1])
    hotel.nat.reach("192.0.2.3", 4500, server.getsockname()[1])
    seen = []
    for address, port in (("192.0.2.2", 51820), ("192.0.2.3", 4500)):
        guest.send_udp(5000, address, port, b"")
        seen.append(server.recvfrom(2048)[1])
    hotel.nat.rebind()
    guest.send_udp(5000, "192.0.2.2", 51820, b"")
    seen.append(server.recvfrom(2048)[1])
    assert seen[0] == seen[1] != seen[2]


def test_what_the_world_outside_does_not_have_is_dropped_and_counted(
    hotel: HotelRouter, guest: Client
) -> None:
    guest.send_udp(5000, "198.51.100.1", 53, b"leak")
    assert guest.ping("198.51.100.1", timeout_s=0.1) is None
    assert hotel.nat.dropped == 2


def test_a_redirect_quotes_what_it_is_about(hotel: HotelRouter, guest: Client) -> None:
    hotel.redirect(guest.address, "192.0.2.2", "172.16.5.66")
    hotel.loop.wait_until(lambda: guest.errors, 2.0, lambda: "none came")
    (message,) = guest.errors
    assert (message.kind, message.rest) == (icmp.REDIRECT, bytes([172, 16, 5, 66]))
    assert message.body[16:20] == bytes([192, 0, 2, 2])


def test_a_router_advertisement_has_a_right_checksum(hotel: HotelRouter, guest: Client) -> None:
    hotel.advertise_router()
    body = guest.port.record()[-1].data[14:]
    pseudo = body[8:40] + len(body[40:]).to_bytes(4, "big") + b"\0\0\0\x3a"
    assert checksum(pseudo + body[40:]) == 0


def test_nobody_answers_for_an_address_that_nobody_has(guest: Client) -> None:
    guest.send_udp(5000, "172.16.5.77", 7, b"")
    question = arp.request(guest.mac, guest.address, "172.16.5.77")
    sent = [ethernet.parse(frame) for frame in guest.port.sent()]
    assert arp.build(question) in [frame.body[:28] for frame in sent if frame]
    assert "172.16.5.77" not in guest.neighbours()


def test_an_offer_can_be_changed_in_parts(hotel: HotelRouter, guest: Client) -> None:
    hotel.dhcp.change(replace(hotel.dhcp.offer, router="172.16.5.254"))
    assert guest.join().address(dhcp.ROUTER) == "172.16.5.254"

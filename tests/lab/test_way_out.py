"""TCP of a guest through the emulated hotel to real sockets, and what a censor does to it."""

import json
import random
import socket
import threading
from collections.abc import Iterator

import pytest

from undertow.lab import LabError, censor
from undertow.lab.ethernet import Client, HotelRouter, Switch
from undertow.lab.impairment import Impairment
from undertow.lab.packets import dhcp

GATEWAY = "192.0.2.2"
DATA = random.Random(5).randbytes(200_000)


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
def server(hotel: HotelRouter) -> Iterator[socket.socket]:
    """A TCP socket of this machine that listens, and is 192.0.2.2:443 for guests."""
    with socket.create_server(("127.0.0.1", 0)) as made:
        made.settimeout(5.0)
        hotel.nat.reach_tcp(GATEWAY, 443, made.getsockname()[1])
        yield made


def echo(server: socket.socket) -> threading.Thread:
    """Answer one connection with what it says, to its end."""

    def serve() -> None:
        with server.accept()[0] as connection:
            while data := connection.recv(65_536):
                connection.sendall(data)

    thread = threading.Thread(target=serve)
    thread.start()
    return thread


BAD = Impairment(lost=0.1, reordered=0.1, duplicated=0.05, delay_s=0.003)


@pytest.mark.parametrize("impairment", [None, BAD], ids=["good", "bad"])
def test_bytes_come_whole_both_ways_and_so_do_both_ends(
    guest: Client, server: socket.socket, impairment: Impairment | None
) -> None:
    thread = echo(server)
    stream = guest.connect(GATEWAY, 443)
    guest.port.impair(impairment)
    stream.send(DATA)
    stream.close()
    assert stream.receive_all(60.0) == DATA
    thread.join(5.0)
    assert not thread.is_alive()


def test_what_a_slow_server_does_not_take_waits_with_the_guest(
    guest: Client, server: socket.socket, hotel: HotelRouter
) -> None:
    stream = guest.connect(GATEWAY, 443)
    connection, _ = server.accept()
    whole = DATA * 40  # 8 MB: more than all buffers between
    stream.send(whole)
    guest.loop.wait_until(lambda: stream.connection._their_window < 1460, 10.0, lambda: "no stop")
    assert stream.connection.waiting > len(whole) // 4
    got = bytearray()
    connection.settimeout(10.0)
    while len(got) < len(whole):
        got += connection.recv(1 << 20)
    assert got == whole
    connection.close()


def test_a_refusal_and_a_reset_are_passed_on(guest: Client, server: socket.socket) -> None:
    stream = guest.connect(GATEWAY, 443)
    connection, _ = server.accept()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    connection.close()
    guest.loop.wait_until(lambda: stream.connection.reset, 5.0, lambda: "no reset")
    other = guest.connect(GATEWAY, 443)
    connection, _ = server.accept()
    guest.loop.call(other.connection.abort)
    with pytest.raises(ConnectionResetError):
        connection.recv(1)
    connection.close()
    server.close()
    with pytest.raises(LabError, match="refused"):
        guest.connect(GATEWAY, 443)


def test_where_nobody_is_there_is_silence(guest: Client, hotel: HotelRouter) -> None:
    with pytest.raises(LabError, match="no answer"):
        guest.connect("198.51.100.9", 443, timeout_s=0.3)
    assert hotel.nat.dropped > 0


def test_a_connection_does_not_survive_a_router_that_forgets(
    guest: Client, server: socket.socket, hotel: HotelRouter
) -> None:
    stream = guest.connect(GATEWAY, 443)
    server.accept()[0].close()
    hotel.nat.rebind()
    stream.send(b"still there?")
    guest.loop.wait_until(lambda: stream.connection.reset, 5.0, lambda: "no reset")


# --- with a censor ---


def test_a_profile_that_is_switched_live_holds_from_the_next_packet(
    guest: Client, server: socket.socket, hotel: HotelRouter
) -> None:
    thread = echo(server)
    stream = guest.connect(GATEWAY, 443)
    stream.send(b"before")
    assert stream.receive(6) == b"before"
    hotel.censor.become(censor.Blackout())
    stream.send(b"after")
    with pytest.raises(LabError, match="too little"):
        stream.receive(5, 0.5)
    hotel.censor.become(censor.Open())
    assert stream.receive(5) == b"after"
    assert hotel.censor.dropped["blackout"] >= 2
    stream.close()
    thread.join(5.0)


def test_an_injected_reset_ends_both_ends(
    guest: Client, server: socket.socket, hotel: HotelRouter
) -> None:
    hotel.censor.become(censor.RstInjection())
    stream = guest.connect(GATEWAY, 443)
    connection, _ = server.accept()
    connection.settimeout(5.0)
    stream.send(b"\x00\x94" + bytes(range(148)))
    guest.loop.wait_until(lambda: stream.connection.reset, 5.0, lambda: "no reset")
    with pytest.raises(ConnectionResetError):
        while connection.recv(1000):
            pass
    connection.close()


def test_a_frozen_connection_stays_open_and_carries_nothing_more(
    guest: Client, server: socket.socket, hotel: HotelRouter
) -> None:
    hotel.censor.become(censor.Freeze())
    stream = guest.connect(GATEWAY, 443)
    connection, _ = server.accept()
    connection.settimeout(0.6)
    stream.send(bytes(100_000))
    got = 0
    with pytest.raises(TimeoutError):
        while True:
            got += len(connection.recv(65_536))
    assert 14_000 < got <= 16_384
    assert not stream.connection.reset
    connection.close()


def test_a_name_is_falsified_by_the_hotel(guest: Client, hotel: HotelRouter) -> None:
    hotel.names["gateway.example"] = (GATEWAY,)
    hotel.censor.become(censor.DnsFalsified("198.18.0.66"))
    assert guest.resolve("gateway.example").addresses == ("198.18.0.66",)
    hotel.censor.become(censor.Open())
    assert guest.resolve("gateway.example").addresses == (GATEWAY,)


# --- signing in ---


def get(guest: Client, host: str, path: str = "/", method: str = "GET") -> tuple[str, str]:
    """The head and the body of a page."""
    stream = guest.connect(host, 80, 5.0)
    stream.send(f"{method} {path} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
    head, _, body = stream.receive_all(5.0).decode().partition("\r\n\r\n")
    stream.close()
    return head, body


def test_a_guest_who_signs_in_gets_out_and_others_do_not(
    guest: Client, server: socket.socket, hotel: HotelRouter, switch: Switch
) -> None:
    portal = hotel.portal()
    hotel.censor.become(portal)
    head, _ = get(guest, "203.0.113.80", "/generate_204")
    assert head.startswith("HTTP/1.1 302 ")
    assert f"Location: http://{hotel.address}:80/" in head
    with pytest.raises(LabError, match="no answer"):
        guest.connect(GATEWAY, 443, timeout_s=0.3)
    state = json.loads(get(guest, hotel.address, "/api")[1])
    assert state == {"captive": True, "user-portal-url": portal.url()}
    assert "I accept" in get(guest, hotel.address)[1]
    assert "online" in get(guest, hotel.address, "/sign-in", "POST")[1]
    assert json.loads(get(guest, hotel.address, "/api")[1])["captive"] is False
    guest.connect(GATEWAY, 443).close()
    other = Client(switch, "other", number=2)
    other.join()
    with pytest.raises(LabError, match="no answer"):
        other.connect(GATEWAY, 443, timeout_s=0.3)


def test_a_portal_is_told_by_dhcp_where_it_is_wanted(hotel: HotelRouter, guest: Client) -> None:
    portal = hotel.portal()
    hotel.dhcp.set_options({censor.OPTION: portal.url("/api").encode()})
    assert guest.join().options[censor.OPTION] == b"http://172.16.5.1:80/api"
    assert dhcp.ROUTER in guest.join().options


def test_without_a_portal_the_hotel_has_no_web_server(hotel: HotelRouter, guest: Client) -> None:
    with pytest.raises(LabError, match="refused"):
        guest.connect(hotel.address, 80)

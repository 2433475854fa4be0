"""The gateway without root, and the world behind it: TCP and a tunnel that others understand."""

import socket
from base64 import b64decode, b64encode
from collections.abc import Iterator

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from undertow.lab import LabError
from undertow.lab.ethernet import Client, Loop, Station, Stream, Switch
from undertow.lab.ethernet.gateway import Gateway
from undertow.lab.ethernet.world import BULK, ECHO, WEB, World
from undertow.lab.impairment import Impairment
from undertow.lab.initiator import Initiator, Session
from undertow.lab.packets import dns, ipv4, is_pong, ping


class Street(Station):
    """A router without a tunnel: whatever it is handed goes to the world."""

    def __init__(self, switch: Switch) -> None:
        super().__init__(switch, "street", b"\2street"[:6], "10.0.0.1")
        self.world = World(self.loop, self.send)

    def receive_packet(self, packet: ipv4.Packet, mac: bytes) -> None:
        self.world.take(packet)


@pytest.fixture
def street(switch: Switch) -> Street:
    """The world's end of the cable."""
    return Street(switch)


@pytest.fixture
def client(street: Street, switch: Switch) -> Client:
    """A client who reaches the world."""
    made = Client(switch, "client")
    made.set_address("10.0.0.2", 24, "10.0.0.1")
    return made


BAD = Impairment(lost=0.1, delay_s=0.005, reordered=0.2, duplicated=0.1)


@pytest.mark.parametrize("impairment", [None, BAD], ids=["good", "bad"])
def test_tcp_brings_everything_in_order(
    client: Client, street: Street, impairment: Impairment | None
) -> None:
    stream = client.connect("198.51.100.7", ECHO)
    client.port.impair(impairment)
    sent = bytes(range(256)) * 200
    stream.send(sent)
    assert stream.receive(len(sent), timeout_s=20.0) == sent
    stream.close()
    assert stream.receive_all() == b""


def test_a_page_comes_and_ends(client: Client) -> None:
    stream = client.connect("198.51.100.7", WEB)
    stream.send(b"GET / HTTP/1.0\r\n\r\n")
    assert stream.receive_all().endswith(b"hello\n")
    stream.close()
    client.loop.wait_until(lambda: stream.connection.closed, 2.0, lambda: "no last word")


def test_fifty_connections_at_once_keep_apart(client: Client) -> None:
    streams: list[Stream] = [client.start_connecting("198.51.100.7", BULK) for _ in range(50)]
    for size, stream in enumerate(streams):
        stream.wait_established(5.0)
        stream.send(b"%d\n" % (1000 + size))
    assert [len(stream.receive_all()) for stream in streams] == list(range(1000, 1050))


def test_a_closed_door_refuses(client: Client) -> None:
    with pytest.raises(LabError, match="refused"):
        client.connect("198.51.100.7", 99)


def test_the_world_answers_pings_datagrams_and_names(client: Client, street: Street) -> None:
    street.world.names["web.example"] = ("203.0.113.80",)
    assert client.ping("203.0.113.80") is not None
    answer = client.ask("203.0.113.80", ECHO, b"question")
    assert answer is not None
    assert (answer.source, answer.payload) == ("203.0.113.80", b"question")
    assert client.resolve("web.example", "9.9.9.9").addresses == ("203.0.113.80",)
    assert client.resolve("other.example", "9.9.9.9").code == dns.NXDOMAIN
    assert street.world.asked == ["web.example", "other.example"]


@pytest.fixture
def gateway(loop: Loop) -> Iterator[Gateway]:
    """A gateway that knows nobody yet."""
    made = Gateway(loop)
    yield made
    made.close()


@pytest.fixture
def outside(gateway: Gateway) -> Iterator[socket.socket]:
    """A UDP socket that talks with it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as made:
        made.connect(("127.0.0.1", gateway.port))
        made.settimeout(2.0)
        yield made


def shake_hands(gateway: Gateway, outside: socket.socket, key: bytes) -> Session:
    initiator = Initiator(key, b64decode(gateway.public_key))
    outside.send(initiator.initiation())
    return initiator.finish(outside.recv(2048))


def has_pong(outside: socket.socket, session: Session, number: int) -> bool:
    outside.send(session.seal(ping("10.7.0.1", "8.8.8.8", number)))
    return is_pong(session.open(outside.recv(2048)), "8.8.8.8", number)


def test_an_independent_peer_reaches_the_world_also_after_a_restart(
    gateway: Gateway, outside: socket.socket
) -> None:
    key = X25519PrivateKey.generate()
    public = b64encode(key.public_key().public_bytes_raw()).decode()
    gateway.admit(public, "10.7.0.1/32")
    session = shake_hands(gateway, outside, key.private_bytes_raw())
    assert has_pong(outside, session, 1)
    assert gateway.handshakes() == 1
    gateway.restart()
    assert gateway.handshakes() == 0
    outside.settimeout(0.2)
    with pytest.raises(TimeoutError):
        has_pong(outside, session, 2)
    outside.settimeout(2.0)
    assert has_pong(outside, shake_hands(gateway, outside, key.private_bytes_raw()), 3)


def test_a_stranger_gets_no_answer(gateway: Gateway, outside: socket.socket) -> None:
    outside.settimeout(0.2)
    with pytest.raises(TimeoutError):
        shake_hands(gateway, outside, X25519PrivateKey.generate().private_bytes_raw())

"""The gateway without root has the carriers of the real one, asked here by an independent peer."""

import base64
import os
import socket
import ssl
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from carrier import inside
from carrier.framing import DATAGRAM, LENGTH, WEBSOCKET_CLIENT, Decoder, encode
from carrier.websocket import ONCE_NONCE_LEN, accept_of, once_path
from undertow.lab.ethernet import Loop
from undertow.lab.ethernet.doors import NAME, UDP_PORTS, Doors
from undertow.lab.ethernet.gateway import INSIDE, Gateway
from undertow.lab.initiator import Initiator, Session
from undertow.lab.packets import ipv4, is_pong, ping, udp
from wg import config

INITIATION, RESPONSE, DATA = 1, 2, 4
ADDRESS = "10.7.0.1"


@pytest.fixture
def gateway(loop: Loop) -> Iterator[Gateway]:
    """A gateway with carriers."""
    made = Gateway(loop, has_carriers=True)
    yield made
    made.close()


@pytest.fixture
def doors(gateway: Gateway) -> Doors:
    """Its carriers."""
    assert gateway.doors is not None
    return gateway.doors


Ask = Callable[[bytes], None]
Hear = Callable[[], bytes]


class Peer:
    """A box written from the paper, over any two functions that carry datagrams."""

    def __init__(self, gateway: Gateway, send: Ask, hear: Hear, shaped: bool = False) -> None:
        self._send, self._hear = send, hear
        assert gateway.doors is not None
        self._shape = gateway.doors.shape() if shaped else None
        key = X25519PrivateKey.generate()
        gateway.admit(b64encode(key.public_key().public_bytes_raw()).decode(), f"{ADDRESS}/32")
        initiator = Initiator(key.private_bytes_raw(), b64decode(gateway.public_key))
        self.send(INITIATION, initiator.initiation())
        self.session: Session = initiator.finish(self.hear())

    def send(self, kind: int, message: bytes) -> None:
        if self._shape is not None:
            room = self._shape.room(kind)
            whole = bytearray(room) + bytearray(message)
            self._shape.wrap(kind, whole)
            message = bytes(whole)
        self._send(message)

    def hear(self) -> bytes:
        datagram = bytearray(self._hear())
        if self._shape is None:
            return bytes(datagram)
        kind, offset, _ = self._shape.open(datagram)
        assert kind > 0, "it is not in the shape"
        return bytes(datagram[offset:])

    def has_pong(self, number: int = 1) -> bool:
        self.send(DATA, self.session.seal(ping(ADDRESS, "8.8.8.8", number)))
        return is_pong(self.session.open(self.hear()), "8.8.8.8", number)


@pytest.mark.parametrize("shaped", [False, True], ids=["plain", "shaped"])
@pytest.mark.parametrize("port", UDP_PORTS)
def test_every_udp_port_answers_from_itself(
    gateway: Gateway, doors: Doors, port: int, shaped: bool
) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as made:
        made.connect(("127.0.0.1", doors.udp[port]))  # and so hears no other
        made.settimeout(2.0)
        assert Peer(gateway, made.send, lambda: made.recv(4096), shaped).has_pong()


class Stream:
    """Datagrams over a connected socket."""

    def __init__(self, connection: socket.socket, framing: int) -> None:
        connection.settimeout(5.0)
        self._connection = connection
        self._framing = framing
        self._decoder = Decoder(framing)
        self._found: list[bytes] = []

    def send(self, datagram: bytes) -> None:
        mask = os.urandom(4) if self._framing == WEBSOCKET_CLIENT else b""
        self._connection.sendall(encode(self._framing, datagram, mask))

    def hear(self) -> bytes:
        while not self._found:
            data = self._connection.recv(65_536)
            assert data, "it hung up"
            self._found += [what for kind, what in self._decoder.feed(data) if kind == DATAGRAM]
        return self._found.pop(0)


def upgrade(connection: socket.socket, path: str) -> bytes:
    """Ask for a WebSocket; the head of the answer."""
    key = base64.b64encode(os.urandom(16)).decode()
    lines = [f"GET {path} HTTP/1.1", f"Host: {NAME}", "Upgrade: websocket", "Connection: Upgrade"]
    lines += [f"Sec-WebSocket-Key: {key}", "Sec-WebSocket-Version: 13", "", ""]
    connection.sendall("\r\n".join(lines).encode())
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        part = connection.recv(1)
        if not part:
            break
        head += part
    assert b" 101 " not in head or accept_of(key).encode() in head
    return head


def settings(gateway: Gateway) -> config.Configuration:
    """What a box reads in its document."""
    text = gateway.box_file("192.0.2.2:51820", ADDRESS)
    own = b64encode(os.urandom(32)).decode()
    return config.parse(
        bytearray(text.replace("[Interface]\n", f"[Interface]\nPrivateKey = {own}\n").encode())
    )


def open_stream(gateway: Gateway, doors: Doors, kind: str) -> tuple[socket.socket, int]:
    """A box's stream by this kind, as its document says; and the framing of it."""
    port = 443 if kind == "TLS" else 80
    connection = socket.create_connection(("127.0.0.1", doors.tcp[port]))
    connection.settimeout(5.0)
    if kind == "TCP":
        return connection, LENGTH
    if kind == "TLS":
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        connection = context.wrap_socket(connection, server_hostname=NAME)
    carriers = settings(gateway).carriers
    assert carriers is not None
    assert carriers.path is not None
    path = bytes(carriers.path)
    if kind == "WS":
        path = bytes(once_path(path, os.urandom(ONCE_NONCE_LEN)))
    assert b" 101 " in upgrade(connection, path.decode())
    return connection, WEBSOCKET_CLIENT


@pytest.mark.parametrize("shaped", [False, True], ids=["plain", "shaped"])
@pytest.mark.parametrize("kind", ["TCP", "WS", "TLS"])
def test_every_kind_of_stream_leads_into_the_tunnel(
    gateway: Gateway, doors: Doors, kind: str, shaped: bool
) -> None:
    connection, framing = open_stream(gateway, doors, kind)
    with connection:
        stream = Stream(connection, framing)
        peer = Peer(gateway, stream.send, stream.hear, shaped)
        assert all(peer.has_pong(number) for number in range(1, 20))
        assert doors.streams() == 1
    gateway.loop.wait_until(lambda: not doors.streams(), 5.0, lambda: "the stream stays")


def test_a_tunnel_moves_from_door_to_door_and_keeps_its_keys(
    gateway: Gateway, doors: Doors
) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as made:
        made.connect(("127.0.0.1", doors.udp[443]))
        made.settimeout(2.0)
        peer = Peer(gateway, made.send, lambda: made.recv(4096))
        assert peer.has_pong(1)
    # A stream of UDP over TCP begins with a handshake; a WebSocket with what it likes.
    connection, framing = open_stream(gateway, doors, "TLS")
    with connection:
        stream = Stream(connection, framing)
        peer._send, peer._hear = stream.send, stream.hear
        assert peer.has_pong(2)
    assert gateway.handshakes() == 1


def test_strangers_see_a_web_site_and_hear_nothing_by_udp(gateway: Gateway, doors: Doors) -> None:
    with socket.create_connection(("127.0.0.1", doors.tcp[443])) as plain:
        plain.settimeout(5.0)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        with context.wrap_socket(plain, server_hostname=NAME) as tls:
            assert b" 404 " in upgrade(tls, "/" + 32 * "0")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as made:
        made.connect(("127.0.0.1", doors.udp[443]))
        made.settimeout(0.2)
        made.send(os.urandom(164))
        with pytest.raises(TimeoutError):
            made.recv(100)


def test_the_document_says_how_to_come(gateway: Gateway) -> None:
    found = settings(gateway)
    assert found.carriers is not None
    assert found.carriers.udp == list(UDP_PORTS)
    assert (found.carriers.tls, found.carriers.ws, found.carriers.tcp) == ([443], [80], [80])
    assert found.carriers.inside == (socket.inet_aton(INSIDE[0]), INSIDE[1])
    assert found.interface.shape is not None
    assert found.interface.shape.sizes == [16, 16, 16, 16]


def test_inside_the_tunnel_it_echoes_whole_packets(gateway: Gateway, doors: Doors) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as made:
        made.connect(("127.0.0.1", doors.udp[53]))
        made.settimeout(2.0)
        peer = Peer(gateway, made.send, lambda: made.recv(4096), shaped=True)
        question = inside.message(inside.ECHO, b"token123", 7, bytes(1300))
        packet = udp.build(ADDRESS, INSIDE[0], udp.Datagram(4000, INSIDE[1], bytes(question)))
        peer.send(DATA, peer.session.seal(ipv4.build(packet)))
        answer = ipv4.parse(peer.session.open(peer.hear()))
        assert answer is not None
        back = udp.parse(answer)
        assert back is not None
        assert (back.source_port, back.destination_port) == (INSIDE[1], 4000)
        message = inside.read(back.payload)
        assert message is not None
        assert (message.kind, message.token, message.sequence) == (inside.ECHOED, b"token123", 7)
        assert len(back.payload) == len(question)

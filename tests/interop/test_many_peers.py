"""Three hundred peers on one interface, each a peer of its own written from the paper."""

import contextlib
import ipaddress
import time
from base64 import b64decode, b64encode
from collections.abc import Iterator

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from undertow.lab import Implementation, Lab, Namespace, PeerSettings, Tunnel, connect
from undertow.lab.initiator import Initiator, Session, tai64n
from undertow.lab.packets import is_pong, ping
from undertow.lab.pair import PORT, Pair

COUNT = 300
GATEWAY = "192.0.2.1"
GATEWAY_INNER = "10.8.0.1"


class RemotePeer:
    """A peer at its own outer address, so that no limit per source stands in its way."""

    def __init__(self, number: int, namespace: Namespace) -> None:
        self.inner = str(ipaddress.ip_address("10.8.1.0") + number)
        self.private = X25519PrivateKey.generate().private_bytes_raw()
        self.public = b64encode(
            X25519PrivateKey.from_private_bytes(self.private).public_key().public_bytes_raw()
        ).decode()
        self.socket = namespace.socket()
        self.socket.settimeout(2.0)
        self.socket.bind((str(ipaddress.ip_address("198.18.0.0") + number), 0))
        self.socket.connect((GATEWAY, PORT))

    def shake_hands(self, responder_public: bytes, timestamp: bytes | None = None) -> Session:
        """A session with the responder; TimeoutError if it keeps silent."""
        initiator = Initiator(self.private, responder_public)
        initiation = initiator.initiation(timestamp)
        self.socket.send(initiation)
        while True:
            answer = self.socket.recv(2048)
            if answer[0] == 3:
                # Three hundred handshakes at once may look like a flood.
                self.socket.send(initiator.with_cookie(initiation, answer))
            elif answer[0] == 2:
                return initiator.finish(answer)

    def has_answer(self, session: Session, number: int) -> bool:
        """Whether the gateway answers a ping through the tunnel."""
        self.socket.send(session.seal(ping(self.inner, GATEWAY_INNER, number)))
        with contextlib.suppress(TimeoutError):
            while True:
                answer = self.socket.recv(2048)
                if answer[0] == 4 and is_pong(session.open(answer), GATEWAY_INNER, number):
                    return True
        return False


def make_gateway(lab: Lab, implementation: Implementation) -> tuple[Tunnel, Namespace]:
    """A tunnel without peers, and the place where peers with many addresses live."""
    right, crowd = lab.namespace("right"), lab.namespace("crowd")
    connect(right, "eth0", crowd, "eth0")
    right.address("eth0", f"{GATEWAY}/24")
    crowd.address("eth0", "192.0.2.2/24")
    crowd.ip("route", "add", "local", "198.18.0.0/16", "dev", "lo")
    right.route("198.18.0.0/16", "via", "192.0.2.2")
    return Tunnel(implementation, right, lab.interface_name("many"), ("10.8.0.1/16",)), crowd


@pytest.fixture
def gateway(lab: Lab, pair: Pair) -> tuple[Tunnel, Namespace]:
    """The responder of the pair as a gateway."""
    return make_gateway(lab, pair.responder)


@contextlib.contextmanager
def remote_peers(namespace: Namespace, count: int) -> Iterator[list[RemotePeer]]:
    """So many peers, with sockets that close at the end."""
    with contextlib.ExitStack() as stack:
        peers = [RemotePeer(number, namespace) for number in range(count)]
        for peer in peers:
            stack.callback(peer.socket.close)
        yield peers


def test_three_hundred_peers_have_sessions_at_once(gateway: tuple[Tunnel, Namespace]) -> None:
    tunnel, crowd = gateway
    public = b64decode(tunnel.key.public)
    with remote_peers(crowd, COUNT) as peers:
        known = tuple(PeerSettings(peer.public, (f"{peer.inner}/32",)) for peer in peers)
        tunnel.start(PORT, known)
        sessions = []
        for peer in peers:
            sessions.append(peer.shake_hands(public))
            assert peer.has_answer(sessions[-1], 1)
        for peer, session in zip(peers, sessions, strict=True):
            assert peer.has_answer(session, 2), "an early session died of the later ones"
        status = tunnel.status()
        assert len(status.peers) == COUNT
        assert all(peer.last_handshake_s > 0 for peer in status.peers.values())
        assert {peer.endpoint for peer in status.peers.values()} == {
            "{}:{}".format(*peer.socket.getsockname()) for peer in peers
        }


def test_peers_may_only_use_their_own_addresses(gateway: tuple[Tunnel, Namespace]) -> None:
    tunnel, crowd = gateway
    with remote_peers(crowd, 2) as (honest, liar):
        known = tuple(PeerSettings(peer.public, (f"{peer.inner}/32",)) for peer in (honest, liar))
        tunnel.start(PORT, known)
        session = liar.shake_hands(b64decode(tunnel.key.public))
        assert liar.has_answer(session, 1)
        liar.socket.settimeout(0.5)
        own, liar.inner = liar.inner, honest.inner
        assert not liar.has_answer(session, 2)
        liar.inner = own
        assert liar.has_answer(session, 3)


def test_replayed_messages_are_dropped(gateway: tuple[Tunnel, Namespace]) -> None:
    tunnel, crowd = gateway
    with remote_peers(crowd, 1) as (peer,):
        tunnel.start(PORT, (PeerSettings(peer.public, (f"{peer.inner}/32",)),))
        session = peer.shake_hands(b64decode(tunnel.key.public))
        assert peer.has_answer(session, 1)
        session.counter = 0
        peer.socket.settimeout(0.5)
        assert not peer.has_answer(session, 2), "counter 0 was used before"
        session.counter = 100
        assert peer.has_answer(session, 3)
        session.counter = 50
        assert peer.has_answer(session, 4), "late, but inside of the window"


def test_a_replay_from_elsewhere_does_not_move_the_endpoint(
    gateway: tuple[Tunnel, Namespace],
) -> None:
    tunnel, crowd = gateway
    with remote_peers(crowd, 2) as (peer, thief):
        tunnel.start(PORT, (PeerSettings(peer.public, (f"{peer.inner}/32",)),))
        session = peer.shake_hands(b64decode(tunnel.key.public))
        message = session.seal(ping(peer.inner, GATEWAY_INNER, 1))
        keepalive = session.seal(b"")
        peer.socket.send(message)
        assert is_pong(session.open(peer.socket.recv(2048)), GATEWAY_INNER, 1)
        peer.socket.send(keepalive)
        thief.socket.send(message)
        thief.socket.send(keepalive)
        thief.socket.send(message[:-1] + bytes([message[-1] ^ 1]))
        time.sleep(0.2)
        endpoint = tunnel.status().peers[peer.public].endpoint
        assert endpoint == "{}:{}".format(*peer.socket.getsockname())


def test_an_old_timestamp_is_refused(gateway: tuple[Tunnel, Namespace]) -> None:
    tunnel, crowd = gateway
    public = b64decode(tunnel.key.public)
    with remote_peers(crowd, 1) as (peer,):
        tunnel.start(PORT, (PeerSettings(peer.public, (f"{peer.inner}/32",)),))
        stamp = tai64n()
        peer.shake_hands(public, stamp)
        time.sleep(0.1)  # some responders limit the initiations of one peer to 50 a second
        peer.socket.settimeout(0.5)
        with pytest.raises(TimeoutError):
            peer.shake_hands(public, stamp)
        session = peer.shake_hands(public)
        assert peer.has_answer(session, 1)


def test_forged_data_is_dropped(gateway: tuple[Tunnel, Namespace]) -> None:
    tunnel, crowd = gateway
    with remote_peers(crowd, 1) as (peer,):
        tunnel.start(PORT, (PeerSettings(peer.public, (f"{peer.inner}/32",)),))
        session = peer.shake_hands(b64decode(tunnel.key.public))
        peer.socket.settimeout(0.3)
        for length in (1, 4, 16, 31, 32, 33, 92, 148, 64):
            peer.socket.send((4).to_bytes(4, "little").ljust(length, b"\xff")[:length])
        message = bytearray(session.seal(ping(peer.inner, GATEWAY_INNER, 1)))
        message[40] ^= 1
        peer.socket.send(message)
        with pytest.raises((TimeoutError, InvalidTag)):
            session.open(peer.socket.recv(2048))
        assert peer.has_answer(session, 2)

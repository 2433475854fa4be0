"""Three hundred peers on one interface, each a peer of its own written from the paper."""

import time

import pytest
from cryptography.exceptions import InvalidTag

from undertow.lab import Lab, Namespace, Tunnel
from undertow.lab.crowd import GATEWAY_INNER, make_gateway, remote_peers
from undertow.lab.initiator import tai64n
from undertow.lab.packets import is_pong, ping
from undertow.lab.pair import PORT, Pair

COUNT = 300


@pytest.fixture
def gateway(lab: Lab, pair: Pair) -> tuple[Tunnel, Namespace]:
    """The responder of the pair as a gateway."""
    return make_gateway(lab, pair.responder)


def test_three_hundred_peers_have_sessions_at_once(gateway: tuple[Tunnel, Namespace]) -> None:
    tunnel, crowd = gateway
    with remote_peers(crowd, COUNT) as peers:
        known = tuple(peer.settings() for peer in peers)
        tunnel.start(PORT, known)
        sessions = []
        for peer in peers:
            sessions.append(peer.shake_hands(tunnel))
            assert peer.has_answer(sessions[-1], 1)
        for peer, session in zip(peers, sessions, strict=True):
            assert peer.has_answer(session, 2), "an early session died of the later ones"
        status = tunnel.status()
        assert len(status.peers) == COUNT
        assert all(peer.last_handshake_s > 0 for peer in status.peers.values())
        assert {peer.endpoint for peer in status.peers.values()} == {
            peer.endpoint() for peer in peers
        }


def test_peers_may_only_use_their_own_addresses(gateway: tuple[Tunnel, Namespace]) -> None:
    tunnel, crowd = gateway
    with remote_peers(crowd, 2) as (honest, liar):
        known = tuple(peer.settings() for peer in (honest, liar))
        tunnel.start(PORT, known)
        session = liar.shake_hands(tunnel)
        assert liar.has_answer(session, 1)
        liar.socket.settimeout(0.5)
        own, liar.inner = liar.inner, honest.inner
        assert not liar.has_answer(session, 2)
        liar.inner = own
        assert liar.has_answer(session, 3)


def test_replayed_messages_are_dropped(gateway: tuple[Tunnel, Namespace]) -> None:
    tunnel, crowd = gateway
    with remote_peers(crowd, 1) as (peer,):
        tunnel.start(PORT, (peer.settings(),))
        session = peer.shake_hands(tunnel)
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
        tunnel.start(PORT, (peer.settings(),))
        session = peer.shake_hands(tunnel)
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
        assert endpoint == peer.endpoint()


def test_an_old_timestamp_is_refused(gateway: tuple[Tunnel, Namespace]) -> None:
    tunnel, crowd = gateway
    with remote_peers(crowd, 1) as (peer,):
        tunnel.start(PORT, (peer.settings(),))
        stamp = tai64n()
        peer.shake_hands(tunnel, stamp)
        time.sleep(0.1)  # some responders limit the initiations of one peer to 50 a second
        peer.socket.settimeout(0.5)
        with pytest.raises(TimeoutError):
            peer.shake_hands(tunnel, stamp)
        session = peer.shake_hands(tunnel)
        assert peer.has_answer(session, 1)


def test_sessions_replace_each_other_without_a_gap(gateway: tuple[Tunnel, Namespace]) -> None:
    tunnel, crowd = gateway
    with remote_peers(crowd, 1) as (peer,):
        tunnel.start(PORT, (peer.settings(),))
        peer.socket.settimeout(0.5)
        first = peer.shake_hands(tunnel)
        assert peer.has_answer(first, 1)
        time.sleep(0.1)
        second = peer.shake_hands(tunnel)
        assert peer.has_answer(first, 2), "nothing has come under the second one yet"
        assert peer.has_answer(second, 3)
        # What was under way under the first one is taken; the answer comes under the second.
        peer.socket.send(first.seal(ping(peer.inner, GATEWAY_INNER, 4)))
        assert is_pong(second.open(peer.socket.recv(2048)), GATEWAY_INNER, 4)
        time.sleep(0.1)
        third = peer.shake_hands(tunnel)
        assert peer.has_answer(third, 5)
        assert not peer.has_answer(first, 6), "two sessions back is too far"


def test_forged_data_is_dropped(gateway: tuple[Tunnel, Namespace]) -> None:
    tunnel, crowd = gateway
    with remote_peers(crowd, 1) as (peer,):
        tunnel.start(PORT, (peer.settings(),))
        session = peer.shake_hands(tunnel)
        peer.socket.settimeout(0.3)
        for length in (1, 4, 16, 31, 32, 33, 92, 148, 64):
            peer.socket.send((4).to_bytes(4, "little").ljust(length, b"\xff")[:length])
        message = bytearray(session.seal(ping(peer.inner, GATEWAY_INNER, 1)))
        message[40] ^= 1
        peer.socket.send(message)
        with pytest.raises((TimeoutError, InvalidTag)):
            session.open(peer.socket.recv(2048))
        assert peer.has_answer(session, 2)

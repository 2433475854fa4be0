"""Handshakes and data between two implementations, each in each role."""

import time

import pytest

from undertow.lab import Caller, Capture, Echo, Lab
from undertow.lab.pair import (
    LEFT_INNER,
    LEFT_OUTER,
    PORT,
    RIGHT_INNER,
    Ends,
    Pair,
    join,
    make_direct,
)
from undertow.lab.tunnel import make_preshared_key

SIZES = (1, 64, 1372)


def answered(ends: Ends, backwards: bool = False, sizes: tuple[int, ...] = SIZES) -> bool:
    """Whether echoes of all sizes cross the tunnel, over IPv4 and IPv6 inside."""
    here, there = (ends.right, ends.left) if backwards else (ends.left, ends.right)
    for address in LEFT_INNER if backwards else RIGHT_INNER:
        with Echo(there, address), Caller(here, address) as caller:
            for size in sizes:
                if caller.ask(3.0, max(size, 8)) is None:
                    return False
    return True


@pytest.mark.parametrize("with_psk", [False, True], ids=["plain", "psk"])
@pytest.mark.parametrize("outer", [4, 6], ids=["over-ipv4", "over-ipv6"])
def test_both_address_families_cross_the_tunnel(
    lab: Lab, pair: Pair, outer: int, with_psk: bool
) -> None:
    ends = make_direct(lab, pair, outer, with_psk).start()
    with Capture(ends.left, "eth0") as capture:
        assert answered(ends)
        assert answered(ends, backwards=True)
    seen = list(capture.datagrams())
    assert [datagram.payload[0] for datagram in seen[:2]] == [1, 2]
    assert seen[0].outgoing
    assert {datagram.payload[0] for datagram in seen} == {1, 2, 4}
    # Transport data: header 16, tag 16, and the packet padded to 16 but never beyond the MTU.
    lengths = {len(datagram.payload) - 32 for datagram in seen[2:]}
    assert all(length % 16 == 0 or length == ends.initiator.mtu for length in lengths)
    assert not capture.contains(b"." * 32)


def test_both_ends_tell_the_same_story(lab: Lab, pair: Pair) -> None:
    ends = make_direct(lab, pair, with_psk=True).start()
    begin = int(time.time())
    assert answered(ends)
    left, right = ends.initiator.status(), ends.responder.status()
    of_right, of_left = left.peers[right.public_key or ""], right.peers[left.public_key or ""]
    assert of_right.endpoint == join(ends.reach, PORT)
    assert of_left.endpoint == join(LEFT_OUTER[0], left.listen_port)
    assert of_left.received == of_right.sent > 0
    assert of_right.received == of_left.sent > 0
    for peer in (of_left, of_right):
        assert begin <= peer.last_handshake_s <= int(time.time())
        assert peer.preshared_key == ends.preshared_key


def test_different_preshared_keys_make_no_session(lab: Lab, pair: Pair) -> None:
    ends = make_direct(lab, pair, with_psk=True)
    ends.responder.start(PORT, (ends.settings_of_initiator(),))
    ends.preshared_key = make_preshared_key()
    ends.initiator.start(0, (ends.settings_of_responder(),))
    with Capture(ends.left, "eth0") as capture, Caller(ends.left, RIGHT_INNER[0]) as caller:
        assert caller.ask(1.0) is None
    # The response is sealed with the responder's key, so it is the initiator that notices.
    assert {datagram.payload[0] for datagram in capture.datagrams()} == {1, 2}
    assert ends.initiator.status().peers[ends.responder.key.public].last_handshake_s == 0


def test_a_stranger_gets_no_answer(lab: Lab, pair: Pair) -> None:
    ends = make_direct(lab, pair)
    ends.responder.start(PORT)
    ends.initiator.start(0, (ends.settings_of_responder(),))
    with Capture(ends.left, "eth0") as capture, Caller(ends.left, RIGHT_INNER[0]) as caller:
        assert caller.ask(1.0) is None
    assert {datagram.payload[0] for datagram in capture.datagrams()} == {1}


def test_packets_queued_during_the_handshake_arrive(lab: Lab, pair: Pair) -> None:
    ends = make_direct(lab, pair).start()
    with Echo(ends.right, RIGHT_INNER[0]), Caller(ends.left, RIGHT_INNER[0]) as caller:
        assert caller.ask(0.9) is not None, "the very first packet must not be lost"


def test_what_the_peer_may_not_send_is_dropped(lab: Lab, pair: Pair) -> None:
    ends = make_direct(lab, pair).start()
    assert answered(ends, sizes=(64,))
    # A source address outside of the initiator's allowed IPs at the responder.
    ends.left.address(ends.initiator.interface, "10.7.0.99/32")
    with Echo(ends.right, RIGHT_INNER[0]), Caller(ends.left, RIGHT_INNER[0]) as caller:
        caller.bind("10.7.0.99")
        assert caller.ask(0.5) is None
    assert answered(ends, sizes=(64,))

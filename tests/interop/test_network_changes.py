"""The network changes under a live session: new addresses, a NAT that forgets, loss."""

from dataclasses import replace

import pytest

from undertow.lab import Caller, Capture, Echo, Lab, Namespace, Tunnel
from undertow.lab.impairment import Impairment
from undertow.lab.namespace import wait_until
from undertow.lab.pair import (
    LEFT_INNER,
    LEFT_OUTER,
    PORT,
    RIGHT_INNER,
    RIGHT_OUTER,
    Pair,
    join,
    make_behind_nat,
    make_direct,
)
from undertow.lab.relay import Relay

MOVED_OUTER = ("192.0.2.77", "2001:db8:1::77")
MOVED_PORT = 40_000


def port_of(endpoint: str | None) -> int:
    """The port of "address:port"; 0 for none."""
    return int(endpoint.rpartition(":")[2]) if endpoint else 0


def move(namespace: Namespace, tunnel: Tunnel, version: int, old: str, new: str) -> str:
    """Give one end another outer address; what its datagrams' source begins with from now on."""
    if version == 4 and tunnel.implementation.program == "wireguard-go":
        # It clings to a vanished IPv4 source address for 15 s; a new port is as good for the other.
        tunnel.set("listen-port", str(MOVED_PORT))
        return f"{old}:{MOVED_PORT}"
    length = 24 if version == 4 else 64
    namespace.remove_address("eth0", f"{old}/{length}")
    namespace.address("eth0", f"{new}/{length}")
    return join(new, 0).removesuffix("0")


@pytest.mark.parametrize("version", [4, 6], ids=["ipv4", "ipv6"])
def test_the_session_survives_a_move_of_the_initiator(lab: Lab, pair: Pair, version: int) -> None:
    ends = make_direct(lab, pair, version).start()
    old, new = (addresses[version == 6] for addresses in (LEFT_OUTER, MOVED_OUTER))
    with Echo(ends.right, RIGHT_INNER[0]), Caller(ends.left, RIGHT_INNER[0]) as caller:
        caller.wait()
        with Capture(ends.right, "eth0") as capture:
            source = move(ends.left, ends.initiator, version, old, new)
            caller.wait(5.0)
        assert (ends.endpoint_of_initiator() or "").startswith(source)
    moved = [seen for seen in capture.datagrams() if seen.source.startswith(source)]
    assert moved[0].payload[0] == 4, "the session goes on without a new handshake"


@pytest.mark.parametrize("version", [4, 6], ids=["ipv4", "ipv6"])
def test_the_session_survives_a_move_of_the_responder(lab: Lab, pair: Pair, version: int) -> None:
    ends = make_direct(lab, pair, version).start()
    old, new = (addresses[version == 6] for addresses in (RIGHT_OUTER, MOVED_OUTER))
    with (
        Echo(ends.left, LEFT_INNER[0]),
        Echo(ends.right, RIGHT_INNER[0]),
        Caller(ends.left, RIGHT_INNER[0]) as caller,
        Caller(ends.right, LEFT_INNER[0]) as back,
    ):
        caller.wait()
        source = move(ends.right, ends.responder, version, old, new)
        # Only the side that moved knows it: it has to speak first.
        back.wait(5.0)
        assert caller.ask() is not None
    peer = ends.initiator.status().peers[ends.responder.key.public]
    assert (peer.endpoint or "").startswith(source)


def test_keepalives_hold_the_nat_open_and_follow_its_rebinding(lab: Lab, pair: Pair) -> None:
    ends = make_behind_nat(lab, pair).start()
    nat = ends.nat
    assert nat is not None
    with Echo(ends.left, LEFT_INNER[0]), Caller(ends.right, LEFT_INNER[0]) as caller:
        # Nobody on the left has sent a packet: the keepalive alone opens the way.
        caller.wait(5.0)
        assert port_of(ends.endpoint_of_initiator()) in nat.ports()
        nat.rebind()
        wait_until(
            lambda: port_of(ends.endpoint_of_initiator()) in nat.ports(),
            5.0,
            lambda: "no keepalive came through the new binding",
        )
        assert caller.ask(2.0) is not None


def test_a_bad_network_loses_only_what_it_loses_itself(lab: Lab, pair: Pair) -> None:
    ends = make_direct(lab, pair)
    bad = Impairment(delay_s=0.02, jitter_s=0.01, reordered=0.1, duplicated=0.1)
    ends.responder.start(PORT, (ends.settings_of_initiator(),))
    with Relay(ends.right, RIGHT_OUTER[0], PORT + 1, (RIGHT_OUTER[0], PORT), bad):
        known = ends.settings_of_responder()
        ends.initiator.start(0, (replace(known, endpoint=join(RIGHT_OUTER[0], PORT + 1)),))
        with Echo(ends.right, RIGHT_INNER[0]), Caller(ends.left, RIGHT_INNER[0]) as caller:
            caller.wait()
            assert all(caller.ask(2.0) is not None for _ in range(50))


@pytest.mark.ours("initiator")
def test_a_lost_initiation_is_sent_again(lab: Lab, pair: Pair) -> None:
    ends = make_direct(lab, pair)
    ends.responder.start(PORT, (ends.settings_of_initiator(),))
    # With this seed the first datagram is lost and the next twelve are not.
    lossy = Impairment(lost=0.25)
    with Relay(ends.right, RIGHT_OUTER[0], PORT + 1, (RIGHT_OUTER[0], PORT), lossy, seed=43) as way:
        known = ends.settings_of_responder()
        ends.initiator.start(0, (replace(known, endpoint=join(RIGHT_OUTER[0], PORT + 1)),))
        with Echo(ends.right, RIGHT_INNER[0]), Caller(ends.left, RIGHT_INNER[0]) as caller:
            assert caller.ask(8.0) is not None, "also the packet that waited arrives"
        assert way.dropped == 1

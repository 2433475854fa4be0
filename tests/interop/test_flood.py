"""A flood of handshake initiations: strangers have to pay in cookies, others notice little."""

import sys
import time

from undertow.lab import Caller, Capture, Echo, Lab, Namespace, Process, Tunnel, connect
from undertow.lab.pair import (
    LEFT_INNER,
    PORT,
    RIGHT_INNER,
    RIGHT_OUTER,
    Ends,
    Pair,
    join,
    make_direct,
)
from undertow.lab.tunnel import PeerSettings

RATE = 20_000
SECONDS = 20.0  # at most; it is ended when the honest handshake is through
ATTACKER = "198.51.100.66"
NEWCOMER = "198.51.100.77"
NEWCOMER_INNER = "10.7.0.3"


def attach(lab: Lab, ends: Ends, label: str, address: str) -> Namespace:
    """One more computer beside the responder, on a cable of its own."""
    made = lab.namespace(label)
    connect(made, "eth0", ends.right, label)
    made.address("eth0", f"{address}/32")
    made.route(RIGHT_OUTER[0], "dev", "eth0")
    ends.right.route(f"{address}/32", "dev", label)
    return made


def flood(attacker: Namespace, ends: Ends) -> Process:
    """Start the flood, which ends by itself if nobody ends it."""
    key = ends.responder.key.public
    target = (RIGHT_OUTER[0], str(PORT), key, str(RATE), str(SECONDS))
    return attacker.start(sys.executable, "-m", "undertow.lab.flood", *target)


def newcomer(lab: Lab, ends: Ends, namespace: Namespace, pair: Pair) -> Tunnel:
    """An honest peer whom the responder knows and who has not shaken hands yet."""
    tunnel = Tunnel(pair.initiator, namespace, lab.interface_name("new"), (f"{NEWCOMER_INNER}/24",))
    ends.responder.set("peer", tunnel.key.public, "allowed-ips", f"{NEWCOMER_INNER}/32")
    responder = PeerSettings(
        ends.responder.key.public, (f"{RIGHT_INNER[0]}/32",), join(RIGHT_OUTER[0], PORT)
    )
    tunnel.start(0, (responder,))
    return tunnel


def test_cookies_keep_the_responder_open_under_a_flood(lab: Lab, pair: Pair) -> None:
    ends = make_direct(lab, pair).start()
    attacker = attach(lab, ends, "attacker", ATTACKER)
    honest = attach(lab, ends, "newcomer", NEWCOMER)
    newcomer(lab, ends, honest, pair)
    with (
        Echo(ends.right, RIGHT_INNER[0]),
        Caller(ends.left, RIGHT_INNER[0]) as live,
        Caller(honest, RIGHT_INNER[0]) as late,
        Capture(honest, "eth0") as of_newcomer,
        Capture(attacker, "eth0", limit=1_000_000) as of_attacker,
    ):
        live.wait()
        running = flood(attacker, ends)
        time.sleep(0.5)
        answers = [live.ask(1.0) for _ in range(25)]
        assert late.ask(SECONDS - 1.0) is not None, "no honest handshake came through"
        assert running.running(), "the flood was over too early to prove anything"
        answers += [live.ask(1.0) for _ in range(25)]
        running.stop()
    assert sum(answer is None for answer in answers) <= 2, "the live session suffers"

    # A try or its answer may drown in the flood; the next comes after five seconds.
    seen_first = [seen.payload for seen in of_newcomer.datagrams()]
    kinds = [payload[0] for payload in seen_first]
    before_response = seen_first[: kinds.index(2)]
    tries = [payload for payload in before_response if payload[0] == 1]
    assert 3 in kinds[: kinds.index(2)], "a cookie reply came first"
    assert tries[0][-16:] == bytes(16)
    assert tries[-1][-16:] != bytes(16), "mac2: the try that was answered carries the cookie"

    replies = [seen.payload for seen in of_attacker.datagrams() if not seen.outgoing]
    assert replies
    assert {(reply[0], len(reply)) for reply in replies} == {(3, 64)}


def test_a_flood_with_a_wrong_mac1_is_met_by_silence(lab: Lab, pair: Pair) -> None:
    ends = make_direct(lab, pair).start()
    attacker = attach(lab, ends, "attacker", ATTACKER)
    wrong = ends.initiator.key.public
    with (
        Echo(ends.right, RIGHT_INNER[0]),
        Caller(ends.left, RIGHT_INNER[0]) as live,
        Capture(attacker, "eth0", limit=1_000_000) as capture,
    ):
        live.wait()
        target = (RIGHT_OUTER[0], str(PORT), wrong, str(RATE), "1.5")
        running = attacker.start(sys.executable, "-m", "undertow.lab.flood", *target)
        answers = [live.ask(1.0) for _ in range(20)]
        assert running.wait() == 0
        assert all(answer is not None for answer in answers)
    assert not [seen for seen in capture.datagrams() if not seen.outgoing]
    assert ends.right.attempt("ping", "-c1", "-W1", LEFT_INNER[0]).returncode == 0

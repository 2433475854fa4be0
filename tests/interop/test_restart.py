"""Either end starts again, with or without a word before, and finds the other one."""

import concurrent.futures

from undertow.lab import Caller, Echo, Lab
from undertow.lab.pair import LEFT_INNER, RIGHT_INNER, Ends, Pair, make_direct


def wait_for_echo(ends: Ends, backwards: bool = False, timeout_s: float = 10.0) -> float:
    """Seconds until an echo crosses the tunnel."""
    here, there = (ends.right, ends.left) if backwards else (ends.left, ends.right)
    address = LEFT_INNER[0] if backwards else RIGHT_INNER[0]
    with Echo(there, address), Caller(here, address) as caller:
        return caller.wait(timeout_s)


def test_a_killed_initiator_comes_back_at_once(lab: Lab, pair: Pair) -> None:
    ends = make_direct(lab, pair).start()
    wait_for_echo(ends)
    for _ in range(3):
        ends.initiator.kill()
        ends.initiator.restart()
        assert wait_for_echo(ends) < 3.0, "its new timestamp must be above the last one"


def test_a_stopped_initiator_comes_back_at_once(lab: Lab, pair: Pair) -> None:
    ends = make_direct(lab, pair).start()
    wait_for_echo(ends)
    assert ends.initiator.stop() == 0
    ends.initiator.restart()
    assert wait_for_echo(ends) < 3.0


def test_a_responder_without_a_session_takes_the_next_handshake(lab: Lab, pair: Pair) -> None:
    ends = make_direct(lab, pair).start()
    wait_for_echo(ends)
    ends.responder.forget_peers()
    ends.initiator.forget_peers()
    assert wait_for_echo(ends) < 3.0


def test_both_ends_may_speak_first_at_the_same_time(lab: Lab, pair: Pair) -> None:
    ends = make_direct(lab, pair).start()
    wait_for_echo(ends)
    for _ in range(3):
        ends.responder.forget_peers()
        ends.responder.set(
            *("peer", ends.initiator.key.public),
            *("endpoint", f"192.0.2.1:{ends.initiator.status().listen_port}"),
        )
        ends.initiator.forget_peers()
        with concurrent.futures.ThreadPoolExecutor() as pool:
            forth = pool.submit(wait_for_echo, ends)
            back = pool.submit(wait_for_echo, ends, True)
            assert max(forth.result(), back.result()) < 7.0

"""Two minutes as they pass. Slow: on CI always, elsewhere with UNDERTOW_SLOW_TESTS=1."""

import os
import time

import pytest

from undertow.lab import Caller, Capture, Echo, Lab
from undertow.lab.pair import RIGHT_INNER, Pair, make_direct

REKEY_AFTER_S = 120
SLOW = "UNDERTOW_SLOW_TESTS"


@pytest.mark.skipif(not {SLOW, "CI"} & os.environ.keys(), reason=f"takes two minutes; set {SLOW}=1")
def test_a_session_is_renewed_in_real_time(lab: Lab, pair: Pair) -> None:
    ends = make_direct(lab, pair).start()
    with (
        Echo(ends.right, RIGHT_INNER[0]),
        Caller(ends.left, RIGHT_INNER[0]) as caller,
        Capture(ends.left, "eth0") as capture,
    ):
        caller.wait()
        end = time.monotonic() + REKEY_AFTER_S + 5
        while time.monotonic() < end:
            assert caller.ask() is not None, "a packet was lost"
            time.sleep(0.2)
    kinds = [seen.payload[0] for seen in capture.datagrams()]
    assert kinds.count(1) == 2
    assert kinds.count(2) == 2

"""Two minutes, three minutes, a clock set back: without waiting, by turning our clock."""

import shutil
import struct
import subprocess
import time
from pathlib import Path

import pytest
from tests.support.absence import cannot_run

from undertow.lab import Caller, Capture, Echo, Lab
from undertow.lab.namespace import wait_until
from undertow.lab.pair import LEFT_INNER, PORT, RIGHT_INNER, Ends, Pair, make_direct

REKEY_AFTER_S = 120
REJECT_AFTER_S = 180
GIVES_UP_S = 15  # keepalive and rekey timeout: silence after which a session is renewed
YEAR_S = 365 * 86400


class TurnedClock:
    """A clock that runs apart from the machine's by what it is turned."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "clock"
        self._library = folder / "turned_clock.so"
        self._stands_ns = 0
        self.turn()
        source = Path(__file__).with_name("turned_clock.c")
        subprocess.run(
            ["cc", "-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o", self._library, source],
            check=True,
        )

    def environment(self) -> dict[str, str]:
        """What a program needs around it to look at this clock."""
        return {"LD_PRELOAD": str(self._library), "TURNED_CLOCK": str(self._file)}

    def turn(self, boot_s: int = 0, wall_s: int = 0) -> None:
        """Set how far the time since boot and the wall clock are ahead of the machine's."""
        new = struct.pack("=qqq", boot_s, wall_s, self._stands_ns)
        if not self._file.exists():
            self._file.write_bytes(new)
        with self._file.open("r+b") as file:  # the same file: it is mapped into a program
            file.write(new)

    def stand_still(self) -> None:
        """From now on the time since boot passes by being turned alone, however slow we are."""
        self._stands_ns = time.clock_gettime_ns(time.CLOCK_BOOTTIME)
        self.turn()


@pytest.fixture
def clock(lab: Lab) -> TurnedClock:
    """A clock that tells the right time until it is turned."""
    if shutil.which("cc") is None:
        cannot_run("no C compiler: run ./invoke setup")
    return TurnedClock(lab.folder)


def start(ends: Ends, clock: TurnedClock, role: str) -> None:
    """Start both ends, that of the role with the clock that can be turned."""
    turned = clock.environment()
    of_responder = turned if role == "responder" else None
    ends.responder.start(PORT, (ends.settings_of_initiator(),), of_responder)
    of_initiator = turned if role == "initiator" else None
    ends.initiator.start(0, (ends.settings_of_responder(),), of_initiator)


@pytest.mark.ours("initiator")
def test_the_initiator_renews_a_session_in_use_after_two_minutes(
    lab: Lab, pair: Pair, clock: TurnedClock
) -> None:
    ends = make_direct(lab, pair)
    start(ends, clock, "initiator")
    with (
        Echo(ends.right, RIGHT_INNER[0]),
        Caller(ends.left, RIGHT_INNER[0]) as caller,
        Capture(ends.left, "eth0") as capture,
    ):
        caller.wait()
        clock.stand_still()
        clock.turn(boot_s=REKEY_AFTER_S - 2)
        assert all(caller.ask() is not None for _ in range(5))
        assert kinds(capture).count(1) == 1, "still the first session"
        time.sleep(0.1)  # some responders limit the initiations of one peer to 50 a second
        clock.turn(boot_s=REKEY_AFTER_S + 1)
        assert caller.ask() is not None
        wait_until(lambda: kinds(capture).count(2) == 2, 2.0, lambda: "no new session")
        assert all(caller.ask() is not None for _ in range(20)), "no packet is lost meanwhile"
    assert kinds(capture).count(1) == 2
    assert kinds(capture).count(2) == 2
    before, after = indices(capture)[0], indices(capture)[-1]
    assert before != after, "the new session carries the data"


@pytest.mark.ours("responder")
def test_nobody_uses_a_session_after_three_minutes(
    lab: Lab, pair: Pair, clock: TurnedClock
) -> None:
    ends = make_direct(lab, pair)
    start(ends, clock, "responder")
    with (
        Echo(ends.left, LEFT_INNER[0]),
        Echo(ends.right, RIGHT_INNER[0]),
        Caller(ends.left, RIGHT_INNER[0]) as caller,
        Caller(ends.right, LEFT_INNER[0]) as back,
    ):
        caller.wait()
        time.sleep(0.1)
        with Capture(ends.right, "eth0") as capture:
            clock.turn(boot_s=REJECT_AFTER_S + 1)
            assert caller.ask(0.5) is None, "what comes under an old key is dropped"
            assert back.ask(3.0) is not None
            assert caller.ask() is not None
        first = next(seen for seen in capture.datagrams() if seen.outgoing)
        assert first.payload[0] == 1, "nothing is sent under an old key either"


@pytest.mark.ours("initiator")
def test_a_restarted_responder_is_noticed_by_its_silence(
    lab: Lab, pair: Pair, clock: TurnedClock
) -> None:
    ends = make_direct(lab, pair)
    start(ends, clock, "initiator")
    with (
        Echo(ends.right, RIGHT_INNER[0]),
        Caller(ends.left, RIGHT_INNER[0]) as caller,
        Capture(ends.left, "eth0") as capture,
    ):
        caller.wait()
        ends.responder.kill()
        ends.responder.restart()
        clock.stand_still()
        assert caller.ask(0.5) is None, "it does not know the session"
        clock.turn(boot_s=GIVES_UP_S - 1)
        ends.initiator.status()  # wakes the program, which looks at its clock
        assert caller.ask(0.5) is None
        assert kinds(capture).count(1) == 1, "not yet"
        clock.turn(boot_s=GIVES_UP_S + 1)
        ends.initiator.status()
        assert caller.wait(3.0) < 3.0
    assert kinds(capture).count(1) == 2


@pytest.mark.ours("initiator")
def test_a_clock_that_was_set_back_locks_nobody_out(
    lab: Lab, pair: Pair, clock: TurnedClock
) -> None:
    ends = make_direct(lab, pair)
    start(ends, clock, "initiator")
    with Echo(ends.right, RIGHT_INNER[0]), Caller(ends.left, RIGHT_INNER[0]) as caller:
        caller.wait()
        for end in (ends.initiator.kill, ends.initiator.stop):
            end()
            clock.turn(wall_s=-YEAR_S)
            ends.initiator.restart(clock.environment())
            assert caller.wait(3.0) < 3.0, "its timestamps go on above the last ones"


@pytest.mark.ours("initiator")
def test_without_its_floor_a_clock_that_was_set_back_would_lock_out(
    lab: Lab, pair: Pair, clock: TurnedClock
) -> None:
    ends = make_direct(lab, pair)
    start(ends, clock, "initiator")
    with Echo(ends.right, RIGHT_INNER[0]), Caller(ends.left, RIGHT_INNER[0]) as caller:
        caller.wait()
        ends.initiator.kill()
        shutil.rmtree(lab.folder / "state")
        clock.turn(wall_s=-YEAR_S)
        ends.initiator.restart(clock.environment())
        assert caller.ask(1.0) is None, "the test before this one proves nothing"


@pytest.mark.ours("initiator")
def test_a_wall_clock_that_jumps_does_not_disturb_a_session(
    lab: Lab, pair: Pair, clock: TurnedClock
) -> None:
    ends = make_direct(lab, pair)
    start(ends, clock, "initiator")
    with (
        Echo(ends.right, RIGHT_INNER[0]),
        Caller(ends.left, RIGHT_INNER[0]) as caller,
        Capture(ends.left, "eth0") as capture,
    ):
        caller.wait()
        for wall_s in (YEAR_S, -YEAR_S, 0):
            clock.turn(wall_s=wall_s)
            assert all(caller.ask() is not None for _ in range(3))
        time.sleep(0.1)
    assert kinds(capture).count(1) == 1


def kinds(capture: Capture) -> list[int]:
    """The types of the messages that passed."""
    return [seen.payload[0] for seen in capture.datagrams()]


def indices(capture: Capture) -> list[bytes]:
    """The receiver indices of the data that went out, one after the other."""
    return [
        seen.payload[4:8] for seen in capture.datagrams() if seen.payload[0] == 4 and seen.outgoing
    ]

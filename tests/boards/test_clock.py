"""Timestamps of handshakes must rise, whatever a box takes the time to be."""

from tests.boards.recovery import until_ping
from tests.boards.test_network_changes import Connect

from undertow.board.scene import Scene

# By the clock of the machine, from one start to the next.
TIMES = ("2035-01-01T00:00:00", "2026-06-01T00:00:00", "1971-01-01T00:00:00")


def test_a_clock_that_goes_back_between_two_starts_keeps_nobody_out(
    scene: Scene, connect: Connect
) -> None:
    scene.power()
    scene.provision(connect())
    client = scene.client()
    client.join()
    until_ping(client, 30.0)
    for time in TIMES:  # a board without a clock knows nothing of it
        scene.board.kill()
        scene.board.options = ("-rtc", f"base={time}")
        scene.board.start()
        until_ping(client, 30.0)

"""How a TCP connection of the lab gives way: less after a loss, later after slow answers."""

import time

import pytest

from undertow.lab.ethernet.pace import Pace

SEGMENT = 1000


def test_what_arrives_makes_room_for_more_up_to_a_limit() -> None:
    pace = Pace(SEGMENT)
    assert pace.window == 10 * SEGMENT
    for number in range(100):
        pace.acknowledged(number * SEGMENT, SEGMENT)
    assert pace.window == 16 * SEGMENT


def test_a_loss_halves_what_is_under_way_and_it_grows_slowly_then() -> None:
    pace = Pace(SEGMENT)
    pace.lost(10 * SEGMENT)
    assert pace.window == 5 * SEGMENT
    for number in range(5):
        pace.acknowledged(number * SEGMENT, SEGMENT)
    assert 5 * SEGMENT < pace.window < 6 * SEGMENT + SEGMENT // 10


def test_silence_leaves_room_for_four_segments_and_so_it_stays() -> None:
    pace = Pace(SEGMENT)
    for under_way in (10 * SEGMENT, SEGMENT, 0):
        pace.silent(under_way)
        assert pace.window == 4 * SEGMENT


def test_slow_answers_are_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 50.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    pace = Pace(SEGMENT)
    assert pace.again_s == 0.2
    base = (1 << 32) - 3 * SEGMENT // 2  # sequence numbers begin anew behind it
    for number in range(20):
        at = base + number * SEGMENT
        pace.said(at + SEGMENT)
        now += 0.5
        pace.acknowledged(at % (1 << 32), SEGMENT)
    assert 0.5 < pace.again_s < 0.6


def test_an_answer_to_what_was_repeated_tells_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 50.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    pace = Pace(SEGMENT)
    pace.said(SEGMENT)
    now += 1.5
    pace.silent(SEGMENT)
    pace.acknowledged(0, SEGMENT)
    assert pace.again_s == 0.2

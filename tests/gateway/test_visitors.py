"""Strangers at the door of a room: silence for them, and a way in for the one who knows it."""

import os
import socket
import time
from collections.abc import Iterator

import pytest
from tests.gateway.talk import DIGITS, Box, Opened, Scripted, is_closed

from pairing import frames
from undertow.gateway.pairing import visitors
from undertow.gateway.pairing.command import open_port
from undertow.gateway.pairing.visitors import Guest, Visitors
from undertow.gateway.state import State
from undertow.lab.namespace import wait_until

ROOM = "4711"
OTHER_ROOM = "4712"
COMMITMENT = frames.frame(frames.COMMITMENT, bytes(range(32)))
HELLO = frames.hello(ROOM)


class Door:
    """A room on this machine, served only while it is watched."""

    def __init__(self) -> None:
        self.listener = open_port("127.0.0.1", 0)
        self.visitors = Visitors(self.listener, ROOM)
        self.opened: list[socket.socket] = []

    def connect(self, source: str = "127.0.0.1") -> socket.socket:
        made = socket.create_connection(self.listener.getsockname(), 5, source_address=(source, 0))
        made.settimeout(5)
        self.opened.append(made)
        return made

    def knock(self, data: bytes, source: str = "127.0.0.1") -> socket.socket:
        made = self.connect(source)
        made.sendall(data)
        return made

    def watch(self, seconds: float = 0.2) -> Guest | None:
        """Serve until somebody may come in, or for so long."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            guest = self.visitors.wait(min(left, 0.05))
            if guest is not None:
                return guest
        return None

    def close(self) -> None:
        self.visitors.__exit__()
        self.listener.close()
        for connection in self.opened:
            connection.close()


@pytest.fixture
def door() -> Iterator[Door]:
    made = Door()
    yield made
    made.close()


GARBAGE = {
    "a web browser": b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    "zeros": bytes(4096),
    "a commitment without a hello": COMMITMENT,
    "two hellos": HELLO + HELLO,
    "an end": frames.end(frames.DONE),
    "a hello that is too long": b"\x00\x04\x00" + bytes(1024),
    "a room that is none": b"\x00\x00\x05\x0147 1",
    "a commitment that is too short": HELLO + b"\x01\x00\x1f" + bytes(31),
    "the wrong room": frames.hello(OTHER_ROOM) + COMMITMENT,
}


@pytest.mark.parametrize("data", GARBAGE.values(), ids=list(GARBAGE))
def test_strangers_meet_silence_and_do_not_use_the_room_up(door: Door, data: bytes) -> None:
    stranger = door.knock(data)
    assert door.watch() is None
    assert is_closed(stranger)
    assert sum(door.visitors.counts.values()) == 1
    door.knock(HELLO + COMMITMENT)
    assert door.watch(5.0) is not None


def test_a_later_version_is_told_so_and_nothing_else(door: Door) -> None:
    newer = door.knock(b"\x00\x00\x06\x02" + ROOM.encode() + b"+")
    assert door.watch() is None
    assert newer.recv(100) == frames.end(frames.NO_ROOM)
    assert is_closed(newer)


def test_a_hello_in_single_bytes_is_one_too(door: Door) -> None:
    guest = door.connect()
    for byte in HELLO + COMMITMENT:
        guest.sendall(bytes([byte]))
        found = door.watch(0.02)
    found = found or door.watch(5.0)
    assert found is not None
    assert found.commitment == COMMITMENT[3:]


def test_nobody_is_answered_before_the_commitment(door: Door) -> None:
    guest = door.knock(HELLO)
    assert door.watch() is None
    guest.setblocking(False)
    with pytest.raises(BlockingIOError):
        guest.recv(1)


def test_who_is_slow_is_sent_away(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(visitors, "PATIENCE_S", 0.3)
    slow = door.knock(HELLO[:3])
    assert door.watch(0.1) is None
    slow.sendall(HELLO[3:4])  # a byte now and then buys no time
    end = time.monotonic() + 5
    while not door.visitors.counts["silent"] and time.monotonic() < end:
        door.watch(0.1)
    assert is_closed(slow)


def test_a_flood_is_bounded_and_pushes_out_only_itself(door: Door) -> None:
    honest = door.knock(HELLO, "127.0.0.2")
    assert door.watch() is None
    for _ in range(300):
        door.knock(HELLO[:2], "127.0.0.3")
        door.visitors.wait(0)
    door.watch()
    assert len(door.visitors._waiting) <= visitors.VISITORS_MAX
    assert door.visitors.counts["too many"] >= 300 - visitors.VISITORS_MAX
    honest.sendall(COMMITMENT)
    found = door.watch(5.0)
    assert found is not None
    assert found.source == "127.0.0.2"


def test_who_guesses_at_rooms_is_not_heard_any_more(door: Door) -> None:
    for number in range(visitors.GUESSES_MAX):
        door.knock(frames.hello(f"{number:04d}"), "127.0.0.3")
        door.watch(0.1)
    door.knock(HELLO + COMMITMENT, "127.0.0.3")
    assert door.watch() is None
    assert door.visitors.counts["not heard"] == 1
    door.knock(HELLO + COMMITMENT, "127.0.0.2")
    assert door.watch(5.0) is not None


def test_a_box_pairs_in_the_middle_of_a_flood(state: State) -> None:
    with Opened(state, Scripted(DIGITS)) as opened:
        noise = []
        for number in range(100):
            with_noise = opened.connect("127.0.0.3")
            with_noise.sendall(os.urandom(64) if number % 2 else HELLO[:4])
            noise.append(with_noise)
        box = Box(opened.connect("127.0.0.2"), opened.person.room)
        box.agree()
        box.confirm()
        box.finish()
        wait_until(lambda: opened.end() is None, 5.0, lambda: "the room stays open")
        for connection in noise:
            connection.close()
    assert list(state.peers().by_name) == ["attic"]

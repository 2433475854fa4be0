"""The switch and its cables: who gets a frame, and what a bad cable does to it."""

import itertools
import socket
import struct
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from undertow.lab import LabError
from undertow.lab.ethernet import Loop, Port, Switch
from undertow.lab.impairment import Impairment
from undertow.lab.packets import ethernet

ONE, TWO, THREE = (bytes([2, 0, 0, 0, 0, number]) for number in (1, 2, 3))


class Station:
    """It keeps what it gets."""

    def __init__(self, switch: Switch, mac: bytes) -> None:
        self.mac = mac
        self.got: list[bytes] = []
        self.loop = switch.loop
        self.port: Port = switch.plug(mac.hex(), self.got.append)

    def send(self, destination: bytes, body: bytes = b"") -> bytes:
        frame = ethernet.build(ethernet.Frame(destination, self.mac, 0x88B5, body))
        self.loop.call(lambda: self.port.send(frame))
        return frame


@pytest.fixture
def stations(switch: Switch) -> list[Station]:
    return [Station(switch, mac) for mac in (ONE, TWO, THREE)]


def test_a_frame_for_all_reaches_all_others(stations: list[Station]) -> None:
    frame = stations[0].send(ethernet.BROADCAST)
    assert [station.got for station in stations] == [[], [frame], [frame]]


def test_an_unknown_destination_is_flooded_and_a_learnt_one_is_not(stations: list[Station]) -> None:
    one, two, three = stations
    first = one.send(TWO)
    back = two.send(ONE)
    second = one.send(TWO, b"again")
    assert two.got == [first, second]
    assert one.got == [back]
    assert three.got == [first]


def test_stations_that_always_answer_do_not_exhaust_the_stack(switch: Switch) -> None:
    left = 5000
    ports: list[Port] = []

    def answer_by(index: int) -> Callable[[bytes], None]:
        def answer(frame: bytes) -> None:
            nonlocal left
            left -= 1
            if left > 0:
                ports[index].send(frame[6:12] + frame[:6] + frame[12:])

        return answer

    ports += [switch.plug("left", answer_by(0)), switch.plug("right", answer_by(1))]
    frame = ethernet.build(ethernet.Frame(TWO, ONE, 0x88B5, b""))
    switch.loop.call(lambda: ports[0].send(frame))
    assert left == 0


def test_a_cut_cable_carries_nothing_until_it_is_joined(stations: list[Station]) -> None:
    one, two, _ = stations
    one.port.cut()
    one.send(ethernet.BROADCAST)
    two.send(ethernet.BROADCAST)
    assert (two.got, one.got, one.port.dropped) == ([], [], 2)
    one.port.join()
    assert two.got == [one.send(ethernet.BROADCAST)]


def numbers(frames: list[bytes]) -> list[int]:
    return [struct.unpack_from("!I", frame, 14)[0] for frame in frames]


def sent_through(switch: Switch, impairment: Impairment, count: int = 400) -> list[int]:
    """The numbers of the frames that arrive, in their order."""
    one, two = Station(switch, ONE), Station(switch, TWO)
    one.port.impair(impairment, seed=7)
    for number in range(count):
        one.send(TWO, struct.pack("!I", number))
    time.sleep(2 * (impairment.delay_s + impairment.jitter_s) + 0.05)
    return switch.loop.call(lambda: numbers(two.got))


def test_loss_and_duplicates_come_in_their_shares_and_repeat_with_the_seed(switch: Switch) -> None:
    bad = Impairment(lost=0.25, duplicated=0.1)
    arrived = sent_through(switch, bad)
    assert 0.65 < len(set(arrived)) / 400 < 0.85
    assert 0.05 < (len(arrived) - len(set(arrived))) / 300 < 0.2
    assert arrived == sent_through(Switch(switch.loop), bad)


def test_reordered_frames_overtake_delayed_ones(switch: Switch) -> None:
    arrived = sent_through(switch, Impairment(delay_s=0.3, reordered=0.1))
    early = [number for number, after in itertools.pairwise(arrived) if number > after]
    assert sorted(arrived) == list(range(400))
    assert early


def test_delay_keeps_the_order(switch: Switch) -> None:
    assert sent_through(switch, Impairment(delay_s=0.1)) == list(range(400))


@pytest.fixture
def board(tmp_path: Path) -> Iterator[socket.socket]:
    """The far end of a cable, as QEMU has it."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as made:
        made.bind(str(tmp_path / "lan.board"))
        made.settimeout(2.0)
        yield made


def test_one_datagram_is_one_frame_both_ways(
    switch: Switch, board: socket.socket, tmp_path: Path
) -> None:
    port = switch.plug_socket("board", tmp_path / "lan")
    station = Station(switch, ONE)
    frame = ethernet.build(ethernet.Frame(ONE, TWO, 0x88B5, b"from the board"))
    board.sendto(frame, str(tmp_path / "lan"))
    switch.loop.wait_until(lambda: station.got, 2.0, lambda: "nothing came")
    assert station.got == [frame]
    back = station.send(TWO)
    assert board.recv(2048) == back
    assert [passed.outgoing for passed in port.record()] == [True, False]


def test_a_board_that_is_slow_to_read_gets_a_burst_in_order(
    switch: Switch, board: socket.socket, tmp_path: Path
) -> None:
    port = switch.plug_socket("board", tmp_path / "lan")
    station = Station(switch, ONE)
    for number in range(500):
        station.send(TWO, struct.pack("!I", number))
    assert numbers([board.recv(2048) for _ in range(500)]) == list(range(500))
    assert port.dropped == 0


def test_a_board_may_go_and_come_again(
    switch: Switch, board: socket.socket, tmp_path: Path
) -> None:
    switch.plug_socket("board", tmp_path / "lan")
    station = Station(switch, ONE)
    station.send(TWO, b"before")
    board.close()
    station.send(TWO, b"lost")
    (tmp_path / "lan.board").unlink()
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as again:
        again.bind(str(tmp_path / "lan.board"))
        again.settimeout(2.0)
        after = station.send(TWO, b"after")
        assert again.recv(2048) == after
        frame = ethernet.build(ethernet.Frame(ONE, TWO, 0x88B5, b"from the new one"))
        again.sendto(frame, str(tmp_path / "lan"))
        switch.loop.wait_until(lambda: station.got, 2.0, lambda: "nothing came")
    assert station.got == [frame]


def test_a_record_is_a_file_for_wireshark(stations: list[Station], tmp_path: Path) -> None:
    frame = stations[0].send(TWO, b"hello")
    stations[0].port.write_pcap(tmp_path / "file.pcap")
    data = (tmp_path / "file.pcap").read_bytes()
    assert data[:4] == bytes.fromhex("4d3cb2a1")
    assert data[24 + 16 :] == frame


def test_a_bug_in_a_station_is_told_and_does_not_hang_the_test() -> None:
    def broken(frame: bytes) -> None:
        raise ValueError("a bug")

    with pytest.raises(LabError, match="A bug"), Loop() as loop:
        switch = Switch(loop)
        switch.plug("broken", broken)
        port = switch.plug("other", lambda frame: None)
        loop.after(0.0, lambda: port.send(ethernet.BROADCAST + bytes(54)))
        time.sleep(0.2)


def test_timers_run_in_order_and_a_cancelled_one_does_not(loop: Loop) -> None:
    seen: list[str] = []
    loop.call(lambda: loop.after(0.05, lambda: seen.append("late")))
    loop.call(lambda: loop.after(0.02, lambda: seen.append("early")))
    loop.call(lambda: loop.after(0.03, lambda: seen.append("never"))).cancel()
    loop.wait_until(lambda: "late" in seen, 2.0, lambda: f"only {seen}")
    assert seen == ["early", "late"]

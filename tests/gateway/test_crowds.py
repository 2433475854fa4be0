"""Many visitors at the TCP ports: floods push out themselves, and boxes cost little."""

import os
import resource
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest
from tests.gateway import doors, probes
from tests.gateway.doors import Doors, Kept

from undertow.gateway.handover import STREAMS_OF_ONE, Handover, make
from undertow.gateway.streams import server as server_module
from undertow.gateway.streams.crowd import Crowd
from undertow.gateway.streams.sink import LENGTH, TCP, Arrival


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Doors]:
    with doors.opened(tmp_path) as made:
        yield made


def await_(condition: Callable[[], object]) -> None:
    end = time.monotonic() + 20.0
    while not condition():
        assert time.monotonic() < end, "it did not come to that"
        time.sleep(0.01)


def page_comes(house: Doors) -> bool:
    request = b"GET / HTTP/1.0\r\n\r\n"
    return probes.ask(house.tls, True, request)[0].startswith(b"HTTP/1.1 200")


class Visitor:
    def __init__(self) -> None:
        self.is_over = False

    def end(self) -> None:
        self.is_over = True


def test_a_flood_pushes_out_itself() -> None:
    crowd: Crowd[Visitor] = Crowd(100, 60)
    quiet = Visitor()
    crowd.enter(quiet, "192.0.2.1")
    flood = [Visitor() for _ in range(1000)]
    for number, each in enumerate(flood):
        crowd.enter(each, f"198.51.100.{number % 2}")
    assert not quiet.is_over
    assert len(crowd) == 100
    assert [each.is_over for each in flood] == [True] * 901 + [False] * 99
    for each in flood:
        crowd.leave(each)
    assert len(crowd) == 1


def test_one_address_has_its_share_and_no_more() -> None:
    crowd: Crowd[Visitor] = Crowd(1000, 3)
    visitors = [Visitor() for _ in range(5)]
    for each in visitors:
        crowd.enter(each, "192.0.2.1")
    assert [each.is_over for each in visitors] == [True, True, False, False, False]


@pytest.mark.parametrize("says", [b"", b"GET / HTTP/1.1\r\nHo", b"\x16\x03\x01", b"\x00"])
def test_those_who_never_finish_keep_nobody_out(house: Doors, says: bytes) -> None:
    """Slow visitors of one address, more than it may have, before and behind a good one."""
    slow = []
    try:
        for _ in range(server_module.VISITORS_OF_ONE * 2):
            connection = socket.create_connection(("127.0.0.1", house.tls), 5)
            connection.sendall(says)
            slow.append(connection)
        await_(lambda: house.server.counts["visitors"] >= len(slow))
        assert len(house.server.visitors) <= server_module.VISITORS_OF_ONE
        assert page_comes(house)
    finally:
        for connection in slow:
            connection.close()
    await_(lambda: len(house.server.visitors) == 0)


def test_a_head_that_comes_byte_by_byte_is_bounded(house: Doors) -> None:
    """Whatever is sent, no more than a head's size is kept of it."""
    with socket.create_connection(("127.0.0.1", house.plain), 5) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n")
        answer = b""
        connection.settimeout(5)
        try:
            for number in range(10_000):
                connection.sendall(b"X-%d: %s\r\n" % (number, b"y" * 100))
        except OSError:
            pass
        try:
            answer = connection.recv(1000)
        except OSError:
            answer = b"HTTP/1.1 400"
    assert answer.startswith(b"HTTP/1.1 400")


def test_after_a_flood_nothing_is_left(house: Doors) -> None:
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(300):
        connection = socket.create_connection(("127.0.0.1", house.tls), 5)
        connection.sendall(b"\x16\x03\x01\x00\x05hello")
        connection.close()
    await_(lambda: not len(house.server.visitors))
    await_(lambda: len(os.listdir("/proc/self/fd")) <= before)
    assert page_comes(house)


def test_out_of_descriptors_the_server_waits_and_goes_on(house: Doors) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    asker = socket.socket()
    resource.setrlimit(resource.RLIMIT_NOFILE, (3, hard))
    try:
        asker.connect(("127.0.0.1", house.plain))
        await_(lambda: house.server.counts["no descriptor"])
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    asker.settimeout(10)
    asker.sendall(b"GET / HTTP/1.0\r\n\r\n")
    assert asker.recv(100).startswith(b"HTTP/1.1 301")
    asker.close()


def test_a_box_that_does_not_read_stops_what_is_sent_to_it(house: Doors) -> None:
    """Back-pressure through TLS: what waits is bounded, whoever writes is told to wait."""
    with doors.tls(house.tls) as connection:
        connection.sendall(doors.upgrade())
        connection.recv(1000)
        await_(lambda: house.sink.got)
        taken, _ = house.sink.got[0]
        taken.setblocking(False)
        sent = 0
        still_s = time.monotonic()
        while time.monotonic() - still_s < 0.5:
            try:
                sent += taken.send(bytes(1 << 16))
                still_s = time.monotonic()
            except BlockingIOError:
                time.sleep(0.01)
        assert 0 < sent < 16 << 20
        # And it all comes, in order, when it reads again.
        taken.setblocking(True)
        thread = threading.Thread(target=lambda: taken.sendall(b"end"))
        thread.start()
        got = 0
        while got < sent + 3:
            data = connection.recv(1 << 16)
            got += len(data)
        assert data.endswith(b"end")
        thread.join()


def test_what_goes_through_tls_arrives_as_it_was(house: Doors) -> None:
    """4 MiB each way at once, in pieces of all sizes."""
    payload = os.urandom(4 << 20)
    with doors.tls(house.tls) as connection:
        connection.sendall(doors.upgrade())
        connection.recv(1000)
        await_(lambda: house.sink.got)
        taken, _ = house.sink.got[0]
        taken.settimeout(20)
        connection.settimeout(20)

        def feed(where: socket.socket) -> None:
            at, size = 0, 1
            while at < len(payload):
                where.sendall(payload[at : at + size])
                at, size = at + size, size * 7 % 65521 + 1

        def drain(where: socket.socket, into: bytearray) -> None:
            while len(into) < len(payload):
                into += where.recv(1 << 16)

        up, down = bytearray(), bytearray()
        # One object of TLS is used by one thread at a time for reading, by another for writing.
        workers = [
            threading.Thread(target=feed, args=(taken,)),
            threading.Thread(target=drain, args=(taken, up)),
            threading.Thread(target=feed, args=(connection,)),
            threading.Thread(target=drain, args=(connection, down)),
        ]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join(60)
        assert bytes(up) == payload
        assert bytes(down) == payload


def test_a_silent_box_is_let_go(house: Doors, monkeypatch: pytest.MonkeyPatch) -> None:
    with doors.tls(house.tls) as connection:
        connection.sendall(doors.upgrade())
        connection.recv(1000)
        await_(lambda: len(house.server.relays) == 1)
        monkeypatch.setattr(server_module, "SILENCE_S", -1.0)
        house.background.call(house.server.sweep)
        connection.settimeout(20)
        with_end = b"x"
        try:
            with_end = connection.recv(1)
        except (ssl.SSLError, OSError):
            with_end = b""
        assert with_end == b""
    assert len(house.server.relays) == 0
    assert house.server.counts["silent"] == 1


def test_a_thousand_boxes_cost_little_memory_and_two_descriptors_each(house: Doors) -> None:
    count = 300
    boxes = []

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 8192), hard))
    server_of_one = house.server.relays.per_source
    house.server.relays.per_source = count
    before_kib, before = resident_kib(), len(os.listdir("/proc/self/fd"))
    try:
        for _ in range(count):
            connection = doors.tls(house.tls)
            connection.sendall(doors.upgrade())
            connection.recv(1000)
            boxes.append(connection)
        await_(lambda: len(house.server.relays) == count)
        descriptors = len(os.listdir("/proc/self/fd")) - before
        # Ours here: the box's own, its connection, two ends of the pair.
        assert descriptors == 4 * count
        each_kib = (resident_kib() - before_kib) / count
        # Both ends of TLS are in this process.
        print("KiB each", each_kib)
        assert each_kib < 250, each_kib
    finally:
        for connection in boxes:
            connection.close()
        house.server.relays.per_source = server_of_one
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    await_(lambda: len(house.server.relays) == 0)


def test_a_box_that_was_busy_once_costs_little_more_than_before(house: Doors) -> None:
    """What lies between OpenSSL and the sockets never shrinks again."""
    count, length = 40, 1 << 19
    with ExitStack() as stack:
        boxes = []
        for _ in range(count):
            box = stack.enter_context(doors.tls(house.tls))
            box.sendall(doors.upgrade())
            box.recv(1000)
            boxes.append(box)
        await_(lambda: len(house.sink.got) == count)
        before = resident_kib()
        with ThreadPoolExecutor(1) as helper:
            for box, (taken, _) in zip(boxes, house.sink.got, strict=True):
                for one, other in ((box, taken), (taken, box)):
                    sending = helper.submit(one.sendall, bytes(length))
                    left = length
                    while left:
                        left -= len(other.recv(1 << 16))
                    sending.result()
        assert (resident_kib() - before) / count < 140


def resident_kib() -> int:
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * resource.getpagesize() // 1024


def test_a_handover_says_what_the_stream_is_and_forgets_it_at_its_end() -> None:
    ours, theirs = make()
    arrival = Arrival(LENGTH, TCP, "192.0.2.7", 4711)
    one, other = socket.socketpair()
    with one, other, theirs:
        ours.adopt(one, arrival)
        message, rights, _, _ = socket.recv_fds(theirs, 1000, 4)
        with socket.socket(fileno=rights[0]) as taken:
            taken.sendall(b"same")
            assert other.recv(10) == b"same"
        assert message == bytes((1, 1, 0, 0, 0, 1, 11)) + bytes.fromhex("0412670000 0000c0000207")
        theirs.send(b"\0\0\0\x01\x04")
        ours.adopt(one, arrival)
        assert len(ours._sources) == 1
        ours.close()


def test_one_address_has_so_many_streams_and_a_full_handover_refuses() -> None:
    ours, theirs = make()
    one, other = socket.socketpair()
    with one, other, theirs:
        fill(ours, one, "192.0.2.7", theirs)
        with pytest.raises(OSError, match="too many"):
            ours.adopt(one, Arrival(LENGTH, TCP, "192.0.2.7", 1))
        # Nobody takes them now: it does not wait.
        with pytest.raises(BlockingIOError):
            for port in range(1, 100_000):
                ours.adopt(one, Arrival(LENGTH, TCP, f"198.51.100.{port % 200}", port))
        ours.close()


def fill(ours: Handover, connection: socket.socket, address: str, theirs: socket.socket) -> None:
    for port in range(1, STREAMS_OF_ONE + 1):
        ours.adopt(connection, Arrival(LENGTH, TCP, address, port))
        for descriptor in socket.recv_fds(theirs, 1000, 4)[1]:
            os.close(descriptor)


def test_the_sink_of_a_full_house_keeps_the_site_up(tmp_path: Path) -> None:
    with doors.opened(tmp_path, Kept(room=0)) as house:
        for _ in range(20):
            with doors.tls(house.tls) as connection:
                connection.sendall(doors.upgrade())
                connection.recv(1000)
        assert page_comes(house)


def test_where_all_come_at_once_each_waits_for_its_turn(house: Doors) -> None:
    """As when a gateway begins anew: nobody who is about to be known has to go for the next."""
    house.server.visitors.at_most = 4
    request = b"GET / HTTP/1.0\r\n\r\n"
    with ThreadPoolExecutor(32) as crew:
        found = list(crew.map(lambda _: probes.ask(house.tls, True, request)[0], range(64)))
    assert all(answer.startswith(b"HTTP/1.1 200") for answer in found)
    assert house.server.counts["waits"]
    assert not house.server.visitors.pushed_out


def test_those_who_had_their_time_go_when_others_wait(
    house: Doors, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server_module, "STAY_S", 0.3)
    house.server.visitors.at_most = 4
    with ExitStack() as stack:
        for _ in range(4):
            stack.enter_context(socket.create_connection(("127.0.0.1", house.plain), 5))
        await_(lambda: len(house.server.visitors) == 4)
        assert page_comes(house)
        assert house.server.visitors.pushed_out == 1
        assert house.server.counts["waits"]

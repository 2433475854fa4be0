"""Who reads what a box says, asks again, asks for much and takes nothing, or never gets to ask."""

import os
import resource
import socket
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest
from tests.gateway import doors, probes
from tests.gateway.doors import SECRET, Doors

from undertow.gateway.streams import channel, request
from undertow.gateway.streams.crowd import source_of
from undertow.gateway.streams.site import File, Site

LARGE_LEN = 16 << 20
GREEDY = 24


def await_(condition: Callable[[], object]) -> None:
    end = time.monotonic() + 20.0
    while not condition():
        assert time.monotonic() < end, "it did not come to that"
        time.sleep(0.01)


def status(house: Doors, secure: bool, path: str) -> int:
    """Of the answer to a box's request for a WebSocket."""
    port = house.tls if secure else house.plain
    with doors.tls(port) if secure else socket.create_connection(("127.0.0.1", port), 5) as asker:
        asker.sendall(doors.upgrade(path))
        return int(asker.recv(100).split()[1])


def test_what_was_read_in_the_clear_lets_nobody_in_anywhere(tmp_path: Path) -> None:
    """A path that a box has used on port 80 is any other there, and was never one on port 443."""
    with doors.opened(tmp_path) as house:
        path = doors.once()
        assert status(house, False, path) == 101
        assert status(house, False, path) == 301
        assert status(house, True, path) == 404
        # And what is secret is none where everybody can read it.
        assert status(house, False, SECRET) == 301
        assert status(house, False, doors.once()) == 101
        assert status(house, True, SECRET) == status(house, True, SECRET) == 101
        altered = doors.once()
        altered = f"{altered[:-1]}{int(altered[-1], 16) ^ 1:x}"
        assert status(house, False, altered) == 301


def test_a_key_of_a_websocket_that_is_no_ascii_is_none(tmp_path: Path) -> None:
    with doors.opened(tmp_path) as house, doors.tls(house.tls) as asker:
        asker.sendall(doors.upgrade().replace(b"Key: d", b"Key: \xe9"))
        assert asker.recv(100).startswith(b"HTTP/1.1 404")


def memory() -> int:
    """Bytes of this process."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * resource.getpagesize()


def large(folder: Path) -> Site:
    index = File(b"hello", "text/html", 1_700_000_000)
    data = File(os.urandom(LARGE_LEN), "video/mp4", 1_700_000_000)
    return Site({"/index.html": index, "/large.mp4": data})


@pytest.mark.parametrize("secure", [False, True], ids=["a part", "all, by TLS"])
def test_who_fetches_much_and_takes_nothing_costs_little_memory(
    tmp_path: Path, secure: bool
) -> None:
    with doors.opened(tmp_path, site=large(tmp_path)) as house, ExitStack() as stack:
        before = memory()
        wish = "" if secure else f"Range: bytes=0-{LARGE_LEN // 2},9-99\r\n"
        for _ in range(GREEDY):
            connection = stack.enter_context(doors.tls(house.tls))
            connection.sendall(
                f"GET /large.mp4 HTTP/1.1\r\nHost: {probes.HOST}\r\n{wish}\r\n".encode()
            )
            connection.recv(1)
        assert len(house.server.visitors) == GREEDY
        # 16 MiB each, and three times as much with what is encrypted of it.
        assert memory() - before < GREEDY * LARGE_LEN / 8


def test_who_takes_slowly_gets_all_of_it_and_who_takes_nothing_is_let_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(channel, "SEND_S", 0.5)
    ask = f"GET /large.mp4 HTTP/1.0\r\nHost: {probes.HOST}\r\n\r\n".encode()
    with doors.opened(tmp_path, site=large(tmp_path)) as house:
        with doors.tls(house.tls) as slow, doors.tls(house.tls) as stuck:
            # Else the kernel takes megabytes at a time, and nothing in between.
            slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 16)
            slow.sendall(ask)
            stuck.sendall(ask)
            got, end = 0, time.monotonic() + 1.5
            while data := slow.recv(1 << 18):
                got += len(data)
                time.sleep(0.02 if time.monotonic() < end else 0)
            assert got > LARGE_LEN
            await_(lambda: house.server.counts["gone"] == 1)
        await_(lambda: not len(house.server.visitors))


def test_empty_lines_before_a_request_are_not_kept(tmp_path: Path) -> None:
    assert len(request.without_rests(b"\r\n" * 100_000)) < request.SMALL_LEN
    with (
        doors.opened(tmp_path) as house,
        socket.create_connection(("127.0.0.1", house.plain), 5) as asker,
    ):
        for _ in range(40):
            asker.sendall(b"\r\n" * 5_000)
        asker.sendall(b"GET / HTTP/1.0\r\nHost: a.example\r\n\r\n")
        assert asker.recv(100).startswith(b"HTTP/1.1 301")


def test_all_addresses_of_one_network_of_ipv6_are_one_source() -> None:
    """Else whoever rents a server comes from 2^64 of them, and pushes out everybody."""
    assert source_of("2001:db8:1:2::1") == source_of("2001:db8:1:2:ffff::9")
    assert source_of("2001:db8:1:2::1") != source_of("2001:db8:1:3::1")
    assert source_of("fe80::1%eth0") == source_of("fe80::2%eth0")
    assert source_of("192.0.2.1") != source_of("192.0.2.2")

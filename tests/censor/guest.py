"""A guest behind an emulated box who opens pages, however long it takes to get the first."""

import time
from collections.abc import Iterable

from undertow.lab import LabError
from undertow.lab.ethernet import Client
from undertow.lab.ethernet.world import BULK, PAGE, WEB

SITE = "203.0.113.80"
LARGE = 300_000
# What every guest says, to be found again where it must not be.
MARK = b"what only the guest and the page's server may read"
_PAGE_QUESTION = b"GET / HTTP/1.0\r\nX-Words: %s\r\n\r\n" % MARK
_TRY_S = 0.8
_LARGE_TRY_S = 8.0
_OWN_PORT = 39_999


def open_page(client: Client, timeout_s: float) -> float | None:
    """Seconds until a page has come, trying again as browsers do; None: none came."""
    started = time.monotonic()
    while (passed_s := time.monotonic() - started) < timeout_s:
        if _fetch(client, min(_TRY_S, timeout_s - passed_s)):
            return time.monotonic() - started
    return None


def _fetch(client: Client, timeout_s: float, host: str = SITE) -> bool:
    stream = client.start_connecting(host, WEB)
    try:
        stream.wait_established(timeout_s)
        stream.send(_PAGE_QUESTION)
        return stream.receive_all(timeout_s) == PAGE
    except LabError:
        client.loop.call(stream.connection.abort)
        return False


def speak_to_gateway(client: Client, gateway: str, ports: Iterable[int]) -> bool:
    """Say the words to the gateway itself, where the box's own packets go: to its UDP ports, and
    to its port 80, where the world inside the tunnel has a page like everywhere. Whether it came.

    What of that left the box in clear would look like a carrier, but for the words.
    """
    for port in ports:
        client.send_udp(_OWN_PORT, gateway, port, MARK)
    return _fetch(client, _LARGE_TRY_S, gateway)


def open_large_page(client: Client, timeout_s: float) -> bool:
    """Whether 300 kB come whole on one connection; who waits in vain tries once more."""
    end = time.monotonic() + timeout_s
    while (left_s := end - time.monotonic()) > 0:
        if _fetch_large(client, min(_LARGE_TRY_S, left_s)):
            return True
    return False


def _fetch_large(client: Client, timeout_s: float) -> bool:
    stream = client.start_connecting(SITE, BULK)
    try:
        stream.wait_established(timeout_s)
        stream.send(b"%d\n" % LARGE)
        return stream.receive_all(timeout_s) == bytes(LARGE)
    except LabError:
        client.loop.call(stream.connection.abort)
        return False

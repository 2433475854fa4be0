"""The TCP ports of a gateway on loopback, without a gateway behind them."""

import contextlib
import hashlib
import os
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.gateway import probes

from carrier.websocket import ONCE_NONCE_LEN, once_path
from undertow.gateway.streams import certificate
from undertow.gateway.streams.background import Background
from undertow.gateway.streams.conversation import Entrance
from undertow.gateway.streams.openings import recogniser
from undertow.gateway.streams.server import StreamServer
from undertow.gateway.streams.sink import Arrival
from undertow.gateway.streams.site import File, Site, kind_of

SECRET = "/" + "5e" * 16
PUBLIC_KEY = bytes(range(32))
# As the nginx had it whose answers are in tests/vectors/nginx.
PAGES = {
    "/index.html": (
        '<!DOCTYPE html>\n<html lang="en">\n<title>home</title>\n<p>Nothing to see.</p>\n</html>\n'
    ),
    "/style.css": "body { margin: 2em; }\n",
    "/robots.txt": "User-agent: *\nAllow: /\n",
}


def own_site() -> Site:
    files = {
        path: File(text.encode(), kind_of(path), 1_700_000_000) for path, text in PAGES.items()
    }
    made = Site(files)
    made.folders.add("/pictures/")
    return made


def initiation(key: bytes = PUBLIC_KEY, head: bytes = b"") -> bytes:
    """One with a valid mac1, as far as a stranger to the handshake can tell; each is another."""
    head = head or b"\x01\0\0\0" + os.urandom(112)
    mac_key = hashlib.blake2s(b"mac1----" + key).digest()
    return head + hashlib.blake2s(head, key=mac_key, digest_size=16).digest() + bytes(16)


def frame(datagram: bytes) -> bytes:
    return len(datagram).to_bytes(2, "big") + datagram


@dataclass
class Kept:
    """A sink that keeps what it gets. old: initiations that it has had by another way."""

    room: int = 1 << 30
    old: set[bytes] = field(default_factory=set)
    got: list[tuple[socket.socket, Arrival]] = field(default_factory=list)

    def adopt(self, connection: socket.socket, arrival: Arrival) -> None:
        if len(self.got) >= self.room:
            raise OSError("no room")
        self.got.append((connection.dup(), arrival))

    async def is_new(self, message: bytes) -> bool:
        return message not in self.old

    def close(self) -> None:
        for connection, _ in self.got:
            connection.close()


@dataclass(frozen=True)
class Doors:
    server: StreamServer
    sink: Kept
    plain: int
    tls: int
    certificate: bytes
    background: Background

    def ports(self) -> dict[str, tuple[int, bool]]:
        """(port, whether with TLS), by the names of probes.all_probes()."""
        return {"plain": (self.plain, False), "plain on tls": (self.tls, False)} | {
            "tls": (self.tls, True)
        }


@contextlib.contextmanager
def opened(folder: Path, sink: Kept | None = None, site: Site | None = None) -> Iterator[Doors]:
    made, key = certificate.self_signed(probes.HOST)
    (folder / "certificate.pem").write_bytes(made)
    (folder / "key.pem").write_bytes(key)
    context = certificate.context(folder / "certificate.pem", folder / "key.pem")
    kept = sink or Kept()
    entrance = Entrance(SECRET, site or own_site(), recogniser(PUBLIC_KEY), probes.HOST)
    server = StreamServer(entrance, kept, context)
    plain, tls = server.open("127.0.0.1", 0, False), server.open("127.0.0.1", 0, True)
    try:
        background = Background(server)
        with background:
            yield Doors(server, kept, plain, tls, made, background)
    finally:
        kept.close()


def once(nonce: bytes = b"") -> str:
    """A path for a WebSocket without TLS."""
    return once_path(SECRET.encode(), nonce or os.urandom(ONCE_NONCE_LEN)).decode()


def upgrade(path: str = SECRET, more: str = "", method: str = "GET") -> bytes:
    """The request for a WebSocket, as a box makes it."""
    return (
        f"{method} {path} HTTP/1.1\r\nHost: {probes.HOST}\r\nUpgrade: websocket\r\n"
        "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        f"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{more}\r\n"
    ).encode()


def _trusting() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


# One for all: each has a memory of its own.
_CONTEXT = _trusting()


def tls(port: int, name: str | None = probes.HOST) -> ssl.SSLSocket:
    connection = socket.create_connection(("127.0.0.1", port), 5)
    return _CONTEXT.wrap_socket(connection, server_hostname=name)

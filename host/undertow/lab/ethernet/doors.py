"""The many ways into the gateway without root: UDP ports, shaped and plain, and streams.

UDP answers leave by the port that was asked. Streams come by the gateway's own web server
(undertow.gateway.streams), which hands over those of boxes; their frames are read in Python.
"""

import base64
import contextlib
import ipaddress
import secrets
import socket
import tempfile
from collections.abc import Callable
from pathlib import Path

from _wg import Shape

from carrier.errors import CarrierError
from carrier.framing import DATAGRAM, PING, PONG, Decoder, control, encode
from undertow.gateway.streams import certificate
from undertow.gateway.streams.background import Background
from undertow.gateway.streams.conversation import Entrance
from undertow.gateway.streams.openings import recogniser
from undertow.gateway.streams.server import StreamServer
from undertow.gateway.streams.sink import Arrival
from undertow.gateway.streams.site import Site
from undertow.lab.ethernet.loop import Loop
from wg import endpoint

UDP_PORTS = (443, 53, 123, 500, 4500, 51820, 40123)
WEB_PORTS = (80, 443)
NAME = "home.example.org"
PREFIX_LEN = 16

_MAX_DATAGRAM = 65_600
_AT_ONCE = 64
_CHUNK = 65_536
# Beyond that a stream that does not drain loses datagrams.
_QUEUE = 65_536

Receive = Callable[[bytes, bytes], None]


class Doors:
    """What a gateway has beside its one UDP port. receive: called with a datagram and its endpoint.

    prefix_len: S1 to S4. udp, tcp: the real ports of 127.0.0.1 by those that the world knows.
    decoys: as the document has them. Made in the test's thread.
    """

    def __init__(
        self, loop: Loop, public_key: bytes, receive: Receive, prefix_len: int = PREFIX_LEN
    ) -> None:
        self.decoys = "dns, quic, none"
        self._loop = loop
        self._receive = receive
        self._prefix_len = prefix_len
        self._key = secrets.token_bytes(32)
        self._path = "/" + secrets.token_hex(16)
        self._sockets = {port: _bound() for port in UDP_PORTS}
        self.udp = {port: int(each.getsockname()[1]) for port, each in self._sockets.items()}
        for port, each in self._sockets.items():
            self._watch(port, each)
        self._streams: dict[int, _Stream] = {}
        self._count = 0
        with tempfile.TemporaryDirectory(prefix="undertow-lab-") as folder:
            pem, key = certificate.self_signed(NAME)
            files = Path(folder, "certificate"), Path(folder, "key")
            for file, data in zip(files, (pem, key), strict=True):
                file.touch(0o600)
                file.write_bytes(data)
            context = certificate.context(*files)
        self._pin = certificate.pin(pem)
        entrance = Entrance(
            self._path, Site.built_in("home"), recogniser(public_key, self.shape()), NAME
        )
        self.server = StreamServer(entrance, self, context)
        self.tcp = {
            port: self.server.open("127.0.0.1", 0, secure=port == 443) for port in WEB_PORTS
        }
        self._background = Background(self.server)
        self._background.__enter__()

    def shape(self) -> Shape:
        """The shape of the datagrams here; each caller gets its own."""
        types = (1, 1, 2, 2, 3, 3, 4, 4)
        return Shape((self._prefix_len,) * 4, types, bytes(self._key), secrets.token_bytes(32))

    @property
    def key(self) -> bytes:
        """Of header protection, and so of probes."""
        return self._key

    def interface_lines(self) -> str:
        """What a box's document has of it in [Interface]."""
        sizes = "".join(f"S{number} = {self._prefix_len}\n" for number in (1, 2, 3, 4))
        return f"{sizes}HeaderProtectionKey = {base64.b64encode(self._key).decode()}\n"

    def section(self, inside: str, more: str = "") -> str:
        """The section [Carriers]. inside: ADDRESS:PORT. more: further lines."""
        return (
            "\n[Carriers]\n"
            f"UDP = {', '.join(str(port) for port in UDP_PORTS)}\n"
            f"Shapes = shaped, plain\nDecoys = {self.decoys}\n"
            "TCP = 80\nWS = 80\nTLS = 443\n"
            f"TLSName = {NAME}\nTLSPin = {self._pin}\nPath = {self._path}\n"
            f"Inside = {inside}\n{more}"
        )

    def transmit(self, datagram: bytes, target: bytes) -> None:
        """Send a datagram to an endpoint that came from here. In the loop's thread."""
        if endpoint.is_stream(target):
            stream = self._streams.get(endpoint.port(target))
            if stream is not None:
                stream.send(datagram)
            return
        host = endpoint.host(target)
        address = str(ipaddress.ip_address(host[4:8]))
        with contextlib.suppress(OSError):  # nobody is there just now
            self._sockets[_own_port(host)].sendto(datagram, (address, endpoint.port(target)))

    def adopt(self, connection: socket.socket, arrival: Arrival) -> None:
        """A box's stream (undertow.gateway.streams.sink). In the server's thread."""
        kept = connection.dup()
        kept.setblocking(False)

        def take() -> None:
            self._count += 1
            number = self._count
            self._streams[number] = _Stream(self._loop, kept, arrival.framing, number, self)

        self._loop.call(take)

    async def is_new(self, message: bytes) -> bool:
        """As adopt(): the gateway of a lab meets no censor that says again what it has heard."""
        return len(message) > 0

    def streams(self) -> int:
        """How many streams are open now."""
        return self._loop.call(lambda: len(self._streams))

    def came(self, datagram: bytes, number: int) -> None:
        """A stream has a datagram."""
        self._receive(datagram, endpoint.stream(number))

    def forget(self, number: int) -> None:
        """A stream has ended."""
        self._streams.pop(number, None)

    def close(self) -> None:
        """Close all of it."""
        self._background.__exit__()

        def end() -> None:
            for stream in list(self._streams.values()):
                stream.end()
            for each in self._sockets.values():
                self._loop.forget(each)
                each.close()

        self._loop.call(end)

    def _watch(self, port: int, made: socket.socket) -> None:
        def take() -> None:
            for _ in range(_AT_ONCE):
                try:
                    datagram, (address, source) = made.recvfrom(_MAX_DATAGRAM)
                except BlockingIOError:
                    break
                except OSError:  # an earlier datagram found nobody
                    continue
                self._receive(datagram, _endpoint(port, address, source))

        self._loop.call(lambda: self._loop.watch(made, take))


class _Stream:
    """One box's stream: frames in, frames out."""

    def __init__(
        self, loop: Loop, connection: socket.socket, framing: int, number: int, doors: Doors
    ) -> None:
        self._loop = loop
        self._connection = connection
        self._framing = framing
        self._number = number
        self._doors = doors
        self._decoder = Decoder(framing)
        self._waiting = bytearray()
        self._watch()

    def send(self, datagram: bytes) -> None:
        if len(self._waiting) < _QUEUE:
            self._write(encode(self._framing, datagram))

    def end(self) -> None:
        self._loop.forget(self._connection)
        self._connection.close()
        self._doors.forget(self._number)

    def _watch(self) -> None:
        self._loop.watch(self._connection, self._read, self._drain if self._waiting else None)

    def _write(self, frame: bytes) -> None:
        self._waiting += frame
        self._drain()

    def _drain(self) -> None:
        try:
            sent = self._connection.send(self._waiting)
        except BlockingIOError:
            sent = 0
        except OSError:
            self.end()
            return
        del self._waiting[:sent]
        self._watch()

    def _read(self) -> None:
        try:
            data = self._connection.recv(_CHUNK)
            found = self._decoder.feed(data)
        except BlockingIOError:
            return
        except (OSError, CarrierError):
            data, found = b"", []
        for kind, payload in found:
            if kind == DATAGRAM:
                self._doors.came(payload, self._number)
            elif kind == PING:
                self._write(control(self._framing, PONG, payload))
        if not data:
            self.end()


# MemoryPath's endpoints know no port of ours. So it stands in the address: fd00:PORT:IPv4::


def _endpoint(own_port: int, address: str, port: int) -> bytes:
    where = b"\xfd\0" + own_port.to_bytes(2, "big") + socket.inet_aton(address) + bytes(8)
    return endpoint.pack(where, port)


def _own_port(host: bytes) -> int:
    return int.from_bytes(host[2:4], "big")


def _bound() -> socket.socket:
    made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
    made.bind(("127.0.0.1", 0))
    made.setblocking(False)
    return made

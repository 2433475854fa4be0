"""A stranger's relay: a UDP port of this machine leads into a stream to a gateway.

`python -m tests.gateway.way KIND HOST PORT PATH` prints the UDP port. KIND: tcp, ws or tls. As
wstunnel and udp2tcp do, packet by packet in Python, for a WireGuard that knows nothing of it.
"""

import os
import select
import socket
import ssl
import sys

from carrier import framing
from carrier.framing import DATAGRAM, LENGTH, WEBSOCKET_CLIENT, Decoder
from carrier.websocket import ONCE_NONCE_LEN, once_path

NAME = "home.example.org"


def dial(kind: str, host: str, port: int, path: str) -> socket.socket:
    connection = socket.create_connection((host, port), 10)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if kind == "tls":
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        context.set_alpn_protocols(["http/1.1"])
        connection = context.wrap_socket(connection, server_hostname=NAME)
    if kind == "ws":
        path = once_path(path.encode(), os.urandom(ONCE_NONCE_LEN)).decode()
    if kind != "tcp":
        connection.sendall(
            f"GET {path} HTTP/1.1\r\nHost: {NAME}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n".encode()
        )
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            more = connection.recv(1)
            if not more:
                raise SystemExit(f"no WebSocket: {head!r}")
            head += more
        if not head.startswith(b"HTTP/1.1 101 "):
            raise SystemExit(f"no WebSocket: {head!r}")
    return connection


def main() -> None:
    kind, host, port, path = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]
    inner = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    inner.bind(("127.0.0.1", 0))
    print(inner.getsockname()[1], flush=True)
    # UDP over TCP begins with an initiation: what the tunnel says first.
    first, whose = inner.recvfrom(65536)
    stream = dial(kind, host, port, path)
    way = LENGTH if kind == "tcp" else WEBSOCKET_CLIENT
    decoder = Decoder(way)

    def send(datagram: bytes) -> None:
        stream.sendall(framing.encode(way, datagram, b"" if kind == "tcp" else os.urandom(4)))

    send(first)
    while True:
        waiting = isinstance(stream, ssl.SSLSocket) and stream.pending()
        ready = [stream] if waiting else select.select([inner, stream], [], [])[0]
        if inner in ready:
            datagram, whose = inner.recvfrom(65536)
            send(datagram)
        if stream in ready:
            data = stream.recv(1 << 16)
            if not data:
                return
            for what, payload in decoder.feed(data):
                if what == DATAGRAM:
                    inner.sendto(payload, whose)


if __name__ == "__main__":
    main()

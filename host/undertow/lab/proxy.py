"""A proxy as offices have it: HTTP CONNECT and SOCKS5 on one port, with or without a password.

HTTP: RFC 9110 9.3.6, Basic as in RFC 7617. SOCKS5: RFC 1928, a name and a password as in RFC 1929.
What begins with 5 is SOCKS.
"""

import base64
import contextlib
import hmac
import select
import socket
import struct
import threading
from collections.abc import Callable

from undertow.lab.worker import Worker

End = tuple[str, int]
Open = Callable[[str, int], socket.socket]

_HEAD_MAX = 8192
_CHUNK = 65_536
_PATIENCE_S = 10.0
_SOCKS = 5
_CONNECT = 1
_NONE, _PASSWORD, _NO_METHOD = 0, 2, 0xFF
_IPV4, _NAME = 1, 3
_REFUSED, _NOT_ALLOWED = 5, 2


class Proxy(Worker):
    """A with block in which a listening socket is a proxy.

    open_end: a socket that is connected to a host and a port, or OSError. user, password: wanted,
    if there is a user. asked: where to, and whether that was granted. allowed: ports.
    """

    def __init__(
        self,
        listening: socket.socket,
        open_end: Open,
        user: str = "",
        password: str = "",
        allowed: frozenset[int] = frozenset({80, 443}),
    ) -> None:
        self.asked: list[tuple[str, int, bool]] = []
        self.refused_logins = 0
        self.port = int(listening.getsockname()[1])
        self._listening = listening
        self._open = open_end
        self._login = (user, password)
        self._allowed = allowed
        self._threads: list[threading.Thread] = []
        super().__init__(f"proxy-{self.port}", listening)

    def stop(self) -> None:
        """Close everything."""
        super().stop()
        for thread in self._threads:
            thread.join()

    def _work(self) -> None:
        while not self._ended.is_set():
            if select.select([self._listening], [], [], 0.1)[0]:
                client, _ = self._listening.accept()
                thread = threading.Thread(target=self._serve, args=(client,), name="proxy")
                thread.start()
                self._threads.append(thread)

    def _serve(self, client: socket.socket) -> None:
        client.settimeout(_PATIENCE_S)
        # Whoever says nonsense, or goes, is let go.
        with client, contextlib.suppress(OSError, ValueError, struct.error, IndexError):
            first = client.recv(1, socket.MSG_PEEK)
            server = self._socks(client) if first == bytes([_SOCKS]) else self._http(client)
            if server is not None:
                with server:
                    self._splice(client, server)

    # --- HTTP ---

    def _http(self, client: socket.socket) -> socket.socket | None:
        head = _read_head(client)
        request, *lines = head.decode("latin-1").split("\r\n")
        method, target, _ = request.split(" ")
        fields = {
            name.lower(): value for name, _, value in (line.partition(": ") for line in lines)
        }
        if not self._may(fields.get("proxy-authorization", "")):
            self.refused_logins += 1
            _refuse(
                client,
                "407 Proxy Authentication Required",
                'Proxy-Authenticate: Basic realm="office"',
            )
            return None
        if method != "CONNECT":
            _refuse(client, "405 Method Not Allowed", "Allow: CONNECT")
            return None
        host, _, port = target.rpartition(":")
        server = self._reach(host, int(port))
        if server is None:
            _refuse(
                client, "403 Forbidden" if int(port) not in self._allowed else "502 Bad Gateway"
            )
            return None
        client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        return server

    def _may(self, authorization: str) -> bool:
        if not self._login[0]:
            return True
        wanted = "Basic " + base64.b64encode(":".join(self._login).encode()).decode()
        return hmac.compare_digest(authorization.encode(), wanted.encode())

    # --- SOCKS5 ---

    def _socks(self, client: socket.socket) -> socket.socket | None:
        offered = _exactly(client, _exactly(client, 2)[1])
        wanted = _PASSWORD if self._login[0] else _NONE
        if wanted not in offered:
            self.refused_logins += 1
            client.sendall(bytes([_SOCKS, _NO_METHOD]))
            return None
        client.sendall(bytes([_SOCKS, wanted]))
        if wanted == _PASSWORD and not self._has_password(client):
            return None
        _, command, _, kind = _exactly(client, 4)
        if kind == _IPV4:
            host = socket.inet_ntoa(_exactly(client, 4))
        elif kind == _NAME:
            host = _exactly(client, _exactly(client, 1)[0]).decode("ascii")
        else:
            return None
        port = int.from_bytes(_exactly(client, 2), "big")
        server = self._reach(host, port) if command == _CONNECT else None
        status = 0 if server else (_REFUSED if port in self._allowed else _NOT_ALLOWED)
        client.sendall(bytes([_SOCKS, status, 0, _IPV4]) + bytes(6))
        return server

    def _has_password(self, client: socket.socket) -> bool:
        _, length = _exactly(client, 2)
        user = _exactly(client, length)
        password = _exactly(client, _exactly(client, 1)[0])
        fine = hmac.compare_digest(user + b":" + password, ":".join(self._login).encode())
        self.refused_logins += not fine
        client.sendall(bytes([1, 0 if fine else 1]))
        return fine

    # --- both ---

    def _reach(self, host: str, port: int) -> socket.socket | None:
        server = None
        if port in self._allowed:
            with contextlib.suppress(OSError):
                server = self._open(host, port)
        self.asked.append((host, port, server is not None))
        return server

    def _splice(self, client: socket.socket, server: socket.socket) -> None:
        others = {client: server, server: client}
        open_ends = [client, server]
        while open_ends and not self._ended.is_set():
            for readable in select.select(open_ends, [], [], 0.1)[0]:
                data = readable.recv(_CHUNK)
                if data:
                    others[readable].sendall(data)
                else:
                    open_ends.remove(readable)
                    others[readable].shutdown(socket.SHUT_WR)


def _read_head(client: socket.socket) -> bytes:
    """Up to the blank line; not a byte of what is behind it."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        head += _exactly(client, 1)
        if len(head) > _HEAD_MAX:
            raise ValueError("too long")
    return head


def _exactly(client: socket.socket, count: int) -> bytes:
    data = b""
    while len(data) < count:
        part = client.recv(count - len(data))
        if not part:
            raise ConnectionResetError
        data += part
    return data


def _refuse(client: socket.socket, status: str, field: str = "Via: office") -> None:
    body = f"<html><body><h1>{status}</h1></body></html>\n"
    head = f"HTTP/1.1 {status}\r\n{field}\r\nContent-Length: {len(body)}\r\nConnection: close"
    client.sendall(f"{head}\r\n\r\n{body}".encode())

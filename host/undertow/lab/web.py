"""A web server and a browser, both very small, that live in namespaces."""

import http.client
import socketserver
import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler
from types import TracebackType
from typing import Self

from undertow.lab.namespace import Namespace
from undertow.lab.sockets import family_of, listen


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    pages: dict[str, bytes]


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        page = self.server.pages.get(self.path)
        self.send_response(404 if page is None else 200)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(page or b"")))
        self.end_headers()
        self.wfile.write(page or b"")

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


class WebServer:
    """A with block that serves pages (path -> content) over HTTP from a namespace."""

    def __init__(
        self, namespace: Namespace, address: str, pages: dict[str, bytes], port: int = 80
    ) -> None:
        self._server = _Server((address, port), _Handler, bind_and_activate=False)
        self._server.socket.close()
        self._server.socket = listen(namespace, address, port)
        self._server.pages = pages
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.1,))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def fetch(
    namespace: Namespace,
    address: str,
    path: str = "/",
    port: int = 80,
    timeout_s: float = 10.0,
    headers: Mapping[str, str] | None = None,
) -> bytes:
    """GET a page from inside a namespace. OSError: no way, no answer in time, or not status 200."""
    with namespace.socket(family_of(address), kind=1) as connection:
        connection.settimeout(timeout_s)
        connection.connect((address, port))
        client = http.client.HTTPConnection(address, port)
        client.sock = connection
        client.request("GET", path, headers=dict(headers or {}))
        answer = client.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise OSError(f"http://{address}:{port}{path}: status {answer.status}")
        return body

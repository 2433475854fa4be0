"""The lab's proxy, asked by curl, which speaks both kinds."""

import shutil
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from tests.support.absence import cannot_run

from undertow.lab.proxy import Proxy

PAGE = b"through the proxy\n" * 4000


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(PAGE)))
        self.end_headers()
        self.wfile.write(PAGE)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def web() -> Iterator[int]:
    """The port of a web server."""
    if shutil.which("curl") is None:
        cannot_run("curl is missing: run ./invoke setup")
    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


Make = Callable[..., Proxy]


@pytest.fixture
def make(web: int) -> Iterator[Make]:
    """make(user, password): a proxy that finds the web server at 192.0.2.2:80 and by a name."""

    def open_end(host: str, port: int) -> socket.socket:
        if host not in ("192.0.2.2", "web.example") or port != 80:
            raise OSError
        return socket.create_connection(("127.0.0.1", web))

    with ExitStack() as stack:
        yield lambda *login: stack.enter_context(
            Proxy(socket.create_server(("127.0.0.1", 0)), open_end, *login)
        )


def curl(proxy: Proxy, scheme: str, url: str, login: str = "") -> tuple[int, bytes, str]:
    """Exit status, page and errors of curl through a proxy."""
    where = f"{scheme}://{login}127.0.0.1:{proxy.port}"
    argv = ["curl", "-sSv", "-m", "5", "--noproxy", "", "--proxytunnel", "-x", where, url]
    done = subprocess.run(argv, capture_output=True, timeout=20)
    return done.returncode, done.stdout, done.stderr.decode(errors="replace")


@pytest.mark.parametrize("scheme", ["http", "socks5", "socks5h"])
def test_a_page_comes_through_each_kind_of_proxy(make: Make, scheme: str) -> None:
    proxy = make()
    assert curl(proxy, scheme, "http://192.0.2.2/")[:2] == (0, PAGE)
    if scheme != "socks5":
        assert curl(proxy, scheme, "http://web.example/")[:2] == (0, PAGE)
    assert proxy.asked[0] == ("192.0.2.2", 80, True)


@pytest.mark.parametrize("scheme", ["http", "socks5"])
def test_who_has_not_the_password_is_refused(make: Make, scheme: str) -> None:
    proxy = make("guest", "open sesame")
    assert curl(proxy, scheme, "http://192.0.2.2/", "guest:open%20sesame@")[:2] == (0, PAGE)
    for login in ("", "guest:wrong@"):
        status, page, said = curl(proxy, scheme, "http://192.0.2.2/", login)
        assert (status != 0, page) == (True, b"")
        assert scheme != "http" or "407 Proxy Authentication Required" in said
    assert proxy.refused_logins == 2
    assert len(proxy.asked) == 1


@pytest.mark.parametrize("scheme", ["http", "socks5"])
def test_other_ports_and_places_are_out_of_reach(make: Make, scheme: str) -> None:
    proxy = make()
    for url in ("http://192.0.2.2:22/", "http://198.51.100.1/"):
        assert curl(proxy, scheme, url)[0] != 0
    assert proxy.asked == [("192.0.2.2", 22, False), ("198.51.100.1", 80, False)]


@pytest.mark.parametrize(
    "said", [b"\5", b"\5\1\0\5\1\0\4", b"nonsense\r\n\r\n", b"CONNECT x HTTP/1.1"]
)
def test_nonsense_is_let_go(make: Make, said: bytes) -> None:
    proxy = make()
    with socket.create_connection(("127.0.0.1", proxy.port)) as client:
        client.settimeout(5.0)
        client.sendall(said)
        client.shutdown(socket.SHUT_WR)
        while client.recv(100):
            pass
    assert proxy.asked == []

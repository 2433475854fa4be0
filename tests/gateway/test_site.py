"""What a prober sees at the gateway's TCP ports: a web site, whatever is tried."""

import asyncio
import contextlib
import json
import re
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from _wg import Shape
from tests.gateway import doors, probes
from tests.gateway.doors import PUBLIC_KEY, SECRET, Doors, Kept

from undertow.errors import UndertowError
from undertow.gateway.streams import certificate, openings, request
from undertow.gateway.streams.body import Chunks
from undertow.gateway.streams.openings import Seen, recogniser
from undertow.gateway.streams.site import Site

WRONG = "/" + "5f" * 16


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doors]:
    with doors.opened(tmp_path_factory.mktemp("doors")) as made:
        yield made


def test_each_probe_is_answered_as_by_nginx_to_the_byte(house: Doors) -> None:
    expected = json.loads(probes.VECTORS.read_text())

    def ask(probe: tuple[str, str, bytes]) -> tuple[str, list[str], list[str]]:
        where, name, request = probe
        port, secure = house.ports()[where]
        wanted, wanted_end = expected[where][name]

        def is_enough(answer: bytes) -> bool:
            return wanted_end == "open" and len(probes.steady(answer)) >= len(wanted)

        answer, end = probes.ask(port, secure, probes.filled(request, port, secure), is_enough)
        return f"{where}: {name}", [probes.steady(answer), end], [wanted, wanted_end]

    with ThreadPoolExecutor(32) as crew:
        results = list(crew.map(ask, probes.all_probes()))
    assert len(results) >= 350
    assert {name: got for name, got, wanted in results if got != wanted} == {}
    assert not house.sink.got


def test_oddities_are_answered_as_by_nginx_to_the_byte(house: Doors) -> None:
    """What a prober says who knows nginx's code: partial lines, strange chunks, old browsers."""

    def ask(oddity: tuple[str, str, bytes, str, str]) -> tuple[str, list[str], list[str]]:
        where, name, said, wanted, wanted_end = oddity
        port, secure = house.ports()[where]

        def is_enough(answer: bytes) -> bool:
            return wanted_end == "open" and len(probes.steady(answer)) >= len(wanted)

        answer, end = probes.ask(port, secure, said, is_enough)
        return f"{where}: {name}", [probes.steady(answer), end], [wanted, wanted_end]

    with ThreadPoolExecutor(32) as crew:
        results = list(crew.map(ask, probes.oddities()))
    assert len(results) >= 500
    assert {name: got for name, got, wanted in results if got != wanted} == {}
    assert not house.sink.got


# All that is not exactly a box's request: as a function of the path.
NEARLY = {
    "no upgrade": lambda path: doors.upgrade(path).replace(b"Upgrade: websocket\r\n", b""),
    "a POST": lambda path: doors.upgrade(path, method="POST"),
    "a HEAD": lambda path: doors.upgrade(path, method="HEAD"),
    "HTTP/1.0": lambda path: doors.upgrade(path).replace(b"HTTP/1.1", b"HTTP/1.0"),
    "another version": lambda path: doors.upgrade(path).replace(b"Version: 13", b"Version: 8"),
    "no key": lambda path: doors.upgrade(path).replace(b"dGhlIHNhbXBsZSBub25jZQ==", b""),
    "a short key": lambda path: doors.upgrade(path).replace(b"dGhlIHNhbXBsZSBub25jZQ==", b"eA=="),
    "no connection": lambda path: doors.upgrade(path).replace(b"Connection: Upgrade\r\n", b""),
    "a body": lambda path: doors.upgrade(path, "Content-Length: 1\r\n") + b"x",
    "a smuggled body": lambda path: doors.upgrade(path, "Transfer-Encoding: chunked\r\n"),
    "two lengths": lambda path: doors.upgrade(path, "Content-Length: 0\r\nContent-Length: 0\r\n"),
    "a query": lambda path: doors.upgrade(f"{path}?a=b"),
    "a slash behind": lambda path: doors.upgrade(f"{path}/"),
    "a slash before": lambda path: doors.upgrade(f"/{path}"),
    "capitals": lambda path: doors.upgrade(path.upper()),
    "an escape": lambda path: doors.upgrade(path.replace("5", "%35")),
    "the first half": lambda path: doors.upgrade(path[:17]),
    "a whole address": lambda path: doors.upgrade(f"http://{probes.HOST}{path}x"),
    "bytes behind": lambda path: doors.upgrade(path) + b"\x82\x80\0\0\0\0",
    "two requests": lambda path: doors.upgrade("/nope") + doors.upgrade(path) + b"x",
}


@pytest.mark.parametrize("where", ["plain", "plain on tls", "tls"])
def test_the_secret_path_answers_a_stranger_like_any_other(house: Doors, where: str) -> None:
    """Whoever has seen the path, but not its use, learns nothing from asking for it."""
    port, secure = house.ports()[where]
    right = SECRET if where == "tls" else doors.once(b"Z5Z5Z5")

    def both(make: object) -> tuple[str, ...]:
        assert callable(make)
        found = []
        for path in (right, WRONG):
            answer, end = probes.ask(port, secure, make(path))
            text = probes.steady(answer)
            found.append(re.sub("(?i)([0-9a-f]|%35){16,}", "(path)", text) + end)
        return tuple(found)

    with ThreadPoolExecutor(16) as crew:
        for name, (known, unknown) in zip(NEARLY, crew.map(both, NEARLY.values()), strict=True):
            assert known == unknown, name
            assert "101" not in known.split("\r\n")[0], name
    assert not house.sink.got


def test_a_right_upgrade_without_tls_is_none_at_the_port_of_tls(house: Doors) -> None:
    """Where a real server would refuse it, the path must not be carried in the open."""
    answer, end = probes.ask(house.tls, False, doors.upgrade(doors.once()))
    assert b"<title>400 The plain HTTP request was sent to HTTPS port</title>" in answer
    assert end == "closed"
    assert not house.sink.got


def test_a_whole_address_is_no_other_way_in(house: Doors) -> None:
    """A proxy would be asked like that: the site says what it says to all of them."""
    answers = [
        probes.ask(house.tls, True, doors.upgrade(f"https://{probes.HOST}{path}"))
        for path in (SECRET, WRONG)
    ]
    assert [answer.split(b"\r\n")[0] for answer, _ in answers] == [b"HTTP/1.1 404 Not Found"] * 2


@pytest.mark.parametrize("name", [None, probes.HOST, "other.example.net", "x" * 60 + ".example"])
def test_tls_shows_the_same_certificate_to_every_name(house: Doors, name: str | None) -> None:
    with doors.tls(house.tls, name) as connection:
        shown = connection.getpeercert(binary_form=True)
        assert shown is not None
        assert ssl.DER_cert_to_PEM_cert(shown).encode() == house.certificate
        connection.sendall(b"GET / HTTP/1.0\r\n\r\n")
        assert connection.recv(100).startswith(b"HTTP/1.1 200 OK\r\nServer: nginx")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["-alpn", "h2,http/1.1"], "ALPN protocol: http/1.1"),
        (["-tls1_2"], "New, TLSv1.2"),
        (["-tls1_3"], "New, TLSv1.3"),
        (["-noservername"], "CN = home.example.org"),
        (["-tls1_1"], "no peer certificate available"),
        # Refused, as nginx does: a server that goes on without a protocol is another.
        (["-alpn", "h2"], "no application protocol"),
        (["-alpn", "spdy/1,h2", "-tls1_2"], "no application protocol"),
        (["-alpn", "h2,http/1.0"], "ALPN protocol: http/1.0"),
    ],
)
def test_openssl_meets_an_ordinary_server(house: Doors, words: list[str], expected: str) -> None:
    command = ["openssl", "s_client", "-connect", f"127.0.0.1:{house.tls}", *words]
    done = subprocess.run(command, input=b"", capture_output=True, timeout=20)
    assert expected in (done.stdout + done.stderr).decode()


def test_a_hello_in_pieces_is_judged_like_a_whole_one(house: Doors) -> None:
    """Of another protocol, byte by byte: the alert comes with the last of them."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_alpn_protocols(["h2"])
    outgoing = ssl.MemoryBIO()
    client = context.wrap_bio(ssl.MemoryBIO(), outgoing, server_hostname=probes.HOST)
    with pytest.raises(ssl.SSLWantReadError):
        client.do_handshake()
    with socket.create_connection(("127.0.0.1", house.tls), 5) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for each in outgoing.read():
            connection.sendall(bytes((each,)))
        assert connection.recv(100) == bytes.fromhex("15030300020278")


def test_a_body_that_never_ends_is_not_kept() -> None:
    """Neither a chunk's zeros, nor what follows its size, nor the last lines."""
    for beginning, endless in ((b"", b"0"), (b"3;", b"x"), (b"0\r\nA", b"x"), (b"3 ", b"\t")):
        chunks = Chunks()
        rest = chunks.skip(beginning)
        for _ in range(100):
            rest = chunks.skip(rest + endless * 100)
        assert len(rest) < 20


def test_curl_gets_the_page_and_follows_from_the_plain_port(house: Doors, tmp_path: Path) -> None:
    trusted = tmp_path / "ca.pem"
    trusted.write_bytes(house.certificate)
    to = [
        f"{probes.HOST}:{port}:127.0.0.1:{at}" for port, at in ((80, house.plain), (443, house.tls))
    ]
    connect = [word for each in to for word in ("--connect-to", each)]
    command = ["curl", "-sS", "-L", "--cacert", str(trusted), *connect]
    done = subprocess.run([*command, f"http://{probes.HOST}/"], capture_output=True, timeout=20)
    assert done.stdout.decode() == doors.PAGES["/index.html"], done.stderr
    shown = ["-o", "/dev/null", "-w", "%{http_code} %{redirect_url}"]
    asked = [*command[:2], *connect, *shown, f"http://{probes.HOST}/generate_204"]
    assert subprocess.run(asked, capture_output=True, timeout=20).stdout == b"204 "


def test_a_frame_that_is_not_to_us_meets_the_web_server(house: Doors) -> None:
    """To another key, with a wrong mac1, or with other bytes behind a right length."""
    other = doors.initiation(bytes(32))
    broken = bytearray(doors.initiation(PUBLIC_KEY))
    broken[8] ^= 1
    data = b"\x04" + doors.initiation()[1:]
    for datagram in (other, bytes(broken), data, doors.initiation() + b"\0", b""):
        for port in (house.plain, house.tls):
            answer, end = probes.ask(port, False, doors.frame(datagram))
            assert answer.startswith(b"HTTP/1.1 400 Bad Request\r\nServer: nginx"), datagram[:4]
            assert end == "closed"
    assert not house.sink.got


@pytest.mark.parametrize("first", [b"\0", b"\0\x94", b"\0\x94\x01\0\0\0", b"\x05"])
def test_what_could_become_a_frame_is_answered_as_soon_as_what_could_not(
    house: Doors, first: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wait for more of it would tell who waits for frames here: there is none at all."""
    waits = []
    real = asyncio.sleep

    async def sleep(seconds: float) -> None:
        waits.append(seconds)
        await real(seconds)

    monkeypatch.setattr(asyncio, "sleep", sleep)
    answer, _ = probes.ask(house.plain, False, first)
    assert answer.startswith(b"HTTP/1.1 400")
    assert not waits


@pytest.mark.parametrize("is_shaped", [False, True])
def test_a_recorded_beginning_meets_the_web_server(is_shaped: bool) -> None:
    """A censor has seen a box begin, and says the same again: once, and with other bytes around."""
    shape = Shape((16,) * 4, (1, 1, 2, 2, 3, 3, 4, 4), bytearray(range(32)), bytearray(32))
    recognise = recogniser(PUBLIC_KEY, shape)
    first, other = doors.initiation(), doors.initiation(head=b"\x01\0\0\0" + bytes(111) + b"x")
    if is_shaped:
        first, other = wrapped(shape, first), wrapped(shape, other)
    assert recognise(first)
    assert not recognise(first)
    assert not recognise(first[:-1] + b"x")
    assert recognise(other)


def test_a_beginning_that_the_packet_path_knows_from_elsewhere_meets_the_web_server(
    house: Doors,
) -> None:
    known = doors.initiation()
    house.sink.old.add(known)
    answer, _ = probes.ask(house.plain, False, doors.frame(known))
    assert answer.startswith(b"HTTP/1.1 400")
    assert not house.sink.got


def wrapped(shape: Shape, message: bytes) -> bytes:
    datagram = bytearray(shape.room(1)) + message
    shape.wrap(1, datagram)
    return bytes(datagram)


def test_a_head_byte_by_byte_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A visitor who sends a long one in small pieces does not have all of it read for each."""
    taken = []
    real = request._take

    def take(found: request.Request, name: str, value: str) -> None:
        taken.append(name)
        real(found, name, value)

    monkeypatch.setattr(request, "_take", take)
    head = doors.upgrade().replace(b"\r\n\r\n", b"\r\n" + b"A: b\r\n" * 50 + b"\r\n")
    reader = request.Reader()
    found = [reader.read(head[:end]) for end in range(1, len(head) + 1)]
    assert found[:-1] == [None] * (len(head) - 1)
    assert found[-1] == request.Reader().read(head)
    assert found[-1] is not None
    assert found[-1].length == len(head)
    assert len(taken) == 2 * head.count(b": ")


def test_what_was_seen_is_bounded() -> None:
    seen = Seen()
    for number in range(openings.SEEN_MAX + 10):
        assert seen.is_new(number.to_bytes(16, "big"))
    assert len(seen._macs) == openings.SEEN_MAX
    assert not seen.is_new((openings.SEEN_MAX + 9).to_bytes(16, "big"))


def test_broken_tls_gets_an_alert_and_nothing_else(house: Doors) -> None:
    with socket.create_connection(("127.0.0.1", house.tls), 5) as connection:
        connection.sendall(bytes.fromhex("16030100050100000100"))
        answer = connection.recv(100)
    assert answer[:3] in (b"\x15\x03\x01", b"\x15\x03\x03")


def test_whoever_says_nothing_is_told_nothing(house: Doors) -> None:
    """A box's port and a web server's alike wait for the visitor to speak."""
    for port in (house.plain, house.tls):
        with socket.create_connection(("127.0.0.1", port), 5) as connection:
            connection.settimeout(0.3)
            with pytest.raises(TimeoutError):
                connection.recv(1)


def test_a_box_is_let_in_by_each_way(tmp_path: Path) -> None:
    with doors.opened(tmp_path) as house:
        for port in (house.plain, house.tls):
            with socket.create_connection(("127.0.0.1", port), 5) as connection:
                said = doors.frame(doors.initiation()) + doors.frame(b"more")
                connection.sendall(said)
                await_(lambda: house.sink.got)
                taken, arrival = house.sink.got.pop()
                taken.settimeout(5)
                assert (arrival.framing, arrival.words().split()[0]) == (1, "TCP")
                assert taken.recv(1000) == said
                taken.sendall(b"back")
                assert connection.recv(100) == b"back"
        with socket.create_connection(("127.0.0.1", house.plain), 5) as connection:
            require_upgraded(house, connection, "WS")
        with doors.tls(house.tls) as connection:
            require_upgraded(house, connection, "TLS")
        assert house.server.counts["boxes by TCP"] == 2
        assert house.server.counts["boxes by WS"] == house.server.counts["boxes by TLS"] == 1


def require_upgraded(house: Doors, connection: socket.socket, way: str) -> None:
    connection.sendall(doors.upgrade(SECRET if way == "TLS" else doors.once()))
    answer = connection.recv(1000)
    assert answer.startswith(b"HTTP/1.1 101 Switching Protocols\r\nServer: nginx\r\n")
    # The example of RFC 6455, 1.3.
    assert b"\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n" in answer
    await_(lambda: house.sink.got)
    taken, arrival = house.sink.got.pop()
    with taken:
        taken.settimeout(5)
        assert (arrival.framing, arrival.words().split()[0]) == (3, way)
        connection.sendall(b"there")
        assert taken.recv(100) == b"there"
        taken.sendall(b"back")
        assert connection.recv(100) == b"back"
    assert connection.recv(1) == b""


def await_(condition: object) -> None:
    assert callable(condition)
    end = time.monotonic() + 10.0
    while not condition():
        assert time.monotonic() < end, "nothing came"
        time.sleep(0.005)


def test_without_room_a_box_is_turned_away_and_the_site_stays(tmp_path: Path) -> None:
    with doors.opened(tmp_path, Kept(room=0)) as house:
        with doors.tls(house.tls) as connection:
            connection.sendall(doors.upgrade())
            assert connection.recv(1000).startswith(b"HTTP/1.1 101")
            assert connection.recv(1) == b""
        with socket.create_connection(("127.0.0.1", house.plain), 5) as connection:
            connection.sendall(doors.frame(doors.initiation()))
            with contextlib.suppress(ConnectionResetError):
                assert connection.recv(1) == b""
        assert probes.ask(house.tls, True, b"GET / HTTP/1.0\r\n\r\n")[0].startswith(b"HTTP/1.1 200")


def test_no_two_gateways_have_the_same_site_and_each_keeps_its_own() -> None:
    """No file of it, by which one could look for them all; robots.txt is everybody's."""
    sites = [Site.built_in(str(number), 1) for number in range(100)]
    found = [
        file.data for site in sites for path, file in site.files.items() if "robots" not in path
    ]
    assert len(set(found)) == len(found) == 200
    assert Site.built_in("7", 1).files == sites[7].files
    for site in sites:
        page = site.files["/index.html"].data.decode()
        (sheet,) = re.findall('href="(.*?)"', page)
        assert site.files[f"/{sheet}"].kind == "text/css"


def test_a_folder_can_be_the_site(tmp_path: Path) -> None:
    folder = tmp_path / "site"
    (folder / "deep").mkdir(parents=True)
    (folder / "index.html").write_text("hello")
    (folder / "deep" / "a.png").write_bytes(b"picture")
    (folder / "secret").symlink_to("/etc/hostname")
    made = Site.of_folder(folder)
    assert {path: file.kind for path, file in made.files.items()} == {
        "/index.html": "text/html",
        "/deep/a.png": "image/png",
    }
    assert made.folders == {"/", "/deep/"}


def test_a_folder_may_be_named_by_a_link_and_its_files_in_any_language(tmp_path: Path) -> None:
    """Where /home or /var/www is a link; names are what requests have in them, byte by byte."""
    folder = tmp_path / "real"
    (folder / "\N{GREEK SMALL LETTER ALPHA} b").mkdir(parents=True)
    (folder / "index.html").write_text("hello")
    (folder / "caf\N{LATIN SMALL LETTER E WITH ACUTE}.html").write_text("coffee")
    (folder / "\N{GREEK SMALL LETTER ALPHA} b" / "x").write_text("x")
    (folder / "elsewhere").symlink_to("/etc")
    (tmp_path / "link").symlink_to(folder)
    made = Site.of_folder(tmp_path / "link")
    assert len(made.files) == 3
    with doors.opened(tmp_path, site=made) as house:
        answer, _ = probes.ask(house.tls, True, b"GET /caf%C3%A9.html HTTP/1.0\r\n\r\n")
        assert answer.endswith(b"coffee")
        asked = f"GET /%CE%B1%20b HTTP/1.1\r\nHost: {probes.HOST}\r\nConnection: close\r\n\r\n"
        answer, _ = probes.ask(house.tls, True, asked.encode())
        assert f"\r\nLocation: https://{probes.HOST}/%CE%B1%20b/\r\n".encode() in answer


def test_a_folder_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UndertowError, match="cannot be read"):
        Site.of_folder(tmp_path / "nowhere")
    with pytest.raises(UndertowError, match=r"no index\.html"):
        Site.of_folder(tmp_path)


def test_the_pin_is_that_of_openssl(tmp_path: Path) -> None:
    made, key = certificate.self_signed("home.example.org")
    (tmp_path / "c").write_bytes(made)
    shell = (
        f"openssl x509 -in {tmp_path}/c -noout -pubkey | openssl pkey -pubin -outform DER | "
        "openssl dgst -sha256 -binary | base64"
    )
    said = subprocess.run(["sh", "-c", shell], capture_output=True, timeout=20).stdout
    assert said.decode().strip() == certificate.pin(made)
    assert b"PRIVATE KEY" in key

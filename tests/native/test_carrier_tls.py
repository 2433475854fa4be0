"""TLS of native/carrier against OpenSSL: whom it believes, how it ends, and what is left of it."""

import hashlib
import re
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from tests.support.tls_ends import NAME, TODAY, Issued, context_of, issue, root, serving, write_pem

from undertow import native_tests

NOW_S = int(TODAY.timestamp())
OPEN = 2  # cr_end.h, as the ends below
_ENDS = (
    *("none", "here", "refused", "unreachable", "timeout", "reset", "closed", "alert", "tls"),
    *("certificate", "name", "expired", "pin", "protocol", "memory"),
)
ENDS = {name: number for number, name in enumerate(_ENDS)}
# What a board has for TLS (native/carrier/README.md). This machine, with pointers of 8 bytes, needs
# more than any board.
BOARD_ARENA_KIB = 24
MESSAGE = bytes(range(256)) * 80  # more than a record of 16 KiB


@pytest.fixture(scope="module")
def client() -> Path:
    return native_tests.build(native_tests.FOLDER / "carrier_client.c")


@pytest.fixture(scope="module")
def small_client() -> Path:
    """With a board's settings: short records, small tables."""
    return native_tests.build(native_tests.FOLDER / "carrier_client_small.c")


def connect(
    client: Path,
    port: int | str,
    pins: str,
    *,
    name: str = NAME,
    now_s: int = 0,
    piece: int = 0,
    arena_kib: int = 256,
    mode: str = "",
    message: bytes = MESSAGE,
) -> dict[str, str]:
    words = [client, port, name, pins, now_s, piece, arena_kib, *([mode] if mode else [])]
    ran = subprocess.run(
        [str(word) for word in words], input=message, capture_output=True, timeout=60, check=False
    )
    assert ran.returncode == 0, (ran.stdout + ran.stderr).decode(errors="replace")
    said = dict(line.split(" ", 1) for line in ran.stdout.decode().splitlines() if " " in line)
    # Whatever happened: nothing is in use, and nothing of it can be read.
    assert (said["used"], int(said["left"]) <= 8) == ("0", True), said
    return said


def ended(said: dict[str, str]) -> str:
    return next(name for name, number in ENDS.items() if number == int(said["end"]))


@pytest.mark.parametrize("kind", ["p256", "p384", "rsa"])
@pytest.mark.parametrize("version", ["TLSv1.2", "TLSv1.3"])
def test_bytes_pass_both_versions_and_every_kind_of_key(client, tmp_path, kind, version):
    shown = issue(kind)
    exact = ssl.TLSVersion.TLSv1_2 if version == "TLSv1.2" else ssl.TLSVersion.TLSv1_3
    with serving(context_of(shown, tmp_path, least=exact, most=exact)) as server:
        said = connect(client, server.port, shown.pin)
    assert (said["state"], said["echo"], ended(said)) == (str(OPEN), "1", "here")
    assert server.seen["version"] == version
    # The only protocol that is offered, though the server has HTTP/2; and the name is said.
    assert server.seen["alpn"] == "http/1.1"
    assert server.seen["name"] == NAME


@pytest.mark.parametrize("piece", [1, 7, 1000])
@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_it_makes_no_difference_how_bytes_are_cut(client, tmp_path, piece, version):
    shown = issue("p256", root())
    with serving(context_of(shown, tmp_path, least=version, most=version)) as server:
        said = connect(client, server.port, shown.pin, piece=piece, message=b"x" * 600)
    assert (said["echo"], ended(said)) == ("1", "here")


@pytest.mark.parametrize("mode", ["carry", "twice"])
def test_datagrams_are_carried_and_a_second_connection_is_as_the_first(client, tmp_path, mode):
    shown = issue()
    with serving(context_of(shown, tmp_path)) as server:
        said = connect(client, server.port, shown.pin, mode=mode)
    assert said["echo"] == "1"
    assert said.get("carried") == ("10" if mode == "carry" else None)


@pytest.mark.parametrize(
    "ciphers",
    ["ECDHE-ECDSA-CHACHA20-POLY1305", "ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE+AES256+AESGCM"],
)
def test_every_suite_of_ours_is_openssl_s(client, tmp_path, ciphers):
    shown = issue()
    most = ssl.TLSVersion.TLSv1_2
    with serving(context_of(shown, tmp_path, most=most, ciphers=ciphers)) as server:
        assert connect(client, server.port, shown.pin)["echo"] == "1"


def test_rsa_pss_in_tls_1_2_is_what_mbed_tls_cannot_check(client, tmp_path):
    # A server without TLS 1.3, with an RSA key, that goes by its own order: known, and no rung.
    shown = issue("rsa")
    most = ssl.TLSVersion.TLSv1_2
    with serving(context_of(shown, tmp_path, most=most, prefers_own=True)) as server:
        assert ended(connect(client, server.port, shown.pin)) == "tls"


def test_what_has_no_forward_secrecy_is_not_offered(client, tmp_path):
    shown = issue("rsa")
    most = ssl.TLSVersion.TLSv1_2
    with serving(context_of(shown, tmp_path, most=most, ciphers="AES128-GCM-SHA256")) as server:
        assert ended(connect(client, server.port, shown.pin)) == "alert"
    assert "NO_SHARED_CIPHER" in server.seen["error"]


# The chain that is shown, whose key is pinned, and how it ends with a clock that is right.
A_ROOT = root()
AN_ISSUER = issue("p256", A_ROOT, name="One Below", is_issuer=True)
CHAINS = {
    "a pinned key, self-signed": (issue(), issue(), "here"),
    "a pinned key, with any name": (
        issue(name="elsewhere.org"),
        issue(name="elsewhere.org"),
        "here",
    ),
    "a pinned key, long over": (issue(ends=-5), issue(ends=-5), "here"),
    "another key": (issue(), issue("rsa"), "pin"),
    "a pinned issuer": (issue("rsa", A_ROOT), A_ROOT, "here"),
    "the pinned issuer of its issuer": (issue("p256", AN_ISSUER), A_ROOT, "here"),
    "the pinned issuer under another": (issue("p256", AN_ISSUER), AN_ISSUER, "here"),
    "a pinned issuer, another name": (issue("rsa", A_ROOT, name="elsewhere.org"), A_ROOT, "name"),
    "a pinned issuer, over": (issue("rsa", A_ROOT, ends=-1), A_ROOT, "expired"),
    "a pinned issuer, not yet": (issue("rsa", A_ROOT, begins=1), A_ROOT, "expired"),
    "a pinned issuer that signed something else": (
        issue("rsa", A_ROOT, signer_kind="p384"),
        A_ROOT,
        "certificate",
    ),
    "a pinned issuer above a forged one": (
        issue("p256", issue("p256", A_ROOT, name="Forged", is_issuer=True, signer_kind="p384")),
        A_ROOT,
        "certificate",
    ),
    "a pinned key that is no issuer": (
        issue("rsa", issue("p256", A_ROOT, name="A Site")),
        issue("p256", A_ROOT, name="A Site"),
        "pin",
    ),
    "an issuer over, under a pinned one": (
        issue("p256", issue("p256", A_ROOT, name="Over", is_issuer=True, ends=-1)),
        A_ROOT,
        "expired",
    ),
}


@pytest.mark.parametrize("chain", CHAINS)
@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_who_is_believed(client, tmp_path, chain, version):
    shown, pinned, expected = CHAINS[chain]
    with serving(context_of(shown, tmp_path, least=version, most=version)) as server:
        said = connect(client, server.port, pinned.pin, now_s=NOW_S, message=b"x")
        assert ended(said) == expected
        # Without a clock, a time is no reason.
        without = connect(client, server.port, pinned.pin, message=b"x")
    assert ended(without) == ("here" if expected == "expired" else expected)


def test_one_of_several_pins_is_enough_and_none_is_not(client, tmp_path):
    shown = issue()
    others = [hashlib.sha256(bytes([i])).hexdigest() for i in range(3)]
    with serving(context_of(shown, tmp_path)) as server:
        assert ended(connect(client, server.port, "".join([*others, shown.pin]))) == "here"
        assert ended(connect(client, server.port, "".join(others))) == "pin"
        server.seen.clear()
        assert ended(connect(client, server.port, "")) == "pin"
        assert "name" not in server.seen, "something was said to a server nobody is to believe"
        for name in ("a b", "x" * 254):
            assert ended(connect(client, server.port, shown.pin, name=name)) == "name"


def test_above_a_pinned_key_nothing_counts_whatever_else_is_pinned(client, tmp_path):
    over = issue("p256", A_ROOT, name="Over", is_issuer=True, ends=-1)
    below = issue("rsa", over)
    for shown, pins, expected in (
        (below, A_ROOT.pin, "expired"),
        (below, A_ROOT.pin + below.pin, "here"),
        (below, A_ROOT.pin + over.pin, "here"),
        (issue("rsa", over, name="elsewhere.org"), A_ROOT.pin + over.pin, "name"),
    ):
        with serving(context_of(shown, tmp_path)) as server:
            said = connect(client, server.port, pins, now_s=NOW_S, message=b"x")
            assert ended(said) == expected


def test_without_a_name_none_is_said_and_only_a_key_of_the_servers_own_counts(client, tmp_path):
    for shown, pinned, expected in (
        (issue(), issue(), "here"),
        (issue("rsa", A_ROOT), issue("rsa", A_ROOT), "here"),
        (issue("rsa", A_ROOT), A_ROOT, "name"),
    ):
        with serving(context_of(shown, tmp_path)) as server:
            assert (
                ended(connect(client, server.port, pinned.pin, name="", message=b"x")) == expected
            )
            assert server.seen["name"] is None


def test_who_has_not_the_key_of_the_certificate_is_not_the_server(client, tmp_path):
    # A server that shows a chain whose pinned certificate is not first.
    shown = issue("rsa", name="thief.org")
    stolen = issue()
    thief = Issued(shown.certificate, shown.key, (stolen.certificate,))
    with serving(context_of(thief, tmp_path)) as server:
        assert ended(connect(client, server.port, stolen.pin, now_s=NOW_S)) == "pin", server.seen


def test_a_connection_that_is_cut_is_told_from_one_that_is_closed(client, tmp_path):
    shown = issue()
    for after, expected in (("cut", "reset"), ("close", "closed")):
        with serving(context_of(shown, tmp_path), after) as server:
            assert ended(connect(client, server.port, shown.pin, message=b"xy")) == expected


class Hello:
    """A ClientHello (RFC 8446, 4.1.2), by its bytes."""

    def __init__(self, record: bytes) -> None:
        assert record[0] == 22
        self.record_version = record[1:3].hex()
        body = record[9:]
        self.session, body = self._take(body[34:], 1)
        suites, body = self._take(body, 2)
        self.suites = [suites[i : i + 2].hex() for i in range(0, len(suites), 2)]
        extensions, _ = self._take(self._take(body, 1)[1], 2)
        self.extensions: dict[int, bytes] = {}
        while extensions:
            kind = int.from_bytes(extensions[:2], "big")
            self.extensions[kind], extensions = self._take(extensions[2:], 2)

    @staticmethod
    def _take(data: bytes, width: int) -> tuple[bytes, bytes]:
        end = width + int.from_bytes(data[:width], "big")
        return data[width:end], data[end:]

    @classmethod
    def of(cls, client: Path, name: str) -> "Hello":
        said: list[bytes] = []
        with saying(bytes.fromhex("15030300020228"), said) as port:
            connect(client, port, "00" * 32, name=name)
        return cls(said[0])


@pytest.mark.parametrize("name", [NAME, ""])
@pytest.mark.parametrize("is_small", [False, True])
def test_the_hello_is_that_of_a_web_client_without_hardware_for_aes(
    client, small_client, name, is_small
):
    hello = Hello.of(small_client if is_small else client, name)
    other = Hello.of(small_client if is_small else client, name)
    # BoringSSL's order where AES is slow, without CBC; and the word that no renegotiation is.
    suites = "1303 1301 1302 cca9 cca8 c02b c02f c02c c030 00ff"
    assert (hello.record_version, hello.suites) == ("0301", suites.split())
    assert len(hello.session) == 32 and hello.session != other.session
    kinds = [0, 16, 43, 51, 10, 13, 11, *([1] if is_small else []), 23]
    assert list(hello.extensions) == (kinds if name else kinds[1:])
    fixed = {
        16: b"\x00\x09\x08http/1.1",
        43: bytes.fromhex("0403040303"),
        10: bytes.fromhex("0006001d00170018"),
        11: bytes.fromhex("0100"),
        13: bytes.fromhex("001004030503040105010601080408050806"),
        1: b"\x03",  # 2 KiB: what marks a board, and its memory wants (RFC 6066, 4)
        23: b"",
    }
    if name:
        fixed[0] = b"\x00\x13\x00\x00\x10" + name.encode()
    for kind, said in hello.extensions.items():
        if kind == 51:
            assert said[:6] == bytes.fromhex("0024001d0020") and len(said) == 38
            assert said != other.extensions[51]
        else:
            assert said == fixed[kind], kind


@contextmanager
def saying(answer: bytes, said: list[bytes] | None = None) -> Iterator[int]:
    """A server that says one thing to whatever is said, and closes. said: gets what was said."""
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with listening.accept()[0] as one, suppress(OSError):
            first = one.recv(4096)
            if said is not None:
                said.append(first)
            one.sendall(answer)
            one.shutdown(socket.SHUT_WR)
            while one.recv(4096):
                pass

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield listening.getsockname()[1]
    finally:
        thread.join(5)
        listening.close()


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "tls"),
        (bytes.fromhex("15030300020228"), "alert"),  # handshake_failure
        (bytes.fromhex("1603030030"), "closed"),  # a record that never comes
        (bytes.fromhex("160303ffff") + bytes(100), "tls"),  # longer than any record
        (b"", "closed"),
    ],
)
def test_what_is_no_tls_ends_it(client, answer, expected):
    with saying(answer) as port:
        assert ended(connect(client, port, "00" * 32)) == expected


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
@pytest.mark.parametrize("chain", ["alone", "two issuers", "three of RSA"])
def test_a_boards_arena_is_enough(small_client, tmp_path, chain, version):
    shown, pinned = {
        "alone": (issue(), issue()),
        "two issuers": (issue("p256", AN_ISSUER), A_ROOT),
        "three of RSA": (issue("rsa", issue("rsa", root("rsa"), is_issuer=True)), root("rsa")),
    }[chain]
    with serving(context_of(shown, tmp_path, least=version, most=version)) as server:
        # What the server says at once comes in records that a board has room for.
        said = connect(
            small_client, server.port, pinned.pin, arena_kib=BOARD_ARENA_KIB, mode="carry"
        )
    assert (said["echo"], said["carried"], ended(said)) == ("1", "10", "here")


def test_a_boards_arena_is_as_good_after_200_connections(small_client, tmp_path):
    # Two kinds of chains in turns, TLS 1.2 and 1.3, two of three cut anywhere in the handshake.
    one, other = issue(), issue("rsa", issue("rsa", root("rsa"), is_issuer=True))
    old = ssl.TLSVersion.TLSv1_2
    with (
        serving(context_of(one, tmp_path, most=old)) as first,
        serving(context_of(other, tmp_path)) as second,
    ):
        said = connect(
            small_client,
            f"{first.port},{second.port}",
            one.pin + other.pin,
            arena_kib=BOARD_ARENA_KIB,
            mode="often",
            message=b"x" * 200,
        )
    assert (int(said["whole"]) >= 67, int(said["grown"])) == (True, 0), said


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_no_session_is_taken_up_again(client, tmp_path, version):
    # It would tell two connections of a box from those of others, and keep keys in memory.
    shown = issue()
    with serving(context_of(shown, tmp_path, least=version, most=version)) as server:
        assert connect(client, server.port, shown.pin, mode="twice")["echo"] == "1"
        assert server.seen["reused"] == [False, False]


@contextmanager
def openssl(file: Path, *options: str) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    """OpenSSL's own server, which is told things by its input."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    words = ["openssl", "s_server", "-accept", f"127.0.0.1:{port}"]
    words += ["-cert", file, "-key", file, "-cert_chain", file]
    process = subprocess.Popen(
        [*words, *options],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    assert process.stdin is not None and process.stdout is not None
    while b"ACCEPT" not in process.stdout.readline():
        assert process.poll() is None
    try:
        yield port, process
    finally:
        process.kill()
        process.communicate()


def test_openssl_s_server_is_understood_with_what_it_prefers_itself(client, tmp_path):
    shown = issue("rsa", root())
    with openssl(write_pem(shown, tmp_path), "-rev", "-serverpref") as (port, _):
        said = connect(client, port, root().pin, message=b"\n" * 64)
    assert (said["echo"], ended(said)) == ("1", "here")


def test_no_handshake_is_repeated_on_a_connection(client, tmp_path):
    shown = issue()
    with openssl(write_pem(shown, tmp_path), "-tls1_2", "-msg") as (port, process):
        words = [client, port, NAME, shown.pin, 0, 0, 256]
        ours = subprocess.Popen(
            [str(word) for word in words], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        ours.stdin.write(b"x")
        ours.stdin.close()
        said = b""
        while b"Finished" not in said.split(b">>>")[-1]:
            said += process.stdout.readline()
        process.stdin.write(b"R\n")  # renegotiate
        process.stdin.flush()
        end = time.monotonic() + 10
        while b"HelloRequest" not in said or b"no_renegotiation" not in said:
            assert time.monotonic() < end, said.decode(errors="replace")
            said += process.stdout.readline()
        assert ours.wait(10) == 0
    assert len(re.findall(rb"<<< .*ClientHello", said)) == 1


def test_without_randomness_nothing_is_said(client, tmp_path):
    shown = issue()
    with serving(context_of(shown, tmp_path)) as server:
        said = connect(client, server.port, shown.pin, mode="no_random")
        assert ended(said) in {"tls", "memory"}
    assert "version" not in server.seen


@pytest.mark.parametrize("arena_kib", [1, 4, 16, 30, 40, 44])
def test_an_arena_that_is_too_small_is_an_end_like_any_other(client, tmp_path, arena_kib):
    shown = issue("rsa", root("rsa"))
    with serving(context_of(shown, tmp_path)) as server:
        said = connect(client, server.port, root("rsa").pin, arena_kib=arena_kib)
    assert ended(said) in {"memory", "here"}
    if arena_kib <= 30:
        assert ended(said) == "memory"

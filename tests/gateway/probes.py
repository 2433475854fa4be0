"""What a prober sends to the gateway's TCP ports, and what nginx says to the same.

`python -m tests.gateway.probes PLAIN_PORT TLS_PORT` records what an nginx says that is set up as in
tests/vectors/README.md; the tests say the same bytes to our server and expect the same answer.
"""

import json
import re
import socket
import ssl
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

HOST = "home.example.org"
NGINX = Path(__file__).parent.parent / "vectors" / "nginx"
VECTORS = NGINX / "answers.json"
# What only somebody says who looks for differences; the questions stand beside the answers.
ODDITIES = NGINX / "oddities.json"
IDLE_S, RECORD_IDLE_S = 0.1, 1.0
PATIENCE_S = 20.0

_UPGRADE = (
    b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
)
_WRONG = b"/" + b"0" * 32


def _get(path: bytes = b"/", more: bytes = b"", method: bytes = b"GET", host: bytes = b"") -> bytes:
    named = host or HOST.encode()
    return method + b" " + path + b" HTTP/1.1\r\nHost: " + named + b"\r\n" + more + b"\r\n"


# What is sent on either port, by name. All that matters stands in one segment.
PROBES: dict[str, bytes] = {
    "the first page": _get(),
    "the first page, closing": _get(more=b"Connection: close\r\n"),
    "HEAD": _get(method=b"HEAD"),
    "HEAD of a page that is not there": _get(b"/nope", method=b"HEAD"),
    "a page that is not there": _get(b"/nope"),
    "its style": _get(b"/style.css"),
    "robots.txt": _get(b"/robots.txt"),
    "favicon": _get(b"/favicon.ico"),
    "a query": _get(b"/?a=b"),
    "a name with a dot at its end": _get(host=HOST.encode() + b"."),
    "a wrong secret path": _get(_WRONG),
    "an upgrade of the first page": _get(more=_UPGRADE),
    "an upgrade of a wrong path": _get(_WRONG, _UPGRADE),
    "an upgrade to h2c": _get(more=b"Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\n"),
    "HTTP/1.0": b"GET / HTTP/1.0\r\n\r\n",
    "HTTP/1.0 with a host": b"GET /nope HTTP/1.0\r\nHost: home.example.org\r\n\r\n",
    "HTTP/1.0 keep-alive": b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
    "HTTP/0.9": b"GET /\r\n",
    "HTTP/1.1 without a host": b"GET / HTTP/1.1\r\n\r\n",
    "two hosts": _get(more=b"Host: other\r\n"),
    "an empty host": b"GET / HTTP/1.1\r\nHost:\r\n\r\n",
    "a host with a port": _get(host=HOST.encode() + b":8443"),
    "a host that is none": _get(host=b"a/b"),
    "another name": _get(host=b"other.example.net"),
    "another name in capitals": _get(host=b"OTHER.Example.net"),
    "HTTP/2.0": b"GET / HTTP/2.0\r\nHost: a\r\n\r\n",
    "HTTP/3.1": b"GET / HTTP/3.1\r\nHost: a\r\n\r\n",
    "HTTP/1.2": b"GET / HTTP/1.2\r\nHost: home.example.org\r\n\r\n",
    "HTTP/2's preface": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "POST of the first page": _get(more=b"Content-Length: 3\r\n", method=b"POST") + b"abc",
    "POST of a page that is not there": _get(b"/no", b"Content-Length: 3\r\n", b"POST") + b"abc",
    "POST of a file": _get(b"/style.css", b"Content-Length: 3\r\n", b"POST") + b"abc",
    "POST without a length": _get(b"/style.css", method=b"POST"),
    "PUT": _get(b"/x", b"Content-Length: 3\r\n", b"PUT") + b"abc",
    "DELETE": _get(method=b"DELETE"),
    "OPTIONS": _get(method=b"OPTIONS"),
    "OPTIONS of all": _get(b"*", method=b"OPTIONS"),
    "PATCH": _get(method=b"PATCH"),
    "PROPFIND": _get(method=b"PROPFIND"),
    "TRACE": _get(method=b"TRACE"),
    "CONNECT": b"CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n\r\n",
    "an unknown method": _get(method=b"BREW"),
    "a method in small letters": _get(method=b"get"),
    "a method with a dash": _get(method=b"M-SEARCH"),
    "a method with a slash": _get(method=b"M/S"),
    "a whole address": b"GET http://other.example.net/nope HTTP/1.1\r\nHost: a\r\n\r\n",
    "a whole address as to a proxy": b"GET http://example.com/ HTTP/1.1\r\nHost: a\r\n\r\n",
    "a path with dots": _get(b"/a/../style.css"),
    "a path out of the site": _get(b"/../../etc/passwd"),
    "a path out of the site, hidden": _get(b"/%2e%2e/%2e%2e/etc/passwd"),
    "a path with slashes": _get(b"//style.css"),
    "a path with an encoded letter": _get(b"/%73tyle.css"),
    "a path with a zero": _get(b"/%00"),
    "a path with a wrong escape": _get(b"/%zz"),
    "a path with a fragment": _get(b"/style.css#x"),
    "a path with a letter beyond ASCII": _get("/é".encode()),
    "a path without a slash": _get(b"nope"),
    "a path with a space": _get(b"/a b"),
    "a folder without its slash": _get(b"/pictures"),
    "a folder without an index": _get(b"/pictures/"),
    "a file as a folder": _get(b"/style.css/"),
    "the first page by name": _get(b"/index.html"),
    "a range": _get(more=b"Range: bytes=0-3\r\n"),
    "the end of it": _get(more=b"Range: bytes=-4\r\n"),
    "a range beyond the end": _get(more=b"Range: bytes=999999-\r\n"),
    "two ranges in one": _get(more=b"Range: lines=0-3\r\n"),
    "not changed since": _get(more=b"If-Modified-Since: {modified}\r\n"),
    "changed since": _get(more=b"If-Modified-Since: Thu, 01 Jan 1970 00:00:00 GMT\r\n"),
    "the same tag": _get(more=b"If-None-Match: {tag}\r\n"),
    "any tag": _get(more=b"If-None-Match: *\r\n"),
    "another tag": _get(more=b'If-None-Match: "x"\r\n'),
    "must match another tag": _get(more=b'If-Match: "x"\r\n'),
    "must not have changed": _get(more=b"If-Unmodified-Since: Thu, 01 Jan 1970 00:00:00 GMT\r\n"),
    "expects to continue": _get(more=b"Expect: 100-continue\r\nContent-Length: 3\r\n"),
    "a chunked body": _get(b"/no", b"Transfer-Encoding: chunked\r\n", b"POST")
    + b"3\r\nabc\r\n0\r\n\r\n",
    "a wrong chunk": _get(b"/no", b"Transfer-Encoding: chunked\r\n", b"POST") + b"xyz\r\n",
    "an unknown coding": _get(b"/no", b"Transfer-Encoding: gzip\r\n", b"POST"),
    "a length and chunks": _get(more=b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n")
    + b"0\r\n\r\n",
    "two lengths": _get(more=b"Content-Length: 3\r\nContent-Length: 4\r\n") + b"abc",
    "a length that is none": _get(more=b"Content-Length: x\r\n"),
    "a negative length": _get(more=b"Content-Length: -1\r\n"),
    "a length of a disk": _get(more=b"Content-Length: 999999999999\r\n"),
    "two requests": _get() + _get(b"/nope"),
    "two requests, the first closing": _get(more=b"Connection: close\r\n") + _get(b"/nope"),
    "a request with a body, and another": _get(more=b"Content-Length: 3\r\n")
    + b"abc"
    + _get(b"/no"),
    "empty lines before": b"\r\n\r\n" + _get(),
    "lines that end in LF alone": _get().replace(b"\r\n", b"\n"),
    "a header without a colon": _get(more=b"nonsense\r\n"),
    "a header with a space before its colon": _get(more=b"A : b\r\n"),
    "a header that is continued": _get(more=b"A: b\r\n c\r\n"),
    "a header with an underscore": _get(more=b"A_b: c\r\n"),
    "a header without a name": _get(more=b": c\r\n"),
    "a header with a zero": _get(more=b"A: b\x00c\r\n"),
    "a header with a strange name": _get(more=b"A@b: c\r\n"),
    "a large header": _get(more=b"A: " + b"b" * 9000 + b"\r\n"),
    "many large headers": _get(more=(b"A: " + b"b" * 7000 + b"\r\n") * 6),
    "many headers": _get(more=b"".join(b"A%d: b\r\n" % i for i in range(200))),
    "a long path": _get(b"/" + b"a" * 7000),
    "a path too long": _get(b"/" + b"a" * 9000),
    "a long file name": _get(b"/" + b"a" * 300),
    "nonsense": b"nonsense\r\n\r\n",
    "zeros": bytes(64),
    "the first two bytes of a frame": b"\x00\x94",
    "a frame with something else": b"\x00\x94" + bytes(148),
    "a frame of an initiation that is none": b"\x00\x94\x01\x00\x00\x00" + bytes(range(144)),
    "a shaped frame that is none": b"\x00\xa4" + bytes(range(164)),
    "a frame of data": b"\x05\xdc\x04\x00\x00\x00" + bytes(1496),
    "SSH": b"SSH-2.0-OpenSSH_9.6\r\n",
    "SOCKS5": b"\x05\x01\x00",
    "SOCKS4": b"\x04\x01\x00\x50\x01\x02\x03\x04\x00",
    "RDP": bytes.fromhex("0300002f2ae00000000000436f6f6b69653a206d737473686173683d61646d696e0d0a"),
    "SMB": bytes.fromhex("00000085ff534d4272000000001853c8"),
    "Postgres": bytes.fromhex("0000000804d2162f"),
    "a line without an end": b"GET / HTTP/1.1\r\nHost: a",
    "one letter": b"G",
}
# On the plain port only: the other takes them for TLS.
PLAIN_PROBES: dict[str, bytes] = {
    "TLS": bytes.fromhex("16030100050100000100"),
    "TLS of another kind": b"\x80\x2e\x01\x00\x02",
    "the probe for a sign-in page": _get(b"/generate_204"),
    "the probe for a sign-in page, HEAD": _get(b"/generate_204", method=b"HEAD"),
    "the probe for a sign-in page, HTTP/1.0": b"GET /generate_204 HTTP/1.0\r\n\r\n",
}

_VARIABLE = (
    (rb"Date: [^\r]*", b"Date: (now)"),
    (rb"Last-Modified: [^\r]*", b"Last-Modified: (then)"),
    (rb"ETag: [^\r]*", b"ETag: (its)"),
    (rb"(boundary=|\r\n--)[0-9]{20}", rb"\1(number)"),
)


def steady(answer: bytes) -> str:
    """An answer without what differs from one time to the next."""
    for pattern, word in _VARIABLE:
        answer = re.sub(pattern, word, answer)
    return answer.decode("latin-1")


def _trusting() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


# One for all: to make one takes longer than to ask a question.
_CONTEXT = _trusting()


def connect(port: int, secure: bool) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", port), 5)
    if not secure:
        return connection
    return _CONTEXT.wrap_socket(connection, server_hostname=HOST)


def ask(
    port: int,
    secure: bool,
    request: bytes,
    is_enough: Callable[[bytes], bool] = bool,
    idle_s: float = IDLE_S,
) -> tuple[bytes, str]:
    """The answer, and how it ended: "closed", "reset" or "open", which nothing tells but time.

    is_enough: whether nothing more is expected after an answer; before that it may take longer.
    """
    with connect(port, secure) as connection:
        connection.sendall(request)
        connection.settimeout(idle_s)
        answer, end_s = b"", time.monotonic() + PATIENCE_S
        while True:
            try:
                more = connection.recv(1 << 16)
            except TimeoutError:
                if is_enough(answer) or time.monotonic() > end_s:
                    return answer, "open"
                continue
            except OSError:
                return answer, "reset"
            if not more:
                return answer, "closed"
            answer += more


def filled(request: bytes, port: int, secure: bool) -> bytes:
    """The request with the tag and the time of the first page, where it asks for them."""
    if b"{" not in request:
        return request
    page = ask(port, secure, _get())[0]
    found = re.search(rb"Last-Modified: ([^\r]*)", page), re.search(rb"ETag: ([^\r]*)", page)
    modified, tag = (match[1] if match else b"x" for match in found)
    return request.replace(b"{modified}", modified).replace(b"{tag}", tag)


def all_probes() -> list[tuple[str, str, bytes]]:
    """(port: plain, plain on tls, tls; name; what is sent)."""
    found = [("plain", name, data) for name, data in {**PROBES, **PLAIN_PROBES}.items()]
    found += [("plain on tls", name, data) for name, data in PROBES.items()]
    return found + [("tls", name, data) for name, data in PROBES.items()]


def record(plain: int, tls: int) -> dict[str, dict[str, list[str]]]:
    found: dict[str, dict[str, list[str]]] = {"plain": {}, "plain on tls": {}, "tls": {}}
    for where, name, request in all_probes():
        port, secure = (plain if where == "plain" else tls), where == "tls"
        found[where][name] = _answer(port, secure, request)
    return found


def _answer(port: int, secure: bool, request: bytes) -> list[str]:
    said = filled(request, port, secure)
    answer, end = ask(port, secure, said, lambda _: True, RECORD_IDLE_S)
    return [steady(answer), end]


# --- oddities: [port, name, what is sent, number of the answer, how it ends] ---


def oddities() -> list[tuple[str, str, bytes, str, str]]:
    """(port, name, what is sent, the answer, how it ends)."""
    kept = json.loads(ODDITIES.read_text())
    answers = kept["answers"]
    return [
        (where, name, _spelled(parts), answers[number], end)
        for where, name, parts, number, end in kept["said"]
    ]


def _spelled(parts: list[str | list[Any]]) -> bytes:
    """Texts, and [text, how often]."""
    texts = (part if isinstance(part, str) else part[0] * part[1] for part in parts)
    return "".join(texts).encode("latin-1")


def record_oddities(plain: int, tls: int) -> None:
    """Have the same questions answered anew."""
    kept = json.loads(ODDITIES.read_text())
    answers: list[str] = []
    for row in kept["said"]:
        port, secure = (plain if row[0] == "plain" else tls), row[0] == "tls"
        answer, row[4] = _answer(port, secure, _spelled(row[2]))
        if answer not in answers:
            answers.append(answer)
        row[3] = answers.index(answer)
    write_oddities(answers, kept["said"])


def write_oddities(answers: list[str], said: list[Any]) -> None:
    rows = ",\n".join(json.dumps(row) for row in said)
    ODDITIES.write_text(f'{{"answers": {json.dumps(answers, indent=1)},\n"said": [\n{rows}\n]}}\n')


if __name__ == "__main__":
    ports = int(sys.argv[1]), int(sys.argv[2])
    VECTORS.write_text(json.dumps(record(*ports), indent=1) + "\n")
    record_oddities(*ports)

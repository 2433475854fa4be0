"""The server's half of a WebSocket's opening (RFC 6455, 4.2), for boxes that climb in tests."""

from binascii import a2b_base64, b2a_base64, unhexlify

from carrier.http import Head, _headers, _is_token, _lines
from carrier.websocket import NONCE_LEN, ONCE_NONCE_LEN, accept_of, once_path

REQUEST_LEN_MAX = 8192


class Request(Head):
    """target: as it stands in the first line. version: "HTTP/1.1" or "HTTP/1.0"."""

    def __init__(self, method, target, version, headers):
        super().__init__(headers)
        self.method = method
        self.target = target
        self.version = version


def read_request(head):
    """None: it is not the head of a request that a web server would take."""
    lines = _lines(head)
    if lines is None:
        return None
    words = lines[0].split(b" ")
    if len(words) != 3 or not _is_token(words[0]) or not words[1]:
        return None
    if words[2] not in (b"HTTP/1.1", b"HTTP/1.0"):
        return None
    if not all(0x21 <= byte <= 0x7E for byte in words[1]):
        return None
    headers = _headers(lines)
    if headers is None:
        return None
    return Request(words[0].decode(), words[1].decode(), words[2].decode(), headers)


def is_at(request, path, is_secured):
    """Whether it asks for the secret path, or where there is no TLS for one made of it."""
    if is_secured:
        return request.target.encode() == bytes(path)
    try:
        nonce = unhexlify(request.target[1 : 1 + 2 * ONCE_NONCE_LEN])
    except ValueError:
        return False
    return request.target.encode() == bytes(once_path(path, nonce))


def wants_upgrade(request, path, is_secured=True):
    """Whether this asks for our WebSocket in every way that RFC 6455, 4.2.1 wants."""
    key = request.header("sec-websocket-key")
    return (
        is_at(request, path, is_secured)
        and request.method == "GET"
        and request.version == "HTTP/1.1"
        and request.header("host") is not None
        and request.has_word("upgrade", "websocket")
        and request.has_word("connection", "upgrade")
        and request.header("sec-websocket-version") == "13"
        and key is not None
        and _is_key(key)
    )


def answer(request, headers=()):
    """The answer to a request of which wants_upgrade() is true. headers: what stands before."""
    head = "HTTP/1.1 101 Switching Protocols\r\n"
    for each in headers:
        head += "%s: %s\r\n" % each
    head += "Connection: upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: %s\r\n\r\n"
    return (head % accept_of(request.header("sec-websocket-key") or "")).encode()


def _is_key(text):
    """Whether it is the base64 of 16 bytes."""
    try:
        raw = a2b_base64(text.encode())
    except ValueError:
        return False
    return len(raw) == NONCE_LEN and b2a_base64(raw).strip() == text.encode()

"""The opening of a WebSocket (RFC 6455, 4), at both ends. Its frames are in framing.py and in C."""

from binascii import a2b_base64, b2a_base64

from carrier.errors import MALFORMED, NOT_OURS, PORTAL, CarrierError
from carrier.http import Asking
from carrier.primitives import sha1
from wg.compat import TYPE_CHECKING

if TYPE_CHECKING:
    from carrier.browser import Browser
    from carrier.http import Buffer, Request, Response

NONCE_LEN = 16
_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


def accept_of(key: str) -> str:
    """The value of Sec-WebSocket-Accept that answers a Sec-WebSocket-Key."""
    return b2a_base64(sha1(key.encode() + _GUID)).strip().decode()


# --- the client's half ---


class Upgrade(Asking):
    """Asks for a WebSocket. is_done: it is there; rest: frames."""

    def __init__(self, browser: "Browser", nonce: bytes) -> None:
        """nonce: NONCE_LEN random bytes."""
        if len(nonce) != NONCE_LEN:
            raise ValueError("a nonce has %d bytes, not %d" % (NONCE_LEN, len(nonce)))
        super().__init__(browser)
        self._key = b2a_base64(nonce).strip().decode()
        self._is_secured = False

    def request(self, name: str, port: int, path: bytearray, is_secured: bool) -> bytearray:
        """The bytes to write first, with the secret path in them: the caller's to wipe.

        name: of the server, as a browser would have it. is_secured: inside of TLS.
        """
        self._is_secured = is_secured
        host = name if port == (443 if is_secured else 80) else "%s:%d" % (name, port)
        origin = ("https://" if is_secured else "http://") + host
        head = " HTTP/1.1\r\n"
        for each in self._browser.upgrade_headers(host, origin, self._key):
            head += "%s: %s\r\n" % each
        head += "\r\n"
        out = bytearray(4 + len(path) + len(head))
        out[:4] = b"GET "
        out[4 : 4 + len(path)] = path
        out[4 + len(path) :] = head.encode()
        return out

    def _judge(self, response: "Response | None") -> None:
        if response is None:
            raise CarrierError(
                MALFORMED,
                "what answers there is no web server",
                "Check the port; another program may have it.",
            )
        if response.status != 101:
            self._refuse(response.status)
        is_good = (
            response.has_word("upgrade", "websocket")
            and response.has_word("connection", "upgrade")
            and response.header("sec-websocket-accept") == accept_of(self._key)
        )
        for name in ("sec-websocket-extensions", "sec-websocket-protocol"):
            is_good = is_good and all(each != name for each, _ in response.headers)
        if not is_good:
            raise CarrierError(
                MALFORMED,
                "a WebSocket is offered there, and not the one that was asked for",
                "Something in between answers for the gateway; try another way.",
            )

    def _refuse(self, status: int) -> None:
        if not self._is_secured and (300 <= status < 400 or status == 511 or status == 200):
            raise CarrierError(
                PORTAL,
                "a web page came in place of the gateway's answer (status %d)" % status,
                "This place probably wants you to sign in first.",
            )
        raise CarrierError(
            NOT_OURS,
            "a web site answers there, and does not know our path (status %d)" % status,
            "Pair again with the gateway if its path was changed.",
        )


# --- the server's half ---


def wants_upgrade(request: "Request", path: "Buffer") -> bool:
    """Whether this asks for our WebSocket in every way that RFC 6455, 4.2.1 wants.

    path: the secret one. The comparison takes the same time wherever they differ; a server treats
    everything else as any request of a web site.
    """
    is_path = _is_same(request.target.encode(), bytes(path))
    key = request.header("sec-websocket-key")
    return (
        is_path
        and request.method == "GET"
        and request.version == "HTTP/1.1"
        and request.header("host") is not None
        and request.has_word("upgrade", "websocket")
        and request.has_word("connection", "upgrade")
        and request.header("sec-websocket-version") == "13"
        and key is not None
        and _is_key(key)
    )


def answer(request: "Request", headers: "list[tuple[str, str]] | None" = None) -> bytes:
    """The answer to a request of which wants_upgrade() is true.

    headers: what this web server says in front of each answer, such as Server and Date.
    """
    head = "HTTP/1.1 101 Switching Protocols\r\n"
    for each in headers or []:
        head += "%s: %s\r\n" % each
    head += "Connection: upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: %s\r\n\r\n"
    return (head % accept_of(request.header("sec-websocket-key") or "")).encode()


def _is_key(text: str) -> bool:
    """Whether it is the base64 of 16 bytes."""
    try:
        raw = a2b_base64(text.encode())
    except ValueError:
        return False
    return len(raw) == NONCE_LEN and b2a_base64(raw).strip() == text.encode()


def _is_same(a: bytes, b: bytes) -> bool:
    """Of a stranger's bytes, only the length shows in the time that this takes."""
    difference = len(a) ^ len(b)
    for i in range(len(a)):
        difference |= a[i] ^ b[i % len(b)] if b else 1
    return difference == 0

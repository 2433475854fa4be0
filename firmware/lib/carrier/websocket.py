"""The client's opening of a WebSocket (RFC 6455, 4). Its frames are in framing.py and in C."""

from binascii import b2a_base64, hexlify

from carrier.errors import MALFORMED, NOT_OURS, PORTAL, CarrierError
from carrier.http import Asking
from carrier.primitives import hmac_sha256, sha1
from wg.compat import TYPE_CHECKING

if TYPE_CHECKING:
    from carrier.browser import Browser
    from carrier.http import Buffer, Response

NONCE_LEN = 16
# Of a path that is good once: so many random bytes, and of their MAC; in hexadecimal, 32 letters.
ONCE_NONCE_LEN, ONCE_MAC_LEN = 6, 10
_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


def accept_of(key: str) -> str:
    """The value of Sec-WebSocket-Accept that answers a Sec-WebSocket-Key."""
    return b2a_base64(sha1(key.encode() + _GUID)).strip().decode()


def once_path(path: "Buffer", nonce: bytes) -> bytearray:
    """Where a WebSocket without TLS is asked for, this once: whoever reads it there learns nothing.

    path: the secret one, which only TLS shows to nobody. nonce: ONCE_NONCE_LEN random bytes.
    """
    mac = hmac_sha256(path, b"once" + nonce)
    return bytearray(b"/" + hexlify(nonce + mac[:ONCE_MAC_LEN]))


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

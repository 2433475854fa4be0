"""The server's half of a WebSocket's beginning (RFC 6455, 4.2)."""

import base64
import email.utils
import hmac
import re

from carrier.websocket import NONCE_LEN, ONCE_NONCE_LEN, accept_of, once_path
from undertow.gateway.streams.openings import Seen
from undertow.gateway.streams.request import Request

_ONCE = re.compile(f"/([0-9a-f]{{{2 * ONCE_NONCE_LEN}}})")


def is_wanted(request: Request, secret_path: str, seen: Seen | None) -> bool:
    """Whether it asks the secret path for a WebSocket, in every point as it should.

    seen: without TLS, of the paths that were taken. There whoever is on the way reads the path: it
    is another each time, made of the secret one, and good once. None: the secret path itself.
    Anything else is like a request for any other page. How long this takes tells nothing of the
    path: it is compared first, and always.
    """
    path = secret_path.encode()
    if seen is not None:
        found = _ONCE.match(request.target)
        nonce = bytes.fromhex(found[1]) if found else bytes(ONCE_NONCE_LEN)
        path = bytes(once_path(path, nonce))
    is_path = hmac.compare_digest(request.target.encode(), path)
    return is_path and _is_complete(request) and (seen is None or seen.is_new(path))


def _is_complete(request: Request) -> bool:
    headers = request.headers
    wishes = [word.strip().lower() for word in headers.get("connection", "").split(",")]
    try:
        key = base64.b64decode(headers.get("sec-websocket-key", ""), validate=True)
    except ValueError:  # also of what is no ASCII
        return False
    return (
        request.method == "GET"
        and not request.is_whole
        and request.version >= (1, 1)
        and not request.body_length
        and not request.is_chunked
        and "upgrade" in wishes
        and headers.get("upgrade", "").lower() == "websocket"
        and headers.get("sec-websocket-version") == "13"
        and len(key) == NONCE_LEN
    )


def answer(request: Request) -> bytes:
    """101, as nginx passes it on from a server of WebSockets."""
    lines = (
        "HTTP/1.1 101 Switching Protocols",
        "Server: nginx",
        f"Date: {email.utils.formatdate(usegmt=True)}",
        "Connection: upgrade",
        "Upgrade: websocket",
        f"Sec-WebSocket-Accept: {accept_of(request.headers['sec-websocket-key'])}",
    )
    return "\r\n".join([*lines, "", ""]).encode()

"""The server's half of a WebSocket's beginning (RFC 6455, 4.2)."""

import base64
import binascii
import email.utils
import hmac

from carrier.websocket import NONCE_LEN, accept_of
from undertow.gateway.streams.request import Request


def is_wanted(request: Request, secret_path: str) -> bool:
    """Whether it asks the secret path for a WebSocket, in every point as it should.

    Anything else there is like a request for any other page. How long this takes tells nothing of
    the path: it is compared first, and always.
    """
    is_path = hmac.compare_digest(request.target.encode(), secret_path.encode())
    return is_path and _is_complete(request)


def _is_complete(request: Request) -> bool:
    headers = request.headers
    wishes = [word.strip().lower() for word in headers.get("connection", "").split(",")]
    try:
        key = base64.b64decode(headers.get("sec-websocket-key", ""), validate=True)
    except binascii.Error:
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

"""The server's half of a WebSocket's opening (RFC 6455, 4.2), for boxes that climb in tests."""

from binascii import a2b_base64, b2a_base64, unhexlify

from carrier.websocket import NONCE_LEN, ONCE_NONCE_LEN, accept_of, once_path


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

"""The name that a TLS ClientHello asks for, as a censor reads it (RFC 8446 4.1.2, RFC 6066 3)."""

import struct

_HANDSHAKE, _CLIENT_HELLO = 22, 1
_SERVER_NAME = 0
_RECORD_LEN, _MESSAGE_LEN = 5, 4
_VERSION_AND_RANDOM = 34


def server_name(payload: bytes) -> str:
    """The name in the first record of a TCP stream; empty: none, or no ClientHello in it."""
    if payload[:1] != bytes([_HANDSHAKE]):
        return ""
    return name_in_hello(payload[_RECORD_LEN:])


def name_in_hello(hello: bytes) -> str:
    """The name in a ClientHello with its message's header; empty: none. What is cut is read as far
    as it goes."""
    try:
        if hello[0] != _CLIENT_HELLO:
            return ""
        at = _MESSAGE_LEN + _VERSION_AND_RANDOM
        at += 1 + hello[at]  # the session
        at += 2 + _u16(hello, at)  # the ciphers
        at += 1 + hello[at]  # the compression
        return _among_extensions(hello, at + 2)
    except (IndexError, struct.error, UnicodeDecodeError):
        return ""


def _among_extensions(hello: bytes, at: int) -> str:
    while at < len(hello):
        kind, length = _u16(hello, at), _u16(hello, at + 2)
        if kind == _SERVER_NAME:
            # A list with one entry: its length, the kind of name (0), the name's length.
            name_len = _u16(hello, at + 7)
            return hello[at + 9 : at + 9 + name_len].decode("ascii")
        at += 4 + length
    return ""


def _u16(data: bytes, at: int) -> int:
    return int(struct.unpack_from("!H", data, at)[0])

"""Where a gateway waits for a box to pair with, as a person names it."""

from dataclasses import dataclass

from pairing.messages import is_room
from undertow.errors import EXIT_USAGE, UndertowError

# The number of WireGuard's UDP port, which a gateway's owner has opened anyway.
PORT_DEFAULT = 51820


@dataclass(frozen=True)
class Meeting:
    """A gateway's address and the room that it opened."""

    host: str
    port: int
    room: str

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


def read(pair: str, room: str) -> Meeting:
    """--pair HOST[:PORT] and --room N. UndertowError: one of them is none, or is missing."""
    if not pair:
        raise UndertowError(
            f"--room {room} has no gateway",
            "A room is at a gateway, and which one is not named.",
            "Add --pair HOST, as `undertow gateway pair` says it.",
            EXIT_USAGE,
        )
    if not room:
        raise UndertowError(
            "No room is named",
            "A gateway opens a room for each pairing, and shows its number.",
            "Add --room N, as `undertow gateway pair` says it.",
            EXIT_USAGE,
        )
    if not is_room(room):
        raise UndertowError(
            f"--room {room!r} is no room",
            "A room is four digits.",
            "Give the number that `undertow gateway pair` shows.",
            EXIT_USAGE,
        )
    host, port = _split(pair)
    if not host or not port.isascii() or not port.isdigit() or not 0 < int(port) < 65536:
        raise UndertowError(
            f"--pair {pair!r} is no gateway",
            "It is a name or an address, and a port behind a colon where it is not the usual one.",
            f"Write it like home.example, home.example:{PORT_DEFAULT} or [2001:db8::1]:443.",
            EXIT_USAGE,
        )
    return Meeting(host, int(port), room)


def _split(text: str) -> tuple[str, str]:
    """Host and port; an IPv6 address with a port is in brackets."""
    if text.startswith("["):
        host, bracket, rest = text[1:].partition("]")
        if not bracket or (rest and not rest.startswith(":")):
            return "", ""
        return host, rest[1:] if rest else str(PORT_DEFAULT)
    if text.count(":") > 1:
        return text, str(PORT_DEFAULT)
    host, colon, port = text.partition(":")
    return host, port if colon else str(PORT_DEFAULT)

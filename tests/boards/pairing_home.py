"""The other end of a pairing over a board's console: the library's responder, and one that lies."""

import base64
import secrets
from collections.abc import Callable

from pairing.info import Info
from pairing.session import Responder
from undertow.console import Console
from undertow.console.client import Object, RefusedByBoxError
from undertow.lab.namespace import wait_until
from wg.keytext import public_from_base64

ROOM = "4711"
ENDPOINT = "192.0.2.2:51820"


def fill_random(buffer: bytearray) -> None:
    buffer[:] = secrets.token_bytes(len(buffer))


class Home:
    """A gateway with this public key, in base64, that lets boxes in at this address."""

    def __init__(self, public_key: str, address: str = "10.7.0.1", dns: str = "") -> None:
        info = Info("home")
        info.endpoints = [ENDPOINT]
        info.address = f"{address}/32"
        info.dns = dns
        self.public_key = public_key
        self.end = Responder(
            ROOM, public_from_base64(public_key.encode()), info.encode(), fill_random
        )

    def show(self, console: Console) -> Object:
        """Go on until both ends show a code; what the box says."""
        commit = console.request("pair", {"op": "begin", "room": ROOM})["commit"]
        answer = self.end.receive_commitment(bytes.fromhex(commit))
        console.put("answer", bytearray(answer))
        told = console.request("pair", {"op": "answer"})
        self.end.receive_reveal(base64.b64decode(told["reveal"]))
        assert told["digits"] == self.end.code.digits
        assert tuple(told["words"]) == self.end.code.words
        return told

    def confirm(self, console: Console, digits: str) -> None:
        """Have the box compare what was typed, and both ends confirm."""
        told = console.request("pair", {"op": "confirm", "digits": digits})
        self.end.accept(bytes.fromhex(told["confirmation"]))
        console.request("pair", {"op": "finish", "confirmation": self.end.confirm().hex()})

    def pair(self, console: Console) -> bytearray:
        """All of it but the commit; the preshared key."""
        self.show(console)
        self.confirm(console, self.end.code.digits)
        key = bytearray(32)
        self.end.preshared_key(key)
        return key

    def wrong_digits(self) -> str:
        """Six digits of somebody else."""
        digits = self.end.code.digits
        return ("1" if digits[0] == "0" else "0") + digits[1:]


def commit_without_tunnel(console: Console, name: str) -> None:
    """Give a blank box a name and a key; it has no gateway then."""
    console.keygen()
    console.put("box", bytearray(f"[Box]\nName = {name}\n".encode()))
    console.request("commit", {"digest": console.check().digest, "without": "tunnel"})


def is_locked(console: Console) -> bool:
    """Whether the box refuses to pair because a pairing failed."""
    try:
        console.request("pair", {"op": "begin", "room": ROOM})
    except RefusedByBoxError as refusal:
        return refusal.code == "busy"
    console.request("pair", {"op": "cancel"})
    return False


def hello_again(open_console: Callable[[], Console]) -> Console:
    """The console of a board that starts anew."""
    console = open_console()
    wait_until(lambda: bool(console.hello().state), 60.0, lambda: "it does not start")
    return console

"""Where the connections of boxes go."""

import socket
from dataclasses import dataclass
from typing import Protocol

# How datagrams stand in a stream's bytes, as in firmware/native/carrier/cr_frame.h.
LENGTH, WEBSOCKET_SERVER = 1, 3
# By which way a box has come.
TCP, WS, TLS = 1, 2, 3
_WORDS = {TCP: "TCP", WS: "WS", TLS: "TLS"}


@dataclass(frozen=True)
class Arrival:
    """A box's connection. framing: LENGTH or WEBSOCKET_SERVER. kind: TCP, WS or TLS.

    address, port: of the box, as this end sees it.
    """

    framing: int
    kind: int
    address: str
    port: int

    def words(self) -> str:
        host = f"[{self.address}]" if ":" in self.address else self.address
        return f"{_WORDS[self.kind]} {host}:{self.port}"


class Sink(Protocol):
    def adopt(self, connection: socket.socket, arrival: Arrival) -> None:
        """Take over a connected stream socket whose next byte begins a frame.

        Its closing stays the caller's: keep a dup(), or send it to another process. What the sink
        closes, ends. OSError: there is no room; the connection is then closed.
        """

    async def is_new(self, message: bytes) -> bool:
        """Whether it would take this initiation or probe, wherever one was said before."""

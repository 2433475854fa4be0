"""Sockets of a namespace, and an echo to ask whether a way carries data."""

import contextlib
import select
import socket
import time
from types import TracebackType
from typing import Self

from undertow.lab.errors import LabError
from undertow.lab.namespace import Namespace
from undertow.lab.worker import Worker

ECHO_PORT = 7


def family_of(address: str) -> socket.AddressFamily:
    """AF_INET6 for an address with colons, else AF_INET."""
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def listen(namespace: Namespace, address: str, port: int) -> socket.socket:
    """A TCP socket that accepts on an address of the namespace."""
    made = namespace.socket(family_of(address), socket.SOCK_STREAM)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    made.bind((address, port))
    made.listen()
    return made


class Echo(Worker):
    """A with block in which an address answers every UDP datagram on port 7 with itself."""

    def __init__(self, namespace: Namespace, address: str) -> None:
        self._socket = namespace.socket(family_of(address))
        self._socket.bind((address, ECHO_PORT))
        super().__init__(f"echo-{address}", self._socket)

    def _work(self) -> None:
        while not self._ended.is_set():
            if select.select([self._socket], [], [], 0.1)[0]:
                with contextlib.suppress(OSError):  # the asker is out of reach just now
                    data, source = self._socket.recvfrom(65_600)
                    self._socket.sendto(data, source)


class Caller:
    """A with block with one UDP socket of a namespace that asks the echo of an address."""

    def __init__(self, namespace: Namespace, address: str) -> None:
        self._address = address
        self._asked = 0
        self._socket = namespace.socket(family_of(address))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._socket.close()

    def bind(self, address: str) -> None:
        """Ask from this address of the namespace from now on."""
        self._socket.bind((address, 0))

    def ask(self, timeout_s: float = 1.0, size: int = 64) -> float | None:
        """Send size bytes; the seconds until they are back, or None after timeout_s."""
        self._asked += 1
        question = self._asked.to_bytes(8, "big").ljust(size, b".")
        start = time.monotonic()
        with contextlib.suppress(OSError):  # no route or no buffer just now: as good as lost
            self._socket.sendto(question, (self._address, ECHO_PORT))
        while (left := start + timeout_s - time.monotonic()) > 0:
            if not select.select([self._socket], [], [], left)[0]:
                break
            with contextlib.suppress(OSError):  # an ICMP error, told late
                if self._socket.recv(65_600) == question:
                    return time.monotonic() - start
        return None

    def wait(self, timeout_s: float = 10.0, pause_s: float = 0.25) -> float:
        """Ask until an answer comes; the seconds that took. LabError after timeout_s."""
        start = time.monotonic()
        while time.monotonic() < start + timeout_s:
            if self.ask(pause_s) is not None:
                return time.monotonic() - start
        raise LabError(f"no answer from {self._address}", f"asked for {timeout_s:.0f} s")

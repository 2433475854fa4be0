"""A client's TCP connection for the thread of a test: its methods wait."""

from collections.abc import Callable

from undertow.lab.errors import LabError
from undertow.lab.ethernet.connection import Connection
from undertow.lab.ethernet.loop import Loop


class Stream:
    """What Client.connect() gives."""

    def __init__(self, loop: Loop, connection: Connection, name: str) -> None:
        self.connection = connection
        self._loop = loop
        self._name = name

    def wait_established(self, timeout_s: float) -> None:
        """LabError: refused, or no answer in time."""
        connection = self.connection
        self._wait(lambda: connection.established or connection.reset, timeout_s, "no answer")
        if connection.reset:
            raise LabError(f"no TCP connection to {self._name}", "it was refused")

    def send(self, data: bytes) -> None:
        """Send bytes; returns at once."""
        self._loop.call(lambda: self.connection.send(data))

    def receive(self, count: int, timeout_s: float = 30.0) -> bytes:
        """Exactly so many bytes; LabError if they do not come in time."""
        got = self.connection.received
        self._wait(lambda: len(got) >= count or self.connection.ended, timeout_s, "too little came")

        def take() -> bytes:
            data = bytes(got[:count])
            del got[:count]
            return data

        return self._loop.call(take)

    def receive_all(self, timeout_s: float = 30.0) -> bytes:
        """What comes until the other end has said everything."""
        self._wait(lambda: self.connection.ended, timeout_s, "it did not end")
        return bytes(self.connection.received)

    def close(self) -> None:
        """Say that we have said everything."""
        self._loop.call(self.connection.close)

    def _wait(self, condition: Callable[[], bool], timeout_s: float, complaint: str) -> None:
        what = f"TCP with {self._name}: {complaint}"
        self._loop.wait_until(condition, timeout_s, lambda: what)

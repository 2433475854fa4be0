"""How much TCP carries between two namespaces: one sends for a while, the other counts."""

import contextlib
import socket
import threading
import time
from dataclasses import dataclass

from undertow.lab.errors import LabError
from undertow.lab.namespace import Namespace
from undertow.lab.sockets import family_of, listen

CHUNK = 256 * 1024
PORT = 5001
PATIENCE_S = 5.0


@dataclass(frozen=True)
class Flow:
    """What arrived in how long."""

    received: int
    seconds: float

    @property
    def mbit_per_s(self) -> float:
        """Megabits of payload a second."""
        return self.received * 8 / self.seconds / 1e6


def pump(
    caller: Namespace, server: Namespace, address: str, seconds: float, download: bool = False
) -> Flow:
    """Send from caller to server's address for so long, or back if it is a download.

    The clock runs from the first byte that arrives to the last. LabError: nothing arrived.
    """
    flows: list[Flow] = []

    def serve() -> None:
        # A caller that never comes, or leaves, is told by what is missing.
        with contextlib.suppress(OSError), listening.accept()[0] as accepted:
            flows.extend(_run(accepted, seconds, download))

    with listen(server, address, PORT) as listening:
        listening.settimeout(PATIENCE_S)
        thread = threading.Thread(target=serve, name="pump-server")
        thread.start()
        try:
            with caller.socket(family_of(address), kind=1) as out:
                out.settimeout(PATIENCE_S)
                out.connect((address, PORT))
                flows.extend(_run(out, seconds, not download))
        except OSError as error:
            raise LabError(f"no TCP connection to {address}", str(error)) from error
        finally:
            thread.join()
    if not flows or flows[0].received == 0:
        raise LabError(f"no TCP connection to {address}", "nothing arrived")
    return flows[0]


def _run(connection: socket.socket, seconds: float, sends: bool) -> list[Flow]:
    connection.settimeout(PATIENCE_S)
    if not sends:
        return [_count(connection)]
    chunk = bytes(CHUNK)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        connection.send(chunk)
    return []


def _count(connection: socket.socket) -> Flow:
    buffer = bytearray(CHUNK)
    received = connection.recv_into(buffer)
    start = last = time.monotonic()
    with contextlib.suppress(OSError):
        while count := connection.recv_into(buffer):
            received += count
            last = time.monotonic()
    return Flow(received, max(last - start, 1e-3))

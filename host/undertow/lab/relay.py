"""A bad network for UDP: loses, delays, reorders, duplicates and polices datagrams between two
sides.

Stands where a router would stand; the kernel's own emulator is missing in many kernels.
"""

import contextlib
import heapq
import random
import select
import socket
import time

from undertow.lab.impairment import Impairment, Way
from undertow.lab.namespace import Namespace
from undertow.lab.sockets import family_of
from undertow.lab.worker import Worker

MAX_DATAGRAM = 65_600


class Relay(Worker):
    """A with block that relays between its own port and a target, for one client at a time.

    The client is whoever sent to the port last. seed: makes what happens repeatable.
    """

    def __init__(
        self,
        namespace: Namespace,
        address: str,
        port: int,
        target: tuple[str, int],
        impairment: Impairment,
        seed: int = 1,
    ) -> None:
        self._inside = namespace.socket(family_of(address))
        self._inside.bind((address, port))
        self._outside = namespace.socket(family_of(target[0]))
        self._outside.connect(target)
        self._client: tuple[str, int] | None = None
        chance = random.Random(seed)
        self._ways = {
            self._inside: Way(impairment, chance),
            self._outside: Way(impairment, chance),
        }
        self._waiting: list[tuple[float, int, socket.socket, bytes]] = []
        self._taken = 0
        self.dropped = 0
        super().__init__(f"relay-{port}", self._inside, self._outside)

    def _work(self) -> None:
        while not self._ended.is_set():
            timeout = 0.1
            if self._waiting:
                timeout = min(timeout, max(0.0, self._waiting[0][0] - time.monotonic()))
            for readable in select.select([self._inside, self._outside], [], [], timeout)[0]:
                with contextlib.suppress(OSError):  # the target refused an earlier datagram
                    self._take(readable)
            self._release()

    def _take(self, source: socket.socket) -> None:
        data, sender = source.recvfrom(MAX_DATAGRAM)
        if source is self._inside:
            self._client = sender
        times = self._ways[source].departures(len(data), time.monotonic())
        self.dropped += not times
        for leave in times:
            self._taken += 1
            heapq.heappush(self._waiting, (leave, self._taken, source, data))

    def _release(self) -> None:
        while self._waiting and self._waiting[0][0] <= time.monotonic():
            _, _, source, data = heapq.heappop(self._waiting)
            with contextlib.suppress(OSError):  # no way out just now: lost
                if source is self._inside:
                    self._outside.send(data)
                elif self._client is not None:
                    self._inside.sendto(data, self._client)

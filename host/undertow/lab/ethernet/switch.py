"""An Ethernet switch: it learns who is where, and floods what it does not know."""

import collections
from collections.abc import Callable
from pathlib import Path

from undertow.lab.ethernet.datagrams import DatagramCable
from undertow.lab.ethernet.loop import Loop
from undertow.lab.ethernet.port import Port
from undertow.lab.packets.ethernet import HEADER_LEN


class Switch:
    """Ports by name: boards through sockets, stations of the same loop through calls."""

    def __init__(self, loop: Loop) -> None:
        self.loop = loop
        self.ports: dict[str, Port] = {}
        self._learnt: dict[bytes, Port] = {}
        self._cables: list[DatagramCable] = []
        self._waiting: collections.deque[tuple[Port, bytes]] = collections.deque()
        self._forwarding = False

    def plug(self, name: str, receive: Callable[[bytes], None]) -> Port:
        """A port for a station: it calls receive, and is given frames by Port.send()."""
        port = Port(self.loop, name, lambda frame: self._take(port, frame), receive)
        self.loop.call(lambda: self.ports.update({name: port}))
        return port

    def plug_socket(self, name: str, path: Path) -> Port:
        """A port whose device is behind a unix datagram socket (network spec dgram:PATH)."""
        cable = DatagramCable(self.loop, path)
        self._cables.append(cable)
        port = self.plug(name, cable.send)
        cable.start(port.send)
        return port

    def unplug(self, port: Port) -> None:
        """Take a station away."""

        def forget() -> None:
            self.ports.pop(port.name, None)
            self._learnt = {mac: there for mac, there in self._learnt.items() if there is not port}

        self.loop.call(forget)

    def stall(self) -> None:
        """Hang: boards get rid of no more frames, but still get some."""
        for cable in self._cables:
            self.loop.call(cable.stall)

    def close(self) -> None:
        """Take its sockets away."""
        for cable in self._cables:
            self.loop.call(cable.close)
        self._cables.clear()

    def _take(self, port: Port, frame: bytes) -> None:
        # One after the other, so that stations that answer at once do not call each other deeper
        # and deeper.
        self._waiting.append((port, frame))
        if self._forwarding:
            return
        self._forwarding = True
        try:
            while self._waiting:
                self._forward(*self._waiting.popleft())
        finally:
            self._forwarding = False

    def _forward(self, source: Port, frame: bytes) -> None:
        if len(frame) < HEADER_LEN:
            source.dropped += 1
            return
        self._learnt[frame[6:12]] = source
        there = None if frame[0] & 1 else self._learnt.get(frame[:6])
        if there is None:
            for port in list(self.ports.values()):
                if port is not source:
                    port.deliver(frame)
        elif there is not source:
            there.deliver(frame)

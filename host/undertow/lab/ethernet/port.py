"""A port of the switch with its cable: bad on request, cut on request, recorded always."""

import random
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from undertow.lab import pcap
from undertow.lab.ethernet.loop import Loop
from undertow.lab.impairment import Impairment, Way
from undertow.lab.packets import describe

Deliver = Callable[[bytes], None]


@dataclass(frozen=True)
class Passed:
    """A frame that came through a port. outgoing: sent by the device that is plugged in."""

    time_ns: int
    outgoing: bool
    data: bytes

    def __str__(self) -> str:
        return f"{'-->' if self.outgoing else '<--'} {describe(self.data)}"


class Port:
    """Where one device is plugged in.

    The record holds what the device sent, before the cable could lose it, and what it got.
    """

    def __init__(self, loop: Loop, name: str, into_switch: Deliver, to_device: Deliver) -> None:
        self.name = name
        self.dropped = 0
        self._loop = loop
        self._into_switch = into_switch
        self._to_device = to_device
        self._ways: tuple[Way, Way] | None = None
        self._cut = False
        self._record: list[Passed] = []

    def send(self, frame: bytes) -> None:
        """The device sends a frame. In the loop's thread."""
        if self._cut:
            self.dropped += 1
            return
        self._record.append(Passed(time.time_ns(), True, frame))
        self._pass(0, frame, self._into_switch)

    def deliver(self, frame: bytes) -> None:
        """The switch has a frame for the device. In the loop's thread."""
        if self._cut:
            self.dropped += 1
            return
        self._pass(1, frame, self._hand_over)

    def _hand_over(self, frame: bytes) -> None:
        self._record.append(Passed(time.time_ns(), False, frame))
        self._to_device(frame)

    def _pass(self, way: int, frame: bytes, deliver: Deliver) -> None:
        if self._ways is None:
            deliver(frame)
            return
        now = time.monotonic()
        departures = self._ways[way].departures(len(frame), now)
        self.dropped += not departures
        for moment in departures:
            if moment <= now:
                deliver(frame)
            else:
                self._loop.at(moment, lambda: deliver(frame))

    def impair(self, impairment: Impairment | None, seed: int = 1) -> None:
        """Make the cable bad in both directions, or good again. seed: makes it repeatable."""
        chance = random.Random(seed)
        ways = (Way(impairment, chance), Way(impairment, chance)) if impairment else None
        self._loop.call(lambda: setattr(self, "_ways", ways))

    def cut(self) -> None:
        """Cut the cable: what is sent into either end is lost."""
        self._loop.call(lambda: setattr(self, "_cut", True))

    def join(self) -> None:
        """Mend what cut() cut."""
        self._loop.call(lambda: setattr(self, "_cut", False))

    def record(self) -> list[Passed]:
        """What passed until now."""
        return self._loop.call(lambda: list(self._record))

    def sent(self) -> list[bytes]:
        """What the device sent until now."""
        return [passed.data for passed in self.record() if passed.outgoing]

    def forget_record(self) -> None:
        """Begin to record anew."""
        self._loop.call(self._record.clear)

    def write_pcap(self, path: Path) -> None:
        """Save the record for Wireshark."""
        pcap.write(path, _frames(self.record()))


def _frames(record: Iterable[Passed]) -> Iterable[tuple[int, bytes]]:
    return ((passed.time_ns, passed.data) for passed in record)

"""What a bad network does to what it carries."""

import random
from dataclasses import dataclass


@dataclass(frozen=True)
class Impairment:
    """What a way does to messages. Shares are between 0 and 1; rate 0: no limit."""

    delay_s: float = 0.0
    jitter_s: float = 0.0
    lost: float = 0.0
    reordered: float = 0.0
    duplicated: float = 0.0
    rate_bytes_per_s: int = 0
    queue_s: float = 0.1


class Way:
    """One direction: decides when, how often and whether each message comes out."""

    def __init__(self, impairment: Impairment, chance: random.Random) -> None:
        self._impairment = impairment
        self._chance = chance
        self._line_free = 0.0

    def departures(self, size: int, now: float) -> list[float]:
        """The times at which a message of size bytes leaves; empty if it is lost."""
        bad = self._impairment
        if self._chance.random() < bad.lost:
            return []
        leave = now
        if bad.rate_bytes_per_s:
            if self._line_free - now > bad.queue_s:
                return []
            self._line_free = max(self._line_free, now) + size / bad.rate_bytes_per_s
            leave = self._line_free
        # A reordered message overtakes those that wait: it has no delay.
        if self._chance.random() >= bad.reordered:
            leave += bad.delay_s + self._chance.random() * bad.jitter_s
        return [leave] * (2 if self._chance.random() < bad.duplicated else 1)

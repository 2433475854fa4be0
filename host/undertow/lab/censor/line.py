"""Networks that are bad for everybody: they lose, police, swallow, fall silent, forget."""

import random

from undertow.lab.censor.profile import Profile
from undertow.lab.censor.seen import Seen
from undertow.lab.censor.verdict import PASS, Verdict


class Loss(Profile):
    """So many of all packets are lost. share: between 0 and 1."""

    def __init__(self, share: float = 0.1, seed: int = 1) -> None:
        self.share = share
        self.name = f"loss {share:.0%}"
        self._chance = random.Random(seed)

    def judge(self, seen: Seen, now: float) -> Verdict:
        """By chance."""
        return Verdict("loss") if self._chance.random() < self.share else PASS

    def rules(self) -> tuple[str, ...]:
        """By the kernel's chance."""
        return (f"numgen random mod 1000 < {round(self.share * 1000)} drop",)


class Police(Profile):
    """Each way carries so many bytes a second, and drops what is more: a bucket of tokens."""

    # The kernel has room for rate + burst in it (nft_limit.c), with which 300 kB pass unhindered.
    beyond_rules = "its buckets hold what comes in a second, at the least"

    def __init__(self, bytes_per_s: int = 250_000, burst: int = 25_000) -> None:
        self.bytes_per_s = bytes_per_s
        self.burst = burst
        self.name = f"police {bytes_per_s // 1000} kB/s"
        self._left = {True: float(burst), False: float(burst)}
        self._then: dict[bool, float] = {}

    def judge(self, seen: Seen, now: float) -> Verdict:
        """By the bytes of IP that its way carried before."""
        way = seen.outward
        passed_s = now - self._then.get(way, now)
        self._then[way] = now
        self._left[way] = min(self._left[way] + passed_s * self.bytes_per_s, self.burst)
        if self._left[way] < seen.size:
            return Verdict("rate")
        self._left[way] -= seen.size
        return PASS


class MtuHole(Profile):
    """Packets of IP that are longer than size are swallowed, and nobody is told by ICMP."""

    def __init__(self, size: int = 1300) -> None:
        self.size = size
        self.name = f"MTU hole at {size}"

    def judge(self, seen: Seen, now: float) -> Verdict:
        """By the size."""
        return Verdict("too large") if seen.size > self.size else PASS

    def rules(self) -> tuple[str, ...]:
        """By the size that the header says; an error on the way would end the silence."""
        return (f"ip length > {self.size} drop",)


class Blackout(Profile):
    """Nothing passes."""

    name = "blackout"

    def judge(self, seen: Seen, now: float) -> Verdict:
        """It does not."""
        return Verdict("blackout")

    def rules(self) -> tuple[str, ...]:
        """Nothing."""
        return ("drop",)


class NatRebind(Profile):
    """The router forgets its flows again and again: what goes on later has another port outside.

    times: after so many it is over; None: never. Who is slow would be met without an end.
    """

    beyond_rules = "forgetting flows is the work of the NAT (undertow.lab.nat), not of a filter"

    def __init__(self, every_s: float = 5.0, times: int | None = None) -> None:
        self.every_s = every_s
        self.times = times
        self.name = f"NAT rebound every {every_s:.0f} s"
        self._next: float | None = None

    def judge(self, seen: Seen, now: float) -> Verdict:
        """By the clock: the first packet after the time is the one that notices."""
        if self._next is None:
            self._next = now + self.every_s
        if now < self._next or not seen.outward or self.times == 0:
            return PASS
        self._next = now + self.every_s
        if self.times is not None:
            self.times -= 1
        return Verdict(rebinds=True)

"""The censor of a network: asked for each packet, told to be another at any time."""

import time
from collections import Counter
from collections.abc import Callable

from undertow.lab.censor.profile import Open, Profile
from undertow.lab.censor.seen import look
from undertow.lab.censor.verdict import Verdict
from undertow.lab.packets import dns, ipv4


class Censor:
    """One judge for each packet, both ways. passed, dropped: how many, and for which reasons.

    meddled: what else it did, by kind: "injected", "diverted", "rebound".
    Whoever carries the packets obeys: the emulated hotel's router, or a box in the middle of
    namespaces.
    """

    def __init__(
        self, profile: Profile | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.profile = profile or Open()
        self.passed = 0
        self.dropped: Counter[str] = Counter()
        self.meddled: Counter[str] = Counter()
        self._clock = clock

    def become(self, profile: Profile) -> None:
        """Judge by another profile from the next packet on."""
        self.profile = profile

    def judge(self, packet: ipv4.Packet, outward: bool) -> Verdict:
        """What becomes of a packet. outward: from a guest to the world."""
        verdict = self.profile.judge(look(packet, outward), self._clock())
        if verdict.passes:
            self.passed += 1
        else:
            self.dropped[verdict.why] += 1
        self.meddled["injected"] += bool(verdict.injected)
        self.meddled["diverted"] += verdict.diverted
        self.meddled["rebound"] += verdict.rebinds
        return verdict

    def deeds(self) -> int:
        """How often it did anything but let a packet pass."""
        return self.dropped.total() + self.meddled.total()

    def forget_deeds(self) -> None:
        """Count anew."""
        self.dropped.clear()
        self.meddled.clear()

    def answer(self, query: dns.Message) -> dns.Message | None:
        """What the network's name server says in place of the truth; None: the truth."""
        lie = self.profile.answer(query)
        if lie is not None:
            self.dropped["name"] += 1
        return lie

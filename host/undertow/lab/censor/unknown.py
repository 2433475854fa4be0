"""A network that lets only those flows of UDP live that begin like something it knows.

Seen on mobile networks of Russia in 2026: the same flow that dies after random bytes lives after a
DNS answer of the same length, or after a QUIC Initial for a name that is allowed.
"""

from undertow.lab.censor import quic
from undertow.lab.censor.profile import Profile
from undertow.lab.censor.seen import Flow, Seen
from undertow.lab.censor.verdict import PASS, Verdict
from undertow.lab.packets import dns


class UnknownUdpDropped(Profile):
    """The first datagram of a flow decides: a message of DNS, or a true QUIC Initial with a name.

    forbidden: names that make it no better than unknown.
    """

    name = "unknown UDP dropped"
    beyond_rules = "it reads DNS, and opens QUIC's first packets with their own keys"

    def __init__(self, *forbidden: str) -> None:
        self.forbidden = frozenset(forbidden)
        self._known: dict[Flow, bool] = {}

    def judge(self, seen: Seen, now: float) -> Verdict:
        """By what its flow began with."""
        if not seen.is_udp or seen.flow is None:
            return PASS
        if seen.flow not in self._known:
            self._known[seen.flow] = self._is_known(seen.payload)
        return PASS if self._known[seen.flow] else Verdict("unknown")

    def _is_known(self, payload: bytes) -> bool:
        if dns.parse(payload) is not None:
            return True
        name = quic.server_name(payload)
        return bool(name) and name not in self.forbidden

"""A network that lets flows begin and then swallows them: the 16 KB freeze.

Seen in Russia since June 2025 towards foreign hosters: handshakes and a first page pass, and after
16 to 20 KB no data comes through any more, without a word to either end.
"""

from collections.abc import Callable

from undertow.lab.censor.entropy import protocol
from undertow.lab.censor.profile import Profile
from undertow.lab.censor.seen import Flow, Seen
from undertow.lab.censor.verdict import PASS, Verdict
from undertow.lab.packets import tcp

LIMIT = 16 * 1024


def is_tls(seen: Seen) -> bool:
    """Whether it is the first data of a TLS connection."""
    return seen.is_tcp and protocol(seen.payload) == "TLS"


class Freeze(Profile):
    """A flow's data of both ways is counted; beyond the limit it is swallowed, and so it stays.

    spared: told the first data of a flow, says whether it may go on for ever; None: no flow may.
    TCP without data passes still, so that the connection looks alive.
    """

    name = "freeze after 16 KB"
    beyond_rules = "it counts data without headers, and spares what begins as TLS"

    def __init__(self, limit: int = LIMIT, spared: Callable[[Seen], bool] | None = is_tls) -> None:
        self.limit = limit
        self._spared = spared
        self._bytes: dict[Flow, int] = {}
        self._free: set[Flow] = set()

    def judge(self, seen: Seen, now: float) -> Verdict:
        """By what the flow has carried until now."""
        flow = seen.flow
        if flow is None:
            return PASS
        if seen.segment is not None and seen.segment.flags & tcp.SYN:
            self._bytes.pop(flow, None)  # another connection that has the same ports
            self._free.discard(flow)
        if not seen.payload or flow in self._free:
            return PASS
        if flow not in self._bytes and self._spared is not None and self._spared(seen):
            self._free.add(flow)
            return PASS
        count = self._bytes.get(flow, 0)
        if count + len(seen.payload) > self.limit:
            self._bytes[flow] = self.limit
            return Verdict("frozen")
        self._bytes[flow] = count + len(seen.payload)
        return PASS

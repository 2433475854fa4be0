"""The published rule by which China's firewall blocked TCP that looks random.

M. Wu and others: How the Great Firewall of China Detects and Blocks Fully Encrypted Traffic,
USENIX Security 2023, sections 4 and 6: the first data of a connection is blocked unless one of five
exemptions holds; then nothing of the client reaches that server and port for 180 s.
"""

import re

from undertow.lab.censor.profile import Profile
from undertow.lab.censor.seen import End, Flow, Seen
from undertow.lab.censor.verdict import PASS, Verdict
from undertow.lab.packets import ipv4, tcp

FEW_BITS, MANY_BITS = 3.4, 4.6  # set bits a byte, of eight
PRINTABLE = range(0x20, 0x7F)
PRINTABLE_START = 6
PRINTABLE_RUN = 20
RESIDUAL_S = 180.0

_TLS = re.compile(rb"[\x16\x17]\x03[\x00-\x09]", re.DOTALL)
_HTTP = (b"GET ", b"PUT ", b"POST ", b"HEAD ")
_RUN = re.compile(rb"[\x20-\x7e]+")


def exemption(payload: bytes) -> str:
    """Why the first data of a connection passes; empty: it looks random, and is blocked."""
    bits = sum(byte.bit_count() for byte in payload) / len(payload)
    printable = [byte in PRINTABLE for byte in payload]
    if bits <= FEW_BITS or bits >= MANY_BITS:
        return "bits"
    if len(payload) >= PRINTABLE_START and all(printable[:PRINTABLE_START]):
        return "printable start"
    if sum(printable) * 2 > len(payload):
        return "half printable"
    if max((len(run) for run in _RUN.findall(payload)), default=0) > PRINTABLE_RUN:
        return "printable run"
    return protocol(payload)


def protocol(payload: bytes) -> str:
    """ "TLS" or "HTTP" by the first bytes; empty: neither."""
    if _TLS.match(payload):
        return "TLS"
    return "HTTP" if payload.startswith(_HTTP) else ""


class Entropy(Profile):
    """TCP whose first data looks random is blocked, and so is all UDP.

    The firewall of then did so to one in four, towards chosen addresses; this one to all.
    """

    name = "random first packets dropped"
    beyond_rules = "it counts the bits of a connection's first data"

    def __init__(self) -> None:
        self._judged: set[Flow] = set()
        self._blocked: dict[tuple[str, End], float] = {}

    def judge(self, seen: Seen, now: float) -> Verdict:
        """By the first data that a guest sends."""
        if seen.packet.protocol == ipv4.UDP:
            return Verdict("UDP")
        if seen.segment is None or seen.flow is None or not seen.outward:
            return PASS
        if self._is_blocked(seen, now):
            return Verdict("residual")
        if seen.segment.flags & tcp.SYN:
            self._judged.discard(seen.flow)
        elif seen.payload and seen.flow not in self._judged:
            if not exemption(seen.payload):
                self._blocked[self._triple(seen)] = now + RESIDUAL_S
                return Verdict("entropy")
            self._judged.add(seen.flow)
        return PASS

    def _is_blocked(self, seen: Seen, now: float) -> bool:
        return self._blocked.get(self._triple(seen), now) > now

    def _triple(self, seen: Seen) -> tuple[str, End]:
        return seen.packet.source, seen.outside

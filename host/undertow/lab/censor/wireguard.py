"""Networks that know WireGuard when they see it: by its message types, or by its sizes."""

from undertow.lab.censor.profile import Profile
from undertow.lab.censor.seen import Seen
from undertow.lab.censor.verdict import PASS, Verdict

_TYPES = tuple(bytes([kind, 0, 0, 0]) for kind in (1, 2, 3, 4))
# The handshake messages of the paper (5.4.2 to 5.4.7), and a keepalive.
SIZES = (148, 92, 64)
_UDP_HEADER_LEN = 8


class TypesDropped(Profile):
    """Datagrams that begin with a type of WireGuard (1 to 4 and three zeros) are dropped."""

    name = "WireGuard's types dropped"

    def judge(self, seen: Seen, now: float) -> Verdict:
        """By the first four bytes."""
        found = seen.is_udp and seen.payload[:4] in _TYPES
        return Verdict("type") if found else PASS

    def rules(self) -> tuple[str, ...]:
        """The payload lies behind eight bytes of UDP's header."""
        words = ", ".join(f"0x{kind.hex()}" for kind in _TYPES)
        shortest = _UDP_HEADER_LEN + 4
        return (f"meta l4proto udp udp length >= {shortest} @th,64,32 {{ {words} }} drop",)


class SizesDropped(Profile):
    """Datagrams as long as WireGuard's handshake messages are dropped."""

    name = "handshake sizes dropped"

    def judge(self, seen: Seen, now: float) -> Verdict:
        """By the length alone."""
        return Verdict("size") if seen.is_udp and len(seen.payload) in SIZES else PASS

    def rules(self) -> tuple[str, ...]:
        """UDP's own length has its header in it."""
        lengths = ", ".join(str(_UDP_HEADER_LEN + size) for size in SIZES)
        return (f"udp length {{ {lengths} }} drop",)

"""A network that ends connections which it does not like, in the name of both ends."""

from undertow.lab.censor.client_hello import server_name
from undertow.lab.censor.entropy import protocol
from undertow.lab.censor.profile import Profile
from undertow.lab.censor.seen import Flow, Seen
from undertow.lab.censor.verdict import PASS, Injected, Verdict
from undertow.lab.packets import tcp

_MODULO = 1 << 32


class RstInjection(Profile):
    """TCP whose first data is neither HTTP nor TLS gets a reset from "both ends".

    names: TLS that asks for one of these names, or for one below it, gets one, too. What was sent
    passes: who injects stands beside the line, and does not hold it.
    """

    name = "RST injection"
    beyond_rules = "it reads a connection's first data, and forges resets to both ends"

    def __init__(self, *names: str) -> None:
        self.names = frozenset(names)
        self._judged: set[Flow] = set()

    def judge(self, seen: Seen, now: float) -> Verdict:
        """By the first data that a guest sends."""
        segment, flow = seen.segment, seen.flow
        if segment is None or flow is None or not seen.outward:
            return PASS
        if segment.flags & tcp.SYN:
            self._judged.discard(flow)
        if not seen.payload or flow in self._judged:
            return PASS
        self._judged.add(flow)
        if self._is_fine(seen.payload):
            return PASS
        return Verdict(injected=_resets(seen, segment))

    def _is_fine(self, payload: bytes) -> bool:
        asked = server_name(payload)
        is_listed = any(asked == name or asked.endswith(f".{name}") for name in self.names)
        return bool(protocol(payload)) and not is_listed


def _resets(seen: Seen, segment: tcp.Segment) -> tuple[Injected, Injected]:
    there, here = seen.packet.destination, seen.packet.source
    after = (segment.sequence + len(segment.payload)) % _MODULO
    # Each end gets what it waits for next, or it would not believe it (RFC 5961).
    for_guest = tcp.Segment(
        *(segment.destination_port, segment.source_port),
        *(segment.acknowledgement, after, tcp.RST | tcp.ACK, 0),
    )
    for_world = segment._replace(
        sequence=after, flags=tcp.RST | tcp.ACK, window=0, payload=b"", options=b""
    )
    return (
        Injected(tcp.build(there, here, for_guest), outward=False),
        Injected(tcp.build(here, there, for_world), outward=True),
    )

"""A peer, its keypairs, and the packets inside (paper 5.4.6, 6)."""

from collections import deque
from dataclasses import dataclass, field

from tests.contract.reference import constants as c
from tests.contract.reference.tables import ReplayWindow

REKEY_AFTER_MESSAGES = 2**60
REKEY_AFTER_MS, REJECT_AFTER_MS = 120_000, 180_000
KEEPALIVE_MS, REKEY_TIMEOUT_MS = 10_000, 5_000
QUEUE_PER_PEER = 32


@dataclass
class Keypair:
    send: bytes
    receive: bytes
    is_initiator: bool
    local: int
    remote: int
    born_ms: int
    counter: int = 0
    window: ReplayWindow = field(default_factory=ReplayWindow)

    def age(self, now_ms: int) -> int:
        return max(0, now_ms - self.born_ms)


@dataclass
class Peer:
    keypairs: list[Keypair | None] = field(default_factory=lambda: [None, None, None])
    endpoint: bytes = b""
    received: int = 0
    sent: int = 0
    times: list[int] = field(default_factory=lambda: [0, 0, 0, 0])
    events: int = 0
    watched: int = c.EVENT_ALL
    handshake: int | None = None  # the index reserved
    queue: deque[bytes] = field(default_factory=deque)


DATA_SENT, DATA_RECEIVED, SENT, HEARD = range(4)


def parse(packet: bytes) -> tuple[int, bytes, bytes] | None:
    """Length, source and destination of an IP packet at the beginning of packet."""
    version = packet[0] >> 4 if packet else 0
    if version == 4 and len(packet) >= 20:
        header, total = 4 * (packet[0] & 15), int.from_bytes(packet[2:4], "big")
        if 20 <= header <= total <= len(packet):
            return total, packet[12:16], packet[16:20]
    if version == 6 and len(packet) >= 40:
        total = 40 + int.from_bytes(packet[4:6], "big")
        if total <= len(packet):
            return total, packet[8:24], packet[24:40]
    return None

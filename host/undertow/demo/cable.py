"""What a box did on its cable to the gateway, for people: at which doors it knocked."""

from collections.abc import Iterable
from typing import NamedTuple

from undertow.board.scene import GATEWAY, PROXY
from undertow.lab.packets import ethernet, ipv4, tcp, udp


class Door(NamedTuple):
    """One kind of outer envelope, and where it goes. port: of the gateway, or of the proxy."""

    kind: str
    port: int

    @property
    def words(self) -> str:
        """As in "UDP 443"."""
        return f"{self.kind} {self.port}"


def doors(sent: Iterable[bytes]) -> list[Door]:
    """Where the frames of a box went, each once, in the order in which it came there first."""
    found = (_door(frame) for frame in sent)
    return list(dict.fromkeys(door for door in found if door is not None))


def last(sent: Iterable[bytes]) -> Door | None:
    """Where the last one went."""
    found = [door for frame in sent if (door := _door(frame)) is not None]
    return found[-1] if found else None


def words(found: list[Door]) -> str:
    """As in "UDP 443, 53, then TCP 443"."""
    parts: list[str] = []
    for i, door in enumerate(found):
        if i and found[i - 1].kind == door.kind:
            parts[-1] += f", {door.port}"
        else:
            parts.append(door.words)
    return ", then ".join(parts)


def _door(frame: bytes) -> Door | None:
    found = ethernet.parse(frame)
    packet = ipv4.parse(found.body) if found and found.kind == ethernet.IPV4 else None
    if packet is None or packet.destination not in (GATEWAY[0], PROXY[0]):
        return None
    if segment := tcp.parse(packet):
        by_proxy = packet.destination == PROXY[0]
        return Door("the proxy's TCP" if by_proxy else "TCP", segment.destination_port)
    if datagram := udp.parse(packet):
        return Door("UDP", datagram.destination_port)
    return None

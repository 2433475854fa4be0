"""Where this machine's packets to the gateway go: the next router, and whether that has changed."""

from linux.commands import attempt
from linux.errors import ProgramError
from wg.allowedips import format_address
from wg.compat import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from linux.box import Box

ARP = "/proc/net/arp"
MAC_LEN = 6
# Changes come in heaps: an address goes, another comes, then its route.
SETTLE_MS = 200


class Uplink:
    """on_change: called with whether there is a way out, when it is another one than before."""

    def __init__(self, box: "Box", target: "Callable[[], bytes]") -> None:
        """target: an address beyond, such as the gateway's. Call follow() for the first time."""
        self.on_change: "Callable[[bool], object] | None" = None
        self._box = box
        self._target = target
        self._way: "tuple[str, ...]" = ()
        self._turn = 0
        box.path.watch_uplink()
        box.control.on_wake(box.path.WAKE_UPLINK, self._settle)

    def _settle(self) -> None:
        # Until it has, nobody speaks: what is first on another network is not for clients to say.
        if self._way and self._look() != self._way:
            self._way = ()
            if self.on_change is not None:
                self.on_change(False)
        self._turn += 1
        turn = self._turn
        self._box.control.after(SETTLE_MS, lambda: self._follow_again(turn))

    def _follow_again(self, turn: int) -> None:
        if turn == self._turn:
            self.follow()

    def follow(self) -> None:
        """See where packets go now, and tell if that has changed."""
        way = self._look()
        if way == self._way:
            return
        self._way = way
        if self.on_change is not None:
            self.on_change(bool(way))

    def router(self) -> "bytes | None":
        """The hardware address of the next router, 6 bytes; None: not known, or there is none."""
        if len(self._way) < 2:
            return None
        hop, interface = self._way[:2]
        if ":" in hop:
            return _mac(_said(("ip", "-6", "neighbour", "show", "to", hop, "dev", interface)))
        return _of_arp(hop, interface)

    def _look(self) -> "tuple[str, ...]":
        """(next hop, interface, our address) for what the tunnel sends; empty: no way out."""
        target = format_address(self._target())
        mark = self._box.sockets.fwmark
        words = ["ip", "route", "get", target]
        if mark:
            words += ["mark", str(mark)]
        said = _said(tuple(words)).split("\n")[0].split()
        hop, interface, source = target, "", ""
        for i in range(len(said) - 1):
            if said[i] == "via":
                hop = said[i + 1]
            elif said[i] == "dev":
                interface = said[i + 1]
            elif said[i] == "src":
                source = said[i + 1]
        return (hop, interface, source) if interface else ()


def _said(command: "tuple[str, ...]") -> str:
    try:
        status, said = attempt(command)
    except ProgramError:
        return ""
    return said if status == 0 else ""


def _of_arp(hop: str, interface: str) -> "bytes | None":
    try:
        with open(ARP) as file:
            for line in file:
                words = line.split()
                if len(words) >= 6 and words[0] == hop and words[5] == interface:
                    return _parse(words[3])
    except OSError:
        pass
    return None


def _mac(said: str) -> "bytes | None":
    words = said.split()
    for i in range(len(words) - 1):
        if words[i] == "lladdr":
            return _parse(words[i + 1])
    return None


def _parse(text: str) -> "bytes | None":
    parts = text.split(":")
    if len(parts) != MAC_LEN:
        return None
    try:
        mac = bytes([int(part, 16) for part in parts])
    except ValueError:
        return None
    return mac if any(mac) else None

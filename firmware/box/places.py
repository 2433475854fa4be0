"""Where the gateway may be: the addresses that its document names, and those that names lead to.

A network can falsify names. So where the gateway was reached before counts, too: whatever a name
leads to here, that address is tried beside it.
"""

from wg.allowedips import format_address, parse_address
from wg.compat import TYPE_CHECKING
from wg.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable

    from box.control import Control

    # Calls back once: with the first address of the name, or None when there is none.
    Ask = Callable[[str, Callable[[bytes | None], object]], object]

# A name that led nowhere is asked for again after so long, while somebody looks for the gateway.
ASK_AGAIN_MS = 5_000
# And one that led somewhere, in case it has moved.
REFRESH_MS = 60_000


class Places:
    """hosts: names and addresses, by their numbers (carrier.rung.Rung.place).

    failed: the name that was not found last; None: all were. on_found: called when an address
    is new.
    """

    def __init__(
        self, control: "Control", ask: "Ask", hosts: "list[str]", proxy: "str | None" = None
    ) -> None:
        """proxy: name or address of the network's."""
        self.hosts = hosts
        self._proxy = len(hosts)
        hosts = hosts if proxy is None else hosts + [proxy]
        self._all = hosts
        self.failed: "str | None" = None
        self.on_found: "Callable[[], object] | None" = None
        self._control = control
        self._ask = ask
        self._found = [_literal(host) for host in hosts]
        self._has_name = [address is None for address in self._found]
        self._asked_ms = [0] * len(hosts)
        self._is_asking = [False] * len(hosts)
        self.stored: "bytes | None" = None  # where the gateway was before
        self._is_stopped = False

    def set_stored(self, address: "bytes | None") -> None:
        """Where the gateway was before, 4 bytes."""
        self.stored = address

    def forget(self) -> None:
        """The network is another one: what names lead to is to be asked anew, at once.

        What is being asked is asked there by now: so nothing is in the queue twice, however often
        networks come and go.
        """
        for number in range(len(self._all)):
            self._asked_ms[number] = 0
            if self._has_name[number]:
                self._found[number] = None

    def stop(self) -> None:
        """Answers to what was asked are of no interest any more."""
        self._is_stopped = True
        self.on_found = None

    def addresses(self, number: int) -> "list[bytes]":
        """Where this place may be, the likeliest first; a name is asked for if that is due."""
        if not 0 <= number < len(self._all):
            return []
        self._look(number)
        address = self._found[number]
        found = [] if address is None else [address]
        is_other = self.stored is not None and self.stored != address
        # Only the endpoint's own name: the others are other machines, or other networks.
        if number == 0 and self._has_name[0] and is_other and self.stored is not None:
            found.append(self.stored)
        return found

    def proxy_addresses(self) -> "list[bytes]":
        """Where the proxy is."""
        return self.addresses(self._proxy)

    def is_named(self, number: int) -> bool:
        return self._has_name[number]

    def answer(self, number: int) -> "bytes | None":
        """What the name leads to on this network; None: not known, or it is no name."""
        return self._found[number] if self._has_name[number] else None

    def number_of(self, address: bytes) -> int:
        """The place at an address; -1: none."""
        for number in range(len(self.hosts)):
            if self._found[number] == address:
                return number
        return 0 if address == self.stored and self.hosts else -1

    def _look(self, number: int) -> None:
        now_ms = self._control.now_ms()
        asked_ms = self._asked_ms[number]
        pause_ms = ASK_AGAIN_MS if self._found[number] is None else REFRESH_MS
        if not self._has_name[number] or self._is_asking[number]:
            return
        if asked_ms and now_ms - asked_ms < pause_ms:
            return
        self._asked_ms[number] = now_ms
        self._is_asking[number] = True
        self._ask(self._all[number], lambda address: self._take(number, address))

    def _take(self, number: int, address: "bytes | None") -> None:
        if self._is_stopped:
            return
        self._is_asking[number] = False
        host = self._all[number]
        if address is None:
            self.failed = host
            return
        if self.failed == host:
            self.failed = None
        if address == self._found[number]:
            return
        self._found[number] = address
        self._control.log("info", "%s is at %s" % (host, format_address(address)))
        if self.on_found is not None:
            self.on_found()


def _literal(host: str) -> "bytes | None":
    try:
        return parse_address(host)
    except ConfigError:
        return None

"""A DHCP server of a network that the box visits: as honest or as hostile as a test wants it."""

import ipaddress
from collections import Counter
from dataclasses import dataclass, field, replace

from undertow.lab.packets import dhcp


@dataclass(frozen=True)
class Offer:
    """What the server gives. options: more of them, or others in place of the usual ones."""

    network: str
    server: str
    router: str | None = None
    name_servers: tuple[str, ...] = ()
    first: int = 100
    last: int = 199
    lease_s: int = 3600
    options: dict[int, bytes] = field(default_factory=dict)


class DhcpServer:
    """Messages in, messages out, nothing else. Whoever has a socket carries them.

    silent: answers nothing. refuses: says so to who asks for an address that is not its own.
    """

    def __init__(self, offer: Offer) -> None:
        self.offer = offer
        self.silent = False
        self.refuses = True
        self.heard: Counter[str] = Counter()
        self._given: dict[bytes, str] = {}
        self._ever_given: dict[bytes, set[str]] = {}

    def change(self, offer: Offer) -> None:
        """Give something else from now on; who renews an address that does not fit gets a NAK."""
        network = ipaddress.ip_network(offer.network)
        self._given = {
            mac: address
            for mac, address in self._given.items()
            if ipaddress.ip_address(address) in network
        }
        self.offer = offer

    def set_options(self, options: dict[int, bytes]) -> None:
        """Send these options, too."""
        self.offer = replace(self.offer, options=options)

    def given(self) -> dict[bytes, str]:
        """The addresses by the MAC that has them."""
        return dict(self._given)

    def ever_given(self, mac: bytes) -> set[str]:
        """Every address that a client was ever offered."""
        return set(self._ever_given.get(mac, ()))

    def forget(self, mac: bytes) -> None:
        """Have no memory of a client, so that the next renewal of it is refused."""
        self._given.pop(mac, None)

    def answer(self, message: dhcp.Message) -> dhcp.Message | None:
        """What to reply to a client, if anything."""
        self.heard[dhcp.NAMES.get(message.kind, "other")] += 1
        if self.silent or message.operation != 1:
            return None
        if message.kind == dhcp.DISCOVER:
            return self._reply(message, dhcp.OFFER, self._choose(message))
        if message.kind == dhcp.REQUEST:
            return self._answer_request(message)
        if message.kind in (dhcp.RELEASE, dhcp.DECLINE):
            self._given.pop(message.mac, None)
        return None

    def _answer_request(self, message: dhcp.Message) -> dhcp.Message | None:
        chosen = message.address(dhcp.SERVER_IDENTIFIER)
        if chosen is not None and chosen != self.offer.server:
            return None
        wanted = message.address(dhcp.REQUESTED_ADDRESS) or message.client
        if wanted != self._given.get(message.mac) and not self.refuses:
            return None
        if wanted != self._given.get(message.mac):
            return dhcp.Message(
                2,
                message.transaction,
                message.mac,
                {
                    dhcp.MESSAGE_TYPE: bytes([dhcp.NAK]),
                    dhcp.SERVER_IDENTIFIER: dhcp.addresses(self.offer.server),
                },
                wants_broadcast=True,
            )
        return self._reply(message, dhcp.ACK, wanted)

    def _choose(self, message: dhcp.Message) -> str:
        if message.mac not in self._given:
            network = ipaddress.ip_network(self.offer.network)
            taken = set(self._given.values())
            pool = (str(network[n]) for n in range(self.offer.first, self.offer.last + 1))
            self._given[message.mac] = next(address for address in pool if address not in taken)
            self._ever_given.setdefault(message.mac, set()).add(self._given[message.mac])
        return self._given[message.mac]

    def _reply(self, message: dhcp.Message, kind: int, address: str) -> dhcp.Message:
        offer = self.offer
        options = {
            dhcp.MESSAGE_TYPE: bytes([kind]),
            dhcp.SERVER_IDENTIFIER: dhcp.addresses(offer.server),
            dhcp.LEASE_TIME: offer.lease_s.to_bytes(4, "big"),
            dhcp.SUBNET_MASK: ipaddress.ip_network(offer.network).netmask.packed,
        }
        if offer.router:
            options[dhcp.ROUTER] = dhcp.addresses(offer.router)
        if offer.name_servers:
            options[dhcp.NAME_SERVERS] = dhcp.addresses(*offer.name_servers)
        options.update(offer.options)
        return dhcp.Message(
            2,
            message.transaction,
            message.mac,
            options,
            client=message.client,
            your=address,
            server=offer.server,
            wants_broadcast=message.wants_broadcast,
        )

"""What a DHCP server answers (RFC 2131 4.3). It is the only one in its network, and says so."""

from dhcp import message
from dhcp.leases import LEASE_MS, Leases, identity_of
from dhcp.message import NO_ADDRESS, Request
from dhcp.subnet import Subnet

LEASE_S = LEASE_MS // 1000
BROADCAST = b"\xff\xff\xff\xff"


class Answer:
    """What is to be sent, and where to."""

    def __init__(self, payload: bytes, mac: bytes, address: bytes, is_broadcast: bool) -> None:
        """address: of the IP header. is_broadcast: the frame goes to everybody."""
        self.payload = payload
        self.mac = mac
        self.address = address
        self.is_broadcast = is_broadcast


class Server:
    """Gives away the addresses of a subnet; router and name server are its own address there.

    malformed, refused: how many messages had no answer because they are broken, or because there
    is no address left.
    """

    def __init__(self, leases: Leases) -> None:
        self.leases = leases
        self.malformed = 0
        self.refused = 0
        self._subnet: "Subnet | None" = None
        self._former: "Subnet | None" = None
        self._mtu = 0

    def set_subnet(self, subnet: Subnet, mtu: int) -> None:
        """The subnet to give addresses of, and the MTU that clients are told (option 26)."""
        self._subnet = subnet
        self._mtu = mtu

    def set_former(self, subnet: "Subnet | None") -> None:
        """The subnet before this one: its clients are told to ask again."""
        self._former = subnet

    def receive(self, data: "bytes | bytearray | memoryview", now_ms: int) -> "Answer | None":
        """The answer to a UDP payload that a client sent, if any. data is not kept."""
        subnet = self._subnet
        request = message.parse(data)
        if request is None:
            self.malformed += 1
            return None
        if subnet is None:
            return None
        if request.kind == message.DISCOVER:
            return self._discover(subnet, request, now_ms)
        if request.kind == message.REQUEST:
            return self._request(subnet, request, now_ms)
        if request.kind == message.INFORM:
            return self._inform(subnet, request)
        identity = identity_of(request.client, request.mac)
        if request.kind == message.DECLINE:
            self.leases.decline(identity, request.requested, now_ms)
        elif request.kind == message.RELEASE:
            self.leases.release(identity, request.address, now_ms)
        return None

    def _discover(self, subnet: Subnet, request: Request, now_ms: int) -> "Answer | None":
        identity = identity_of(request.client, request.mac)
        lease = self.leases.offer(subnet, identity, request.mac, request.requested, now_ms)
        if lease is None:
            self.refused += 1
            return None
        return self._give(subnet, request, message.OFFER, lease.address)

    def _request(self, subnet: Subnet, request: Request, now_ms: int) -> "Answer | None":
        identity = identity_of(request.client, request.mac)
        wanted = request.requested
        if request.server != NO_ADDRESS:
            if request.server != subnet.address and not self._is_former_server(request.server):
                self.leases.withdraw(identity, now_ms)
                return None
        elif wanted == NO_ADDRESS:
            wanted = request.address  # it renews
        lease = self.leases.bind(subnet, identity, request.mac, wanted, now_ms)
        if lease is None:
            return self._refuse(subnet, request, wanted)
        return self._give(subnet, request, message.ACK, lease.address)

    def _inform(self, subnet: Subnet, request: Request) -> "Answer | None":
        if request.address not in subnet:
            return None
        payload = message.answer(request, message.ACK, NO_ADDRESS, self._options(subnet))
        return Answer(payload, request.mac, request.address, False)

    def _give(self, subnet: Subnet, request: Request, kind: int, address: bytes) -> Answer:
        options = self._options(subnet)
        options.append((message.OPTION_LEASE_TIME, _seconds(LEASE_S)))
        options.append((message.OPTION_RENEWAL_TIME, _seconds(LEASE_S // 2)))
        options.append((message.OPTION_REBINDING_TIME, _seconds(LEASE_S * 7 // 8)))
        payload = message.answer(request, kind, address, options)
        if request.wants_broadcast and request.address == NO_ADDRESS:
            return Answer(payload, request.mac, BROADCAST, True)
        return Answer(payload, request.mac, address, False)

    def _refuse(self, subnet: Subnet, request: Request, wanted: bytes) -> Answer:
        # Clients believe a refusal only from the server that gave them the address.
        server = subnet.address
        if self._former is not None and wanted in self._former:
            server = self._former.address
        payload = message.answer(
            request, message.NAK, NO_ADDRESS, [(message.OPTION_SERVER, server)]
        )
        return Answer(payload, request.mac, BROADCAST, True)

    def _is_former_server(self, address: bytes) -> bool:
        return self._former is not None and address == self._former.address

    def _options(self, subnet: Subnet) -> "list[tuple[int, bytes]]":
        return [
            (message.OPTION_SERVER, subnet.address),
            (message.OPTION_MASK, subnet.mask()),
            (message.OPTION_ROUTER, subnet.address),
            (message.OPTION_DNS, subnet.address),
            (message.OPTION_MTU, self._mtu.to_bytes(2, "big")),
        ]


def _seconds(value: int) -> bytes:
    return value.to_bytes(4, "big")

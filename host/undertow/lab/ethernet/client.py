"""A client on the box's LAN, in Python: DHCP, ping, UDP, DNS and TCP."""

import random
import time
from collections.abc import Callable
from typing import TypeVar

from undertow.lab.errors import LabError
from undertow.lab.ethernet.connection import Connection
from undertow.lab.ethernet.station import Received, Station
from undertow.lab.ethernet.stream import Stream
from undertow.lab.ethernet.switch import Switch
from undertow.lab.packets import dhcp, dns, ethernet, icmp, ipv4, tcp, udp

T = TypeVar("T")

_WANTED = bytes([dhcp.SUBNET_MASK, dhcp.ROUTER, dhcp.NAME_SERVERS, dhcp.MTU])
_AGAIN_S = 0.5


class Client(Station):
    """Its methods are for the thread of a test: they wait for answers."""

    def __init__(self, switch: Switch, name: str, number: int = 1) -> None:
        """number: for its MAC and its sequence of ports."""
        super().__init__(switch, name, bytes([2, 0x63, 0x6C, 0x69, number >> 8, number & 0xFF]))
        self.lease: dhcp.Message | None = None
        self._chance = random.Random(number)
        self._pings = 0
        self._pongs: dict[int, float] = {}
        self._dhcp: list[dhcp.Message] = []
        self.errors: list[icmp.Message] = []
        self._next_port = 40_000
        self._connections: dict[tuple[str, int, int], Connection] = {}
        self.on_udp(dhcp.CLIENT_PORT, self._take_dhcp)

    # Addresses

    def join(self, timeout_s: float = 20.0, wanted: str | None = None) -> dhcp.Message:
        """Get an address (DISCOVER, REQUEST) and use it; the server's ACK. LabError: none came.

        wanted: the address to ask for.
        """
        hint = {dhcp.REQUESTED_ADDRESS: dhcp.addresses(wanted)} if wanted else {}
        offer = self._converse(dhcp.DISCOVER, hint, timeout_s)
        if offer.kind != dhcp.OFFER:
            raise LabError("no address by DHCP", f"an answer of type {offer.kind} came")
        options = {
            dhcp.REQUESTED_ADDRESS: dhcp.addresses(offer.your),
            dhcp.SERVER_IDENTIFIER: offer.options[dhcp.SERVER_IDENTIFIER],
        }
        return self._use(self._converse(dhcp.REQUEST, options, timeout_s))

    def renew(self, timeout_s: float = 20.0) -> dhcp.Message:
        """Ask for the address that we have once more; ACK or NAK."""
        return self._use(self._converse(dhcp.REQUEST, {}, timeout_s, client=self.address))

    def reboot(self, address: str, timeout_s: float = 20.0) -> dhcp.Message:
        """Ask for the address of before (INIT-REBOOT, RFC 2131 4.3.2); ACK or NAK."""
        options = {dhcp.REQUESTED_ADDRESS: dhcp.addresses(address)}
        return self._use(self._converse(dhcp.REQUEST, options, timeout_s))

    def _use(self, answer: dhcp.Message) -> dhcp.Message:
        if answer.kind == dhcp.ACK:
            mask = int.from_bytes(answer.options[dhcp.SUBNET_MASK], "big")
            self.set_address(answer.your, mask.bit_count(), answer.address(dhcp.ROUTER))
            self.lease = answer
        return answer

    def _converse(
        self, kind: int, options: dict[int, bytes], timeout_s: float, client: str = ipv4.ANY
    ) -> dhcp.Message:
        transaction = self._chance.getrandbits(32)
        message = dhcp.Message(
            1,
            transaction,
            self.mac,
            {
                dhcp.MESSAGE_TYPE: bytes([kind]),
                **options,
                dhcp.WANTED_OPTIONS: _WANTED,
            },
            client=client,
        )
        datagram = udp.Datagram(dhcp.CLIENT_PORT, dhcp.SERVER_PORT, dhcp.build(message))
        body = ipv4.build(udp.build(client, ipv4.BROADCAST, datagram))

        def answer() -> dhcp.Message | None:
            return next((m for m in self._dhcp if m.transaction == transaction), None)

        found = self._ask_until(
            lambda: self.send_frame(ethernet.BROADCAST, ethernet.IPV4, body), answer, timeout_s
        )
        if found is None:
            raise LabError(f"no answer to DHCP {dhcp.NAMES[kind]}", f"asked for {timeout_s:.1f} s")
        return found

    def _take_dhcp(self, received: Received) -> None:
        message = dhcp.parse(received.payload)
        if message and message.operation == 2 and message.mac == self.mac:
            self._dhcp.append(message)

    def receive_packet(self, packet: ipv4.Packet, mac: bytes) -> None:
        """As a station; and a DHCP client hears answers for an address that it has not got yet."""
        datagram = udp.parse(packet)
        if datagram and datagram.destination_port == dhcp.CLIENT_PORT:
            self.take(packet, mac)
        else:
            super().receive_packet(packet, mac)

    # Conversations

    def ping(self, address: str, timeout_s: float = 5.0, size: int = 56) -> float | None:
        """The seconds to an address and back, or None without an answer."""
        self._pings += 1
        number = self._pings
        started = time.monotonic()
        self.send(icmp.build(self.address, address, icmp.echo(1, number, bytes(size))))
        came = self._wait(lambda: self._pongs.get(number), timeout_s)
        return came - started if came else None

    def take_icmp(self, packet: ipv4.Packet, message: icmp.Message) -> None:
        """Answers to our pings, and errors about what we sent."""
        if message.kind == icmp.ECHO_REPLY:
            self._pongs[int.from_bytes(message.rest[2:], "big")] = time.monotonic()
        elif message.kind != icmp.ECHO_REQUEST:
            self.errors.append(message)
        else:
            super().take_icmp(packet, message)

    def ask(
        self, address: str, port: int, question: bytes, timeout_s: float = 2.0, tries: int = 1
    ) -> Received | None:
        """Send a datagram from a fresh port and return the first answer to that."""
        answers: list[Received] = []
        self._next_port += 1
        own = self._next_port
        self.on_udp(own, answers.append)
        try:
            return self._ask_until(
                lambda: self.send_udp(own, address, port, question),
                lambda: next(iter(answers), None),
                timeout_s,
                tries,
            )
        finally:
            self.on_udp(own, None)

    def resolve(self, name: str, server: str | None = None, timeout_s: float = 2.0) -> dns.Message:
        """Ask for a name's addresses, at the lease's name server. LabError: no answer."""
        server = server or (self.lease and self.lease.address(dhcp.NAME_SERVERS))
        if not server:
            raise LabError(f"cannot ask for {name}", "no name server is known")
        query = dns.Message(self._chance.getrandbits(16), name, dns.A)
        received = self.ask(server, dns.PORT, dns.build(query), timeout_s)
        answer = received and dns.parse(received.payload)
        if not answer or answer.identifier != query.identifier:
            raise LabError(f"no answer for {name}", f"asked {server} for {timeout_s:.1f} s")
        return answer

    def connect(self, address: str, port: int, timeout_s: float = 20.0) -> Stream:
        """A TCP connection; LabError: refused, or no answer."""
        stream = self.start_connecting(address, port)
        stream.wait_established(timeout_s)
        return stream

    def start_connecting(self, address: str, port: int) -> Stream:
        """The same, without waiting for an answer."""
        self._next_port += 1
        own = self._next_port

        def transmit(segment: tcp.Segment) -> None:
            self.send(tcp.build(self.address, address, segment))

        connection = Connection(
            self.loop, (own, port), transmit, first=self._chance.getrandbits(32)
        )
        self._connections[address, port, own] = connection
        self.loop.call(connection.open)
        return Stream(self.loop, connection, f"{address}:{port}")

    def take(self, packet: ipv4.Packet, mac: bytes) -> None:
        """A packet for us; TCP goes to the connection that it belongs to."""
        segment = tcp.parse(packet)
        if segment is None:
            super().take(packet, mac)
            return
        key = packet.source, segment.source_port, segment.destination_port
        if connection := self._connections.get(key):
            connection.take(segment)

    def _ask_until(
        self,
        send: Callable[[], None],
        answer: Callable[[], T | None],
        timeout_s: float,
        tries: int = 1_000,
    ) -> T | None:
        """Send, again and again, until there is an answer."""
        end = time.monotonic() + timeout_s
        for left in range(tries, 0, -1):
            send()
            pause = _AGAIN_S if left > 1 else timeout_s
            found = self._wait(answer, min(pause, end - time.monotonic()))
            if found is not None or time.monotonic() >= end:
                return found
        return None

    def _wait(self, answer: Callable[[], T | None], timeout_s: float) -> T | None:
        end = time.monotonic() + timeout_s
        while (found := self.loop.call(answer)) is None and time.monotonic() < end:
            time.sleep(0.002)
        return found

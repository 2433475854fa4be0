"""Services of a namespace's network: addresses by DHCP, and names."""

import contextlib
import select
import socket

from undertow.lab.dhcp_server import DhcpServer
from undertow.lab.namespace import Namespace
from undertow.lab.packets import dhcp, dns
from undertow.lab.packets.ipv4 import ANY, BROADCAST
from undertow.lab.worker import Worker

_MAX_DATAGRAM = 65_600


class DhcpService(Worker):
    """A with block in which a DHCP server answers on an interface of a namespace.

    server: may be changed meanwhile. Answers are broadcast, which needs no raw sockets.
    """

    def __init__(self, namespace: Namespace, interface: str, server: DhcpServer) -> None:
        self.server = server
        self._socket = namespace.socket()
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, interface.encode())
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        self._socket.bind((ANY, dhcp.SERVER_PORT))
        super().__init__(f"dhcp-{interface}", self._socket)

    def _work(self) -> None:
        while not self._ended.is_set():
            if not select.select([self._socket], [], [], 0.1)[0]:
                continue
            message = dhcp.parse(self._socket.recv(_MAX_DATAGRAM))
            answer = message and self.server.answer(message)
            if answer:
                with contextlib.suppress(OSError):  # the cable is out just now
                    self._socket.sendto(dhcp.build(answer), (BROADCAST, dhcp.CLIENT_PORT))


class NameServer(Worker):
    """A with block in which an address answers for names. asked: what it was asked for."""

    def __init__(self, namespace: Namespace, address: str, names: dict[str, str]) -> None:
        self.asked: list[str] = []
        self._names = names
        self._socket = namespace.socket()
        self._socket.bind((address, dns.PORT))
        super().__init__(f"names-{address}", self._socket)

    def _work(self) -> None:
        while not self._ended.is_set():
            if not select.select([self._socket], [], [], 0.1)[0]:
                continue
            payload, asker = self._socket.recvfrom(_MAX_DATAGRAM)
            query = dns.parse(payload)
            if query is None or query.is_response:
                continue
            self.asked.append(query.name)
            found = self._names.get(query.name)
            addresses = (found,) if found and query.kind == dns.A else ()
            code = 0 if found else dns.NXDOMAIN
            answer = query._replace(is_response=True, addresses=addresses, code=code)
            with contextlib.suppress(OSError):  # the asker is out of reach just now
                self._socket.sendto(dns.build(answer), asker)

"""Looking names up beside the packets, past the tunnel.

The questions carry the tunnel's mark, so that with a default route in place they still go out the
way the tunnel itself does: a peer whose address has changed can be found again.
"""

import socket

import _datapath
from box import dns

from linux.errors import words
from wg.compat import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from linux.control import HostControl
    from linux.sockets import Sockets


RESOLV_CONF = "/etc/resolv.conf"
PORT = 53
TIMEOUT_MS = 3000
ROUNDS = 2
MESSAGE_LEN_MAX = 4096
# Names that are looked up at the same time; each holds a socket, of which the loop watches few.
SEARCHES_MAX = 8

SOL_SOCKET = 1
SO_MARK = 36


class Resolver:
    def __init__(self, control: "HostControl", sockets: "Sockets") -> None:
        """sockets: whose mark is used. The servers are those of now, before ours are set."""
        self.control = control
        self.sockets = sockets
        self.servers = servers_of(RESOLV_CONF)
        self.waiting: "list[_Search]" = []
        self.running = 0
        self.starting = False

    def ask(self, name: str, found: "Callable[[bytes | None], object]") -> None:
        """Call found() once: with the first address of the name, or None when there is none."""
        tries = []
        for _ in range(ROUNDS):
            for server in self.servers:
                for kind in (dns.A, dns.AAAA):
                    tries.append((server, kind))
        self.waiting.append(_Search(self, name, tries, found))
        self._start()

    def _start(self) -> None:
        # One that ends at once, without a network, must not start the next one from inside.
        if self.starting:
            return
        self.starting = True
        while self.waiting and self.running < SEARCHES_MAX:
            self.running += 1
            self.waiting.pop(0).next()
        self.starting = False

    def ended(self) -> None:
        """For a search: it needs no socket any more."""
        self.running -= 1
        self._start()


class _Search:
    """One name: the same question to one server after the other."""

    def __init__(
        self,
        resolver: Resolver,
        name: str,
        tries: "list[tuple[str, int]]",
        found: "Callable[[bytes | None], object]",
    ) -> None:
        self.resolver = resolver
        self.name = name
        self.tries = tries
        self.found = found
        self.socket: "socket.socket | None" = None
        self.asked = b""
        self.number = 0

    def next(self) -> None:
        log = self.resolver.control.log
        while self.tries:
            server, kind = self.tries.pop(0)
            try:
                self._send(server, kind)
                return
            except OSError as error:
                self._end()
                log("debug", "name server %s: %s" % (server, words(error)))
        log("debug", "cannot find %s: no name server knows an address" % self.name)
        self.resolver.ended()
        self.found(None)

    def _send(self, server: str, kind: int) -> None:
        address = socket.getaddrinfo(server, PORT)[0]
        random = bytearray(2)
        _datapath.fill_random(random)
        self.asked = dns.question(self.name, kind, int.from_bytes(random, "big"))
        self.socket = socket.socket(address[0], socket.SOCK_DGRAM)
        self.socket.setblocking(False)
        if self.resolver.sockets.fwmark:
            self.socket.setsockopt(SOL_SOCKET, SO_MARK, self.resolver.sockets.fwmark)
        self.socket.connect(address[-1])
        self.socket.send(self.asked)
        self.number += 1
        number = self.number
        self.resolver.control.watch(self.socket.fileno(), self._receive)
        self.resolver.control.after(TIMEOUT_MS, lambda: self._give_up(number))

    def _receive(self) -> None:
        if self.socket is None:
            return
        try:
            message = self.socket.recv(MESSAGE_LEN_MAX)
        except OSError as error:
            if error.errno == 11:
                return
            self._end()
            self.next()
            return
        addresses = dns.answer(message, self.asked)
        if addresses is None:
            return
        self._end()
        if addresses:
            self.resolver.ended()
            self.found(addresses[0])
        else:
            self.next()

    def _give_up(self, number: int) -> None:
        if self.socket is not None and number == self.number:
            self._end()
            self.next()

    def _end(self) -> None:
        if self.socket is not None:
            self.resolver.control.unwatch(self.socket.fileno())
            self.socket.close()
            self.socket = None


def servers_of(path: str) -> "list[str]":
    """The name servers in a resolv.conf; without any, the one of this machine."""
    servers = []
    try:
        with open(path) as file:
            for line in file:
                parts = line.split()
                if len(parts) > 1 and parts[0] == "nameserver":
                    servers.append(parts[1])
    except OSError:
        pass
    return servers or ["127.0.0.1"]

"""The socket of the configuration protocol: /var/run/wireguard/NAME.sock, for `wg` and others."""

import os
import socket
import sys

import _datapath
import _system
from box.files import exists, make_folder

from linux.errors import ProgramError, words
from wg.compat import TYPE_CHECKING
from wg.keytext import wipe
from wg.uapi import Session

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from linux.box import Box

    Handle = Callable[[memoryview], Iterable[bytearray]]


FOLDER = "/var/run/wireguard"
WAITING_CLIENTS = 16
CLIENTS_MAX = 32
# How long until an answer that did not fit is offered again, and how long that goes on.
RETRY_MS = 20
PATIENCE_MS = 30000
# Until the next try to let somebody in, when the system has no descriptor left.
PAUSE_MS = 1000

EAGAIN = 11


def path_of(name: str) -> str:
    return "%s/%s.sock" % (FOLDER, name)


def address_of(path: str) -> bytes:
    """A sockaddr_un in this machine's byte order."""
    return socket.AF_UNIX.to_bytes(2, sys.byteorder) + path.encode() + b"\0"


class Server:
    """Listens, and serves each client when it says something; none can hold up the others."""

    def __init__(self, name: str, box: "Box", handle: "Handle") -> None:
        """handle: takes a request, returns the answer. ProgramError: the socket cannot be made."""
        self.path = path_of(name)
        self.box = box
        self.handle = handle
        self.clients: "list[Client]" = []
        self.watch = -1
        self.closed = False
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            make_folder(FOLDER)
            self._remove_dead()
            mask = _datapath.set_umask(0o177)
            try:
                self.socket.bind(address_of(self.path))
            finally:
                _datapath.set_umask(mask)
            self.socket.listen(WAITING_CLIENTS)
            self.socket.setblocking(False)
            self.inode = os.stat(self.path)[1]
            self.watch = _system.watch_removal(self.path)
        except OSError as error:
            raise ProgramError(
                self.path, words(error), "Is the folder there, and may this user write to it?"
            )
        box.control.watch(self.socket.fileno(), self._accept)
        box.control.watch(self.watch, self._look)

    def _remove_dead(self) -> None:
        """A socket that nobody listens on is what a killed program left."""
        if not exists(self.path):
            return
        probe = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            probe.connect(address_of(self.path))
        except OSError:
            os.remove(self.path)
            return
        finally:
            probe.close()
        raise ProgramError(
            self.path, "another program answers there", "Stop it, or choose another interface name."
        )

    def _look(self) -> None:
        """Whoever removes the file wants the tunnel to end."""
        _system.drain(self.watch)
        if not self._is_ours():
            self.box.control.stop("stopped, %s was removed" % self.path)

    def _is_ours(self) -> bool:
        try:
            return os.stat(self.path)[1] == self.inode
        except OSError:
            return False

    def _accept(self) -> None:
        for _ in range(WAITING_CLIENTS):
            try:
                connection, _ = self.socket.accept()
            except OSError as error:
                if error.errno != EAGAIN:
                    self._pause(error)
                return
            self._take(connection)

    def _pause(self, error: OSError) -> None:
        """Who knocks goes on knocking: packets would move no more between two of our refusals."""
        self.box.log("warning", "%s: %s" % (self.path, words(error)))
        self.box.control.unwatch(self.socket.fileno())
        self.box.control.after(PAUSE_MS, self._resume)

    def _resume(self) -> None:
        if not self.closed:
            self.box.control.watch(self.socket.fileno(), self._accept)

    def _take(self, connection: socket.socket) -> None:
        connection.setblocking(False)
        if len(self.clients) >= CLIENTS_MAX:
            self.clients[0].close()
        self.clients.append(Client(connection, self))

    def close(self) -> None:
        """Say good-bye to all clients and remove the file."""
        self.closed = True
        for client in list(self.clients):
            client.close()
        control = self.box.control
        control.unwatch(self.socket.fileno())
        self.socket.close()
        control.unwatch(self.watch)
        _system.close(self.watch)
        if self._is_ours():
            os.remove(self.path)


class Client:
    """One connection; it is not read while an answer waits to be taken."""

    def __init__(self, connection: socket.socket, server: Server) -> None:
        self.connection = connection
        self.server = server
        self.session = Session(server.handle)
        self.piece: "bytearray | None" = None  # of the answer, partly sent
        self.sent = 0
        self.waited_ms = 0
        self.open = True
        self.reading = True
        server.box.control.watch(connection.fileno(), self._read)

    def _read(self) -> None:
        room = self.session.room()
        if len(room):
            try:
                count = self.connection.readinto(room)
            except OSError:
                self.close()
                return
            if count is None:
                return
            if count == 0:
                self.close()
                return
            self.session.received(count)
        self._write()

    def _write(self) -> None:
        """Send a part of the answer; the rest has its turn when packets have moved."""
        if not self.open:
            return
        if self.piece is None:
            self.piece = self.session.piece()
            self.sent = 0
        if self.piece is None:
            self._go_on()
            return
        try:
            count = self.connection.write(memoryview(self.piece)[self.sent :])
        except OSError:
            self.close()
            return
        if not count:
            self._wait(RETRY_MS)
            return
        self.waited_ms = 0
        self.sent += count
        if self.sent == len(self.piece):
            wipe(self.piece)
            self.piece = None
        self._wait(0)

    def _go_on(self) -> None:
        """All that was asked is answered."""
        if self.session.finished:
            self.close()
        elif not self.reading:
            self.reading = True
            self.server.box.control.watch(self.connection.fileno(), self._read)

    def _wait(self, wait_ms: int) -> None:
        control = self.server.box.control
        if self.waited_ms >= PATIENCE_MS:
            self.close()
            return
        if self.reading:
            self.reading = False
            control.unwatch(self.connection.fileno())
        self.waited_ms += wait_ms
        control.after(wait_ms, self._write)

    def close(self) -> None:
        if not self.open:
            return
        self.open = False
        self.session.close()
        if self.piece is not None:
            wipe(self.piece)
        if self.reading:
            self.server.box.control.unwatch(self.connection.fileno())
        self.connection.close()
        self.server.clients.remove(self)

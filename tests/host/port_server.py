"""A serial port that is lent out over the network (RFC 2217), with pyserial's own server."""

import socket
import threading

import serial
from serial.rfc2217 import PortManager


class _Port(serial.Serial):
    """A pseudo-terminal has no modem lines."""

    cts = dsr = ri = cd = property(lambda self: True)

    def _update_dtr_state(self) -> None:
        pass

    def _update_rts_state(self) -> None:
        pass


class _Sender:
    def __init__(self, connection: socket.socket) -> None:
        self.write = connection.sendall


def lend(name: str) -> str:
    """Lend the port of that name to one client; the URL for it. Ends when the client leaves."""
    server = socket.create_server(("127.0.0.1", 0))
    threading.Thread(target=_serve, args=(server, name), name="port server").start()
    return f"rfc2217://127.0.0.1:{server.getsockname()[1]}"


def _serve(server: socket.socket, name: str) -> None:
    with server, server.accept()[0] as connection, _Port(name, timeout=0.05) as port:
        manager = PortManager(port, _Sender(connection))
        ended = threading.Event()

        def send() -> None:
            while not ended.is_set():
                data = port.read(port.in_waiting or 1)
                if data:
                    connection.sendall(b"".join(manager.escape(data)))

        sender = threading.Thread(target=send)
        sender.start()
        while data := connection.recv(4096):
            port.write(b"".join(manager.filter(data)))
        ended.set()
        sender.join()

"""The line to a box: bytes both ways, over a serial port, a socket or a pseudo-terminal.

What can be opened: `/dev/ttyUSB0` and every other port and URL that pyserial knows (`rfc2217://`),
`socket://HOST:PORT`, and `unix:PATH`.
"""

import contextlib
import select
import socket
import time
from pathlib import Path
from typing import Protocol

import serial

from undertow.console import failure

BAUD = 115200  # a box's own; emulated lines have none
READ_LEN = 4096
WRITE_TIMEOUT_S = 2.0
CONNECT_TIMEOUT_S = 3.0
LOOK_S = 0.05


class Line(Protocol):
    """An open line."""

    def read(self, timeout_s: float) -> bytes:
        """What came, as soon as anything does; nothing after timeout_s. LineLostError: cut."""
        ...

    def write(self, data: bytes | bytearray) -> None:
        """Send everything. LineLostError: cut, or the other end takes nothing."""
        ...

    def close(self) -> None:
        """Let go of the port."""
        ...


class LineLostError(Exception):
    """The line broke: unplugged, the emulator ended, the port is gone. Says nothing of the data."""


def open_line(url: str) -> Line:
    """Open a line without touching DTR and RTS, by which a port could reset the box.

    UndertowError: there is no such port, it is busy, it may not be opened.
    """
    if url.startswith("unix:"):
        return _open_unix(url, url.removeprefix("unix:"))
    if url.startswith("socket://"):
        return _open_tcp(url)
    return _SerialLine(url)


class _SocketLine:
    def __init__(self, connection: socket.socket) -> None:
        connection.settimeout(WRITE_TIMEOUT_S)
        self._socket = connection

    def read(self, timeout_s: float) -> bytes:
        try:
            if not select.select([self._socket], [], [], timeout_s)[0]:
                return b""
            data = self._socket.recv(READ_LEN)
        except OSError:
            raise LineLostError from None
        if not data:
            raise LineLostError
        return data

    def write(self, data: bytes | bytearray) -> None:
        try:
            self._socket.sendall(data)
        except OSError:
            raise LineLostError from None

    def close(self) -> None:
        self._socket.close()


def _open_unix(url: str, path: str) -> Line:
    connection = socket.socket(socket.AF_UNIX)
    # A relative path where the folder's own is too long for a socket's address.
    try:
        connection.settimeout(CONNECT_TIMEOUT_S)
        connection.connect(path)
    except OSError as error:
        connection.close()
        raise failure.not_opened(url, error.errno, str(error)) from error
    return _SocketLine(connection)


def _open_tcp(url: str) -> Line:
    host, colon, port = url.removeprefix("socket://").rstrip("/").rpartition(":")
    if not colon or not port.isdigit() or not 0 < int(port) < 65536:
        raise failure.no_url(url, "It has no port: write socket://HOST:PORT.")
    try:
        connection = socket.create_connection((host.strip("[]"), int(port)), CONNECT_TIMEOUT_S)
    except OSError as error:
        raise failure.not_opened(url, error.errno, str(error)) from error
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return _SocketLine(connection)


class _SerialLine:
    def __init__(self, url: str) -> None:
        try:
            # One timeout for good: pyserial negotiates each change with a port over the network.
            port = serial.serial_for_url(url, baudrate=BAUD, timeout=LOOK_S, do_not_open=True)
            # Off before it is open: on most boards these two are wired to reset and boot mode.
            port.dtr = False
            port.rts = False
            if Path(url).exists():
                port.exclusive = True
                port.write_timeout = WRITE_TIMEOUT_S
            port.open()
        except serial.SerialException as error:
            raise failure.not_opened(url, error.errno, str(error)) from error
        except ValueError as error:
            raise failure.no_url(url, f"pyserial says: {error}.") from error
        self._port = port

    def read(self, timeout_s: float) -> bytes:
        end = time.monotonic() + timeout_s
        try:
            first = b""
            while not first and (self._port.in_waiting or time.monotonic() < end):
                first = bytes(self._port.read(1))
            waiting = min(self._port.in_waiting, READ_LEN) if first else 0
            return first + bytes(self._port.read(waiting)) if waiting else first
        except (OSError, TypeError):  # TypeError: closed under our feet, in pyserial 3.5
            raise LineLostError from None

    def write(self, data: bytes | bytearray) -> None:
        try:
            self._port.write(data)
        except OSError:
            raise LineLostError from None

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._port.close()

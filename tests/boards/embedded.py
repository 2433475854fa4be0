"""A console by pytest-embedded: its serial service reads and writes, our protocol runs over it."""

import contextlib
import fcntl
import re
import struct
import termios

import pexpect
from pytest_embedded import Dut
from pytest_embedded.dut_factory import DutFactory
from serial.urlhandler import protocol_socket

from undertow.console.line import LineLostError

_ANYTHING = re.compile(rb"(?s).+")


class SocketPort(protocol_socket.Serial):
    """pyserial's port for socket://, which tells how many bytes wait.

    pyserial's own says one at the most, and the serial service reads so many twenty times a second.
    """

    @property
    def in_waiting(self) -> int:
        """Bytes that have come."""
        answer = fcntl.ioctl(self._socket, termios.FIONREAD, bytes(4))
        return max(struct.unpack("i", answer)[0], super().in_waiting)


def open_dut(url: str) -> Dut:
    """The device at a console's URL (socket://); it is closed at the end of the test."""
    return DutFactory.create(embedded_services="serial", port=SocketPort(url))


class DutLine:
    """A line to a box (undertow.console.line.Line) through a device under test."""

    def __init__(self, dut: Dut) -> None:
        self._dut = dut

    def read(self, timeout_s: float) -> bytes:
        """What came, as soon as anything does; nothing after timeout_s."""
        with contextlib.suppress(pexpect.TIMEOUT):
            return bytes(self._dut.expect(_ANYTHING, timeout=timeout_s)[0])
        return b""

    def write(self, data: bytes | bytearray) -> None:
        """Send everything."""
        try:
            self._dut.serial.proc.write(bytes(data))
        except OSError:
            raise LineLostError from None

    def close(self) -> None:
        """Let go of the port: the service would look for a board that is off, for seconds."""
        self._dut.serial.close()

"""A console by pytest-embedded: its serial service reads and writes, our protocol runs over it."""

import contextlib
import re

import pexpect
from pytest_embedded import Dut
from pytest_embedded.dut_factory import DutFactory

from undertow.console.line import LineLostError

_ANYTHING = re.compile(rb"(?s).+")


def open_dut(url: str) -> Dut:
    """The device at a console's URL; it is closed at the end of the test."""
    return DutFactory.create(embedded_services="serial", port=url)


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
        """Closed by DutFactory."""

"""What of MicroPython's machine our ESP32 boards use, as version 1.25 has it (ports/esp32/machine_*.c)."""

from typing import Any, Optional

from _typeshed import ReadableBuffer

class Pin:
    IN: int
    OUT: int
    PULL_UP: int
    PULL_DOWN: int

    def __init__(
        self, pin: object, mode: int = -1, pull: Optional[int] = -1, *, value: int = ...
    ) -> None: ...
    def value(self, value: int = ...) -> int: ...

class SPI:
    def __init__(self, number: object, **arguments: Any) -> None: ...

def bitstream(
    pin: Pin, encoding: int, timing: "tuple[int, int, int, int]", data: ReadableBuffer, /
) -> None:
    """Send bits as pulses (encoding 0): nanoseconds high and low of a 0, and of a 1. It waits for the end: 30 us for a light."""

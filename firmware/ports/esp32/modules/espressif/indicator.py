"""The light: how the box does, from across the room.

| it is | and looks like |
| --- | --- |
| closed | a short blink every three seconds |
| connecting | on and off, twice in a second and a half; blue |
| up | on; green |
| up, and nobody has compared the keys | on, with a gap every second; yellow |
| in trouble | blinking fast; red |
| open for one to sign in | two blinks a second, mostly on; white |
"""

import machine
from box.port import CLOSED, CONNECTING, SIGNING_IN, TROUBLE, UNVERIFIED, UP

from wg.compat import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from box.control import Control

    Description = dict[str, object]

WS2812 = "ws2812"
# Nanoseconds high and low of a 0, and of a 1 (WS2812B).
_TIMING = (400, 850, 800, 450)

# For each condition: milliseconds on, milliseconds off, and green, red, blue of a coloured light.
PATTERNS = {
    CLOSED: (80, 2920, (4, 4, 4)),
    CONNECTING: (375, 375, (0, 0, 12)),
    UP: (3000, 0, (8, 0, 0)),
    UNVERIFIED: (800, 200, (8, 10, 0)),
    TROUBLE: (120, 120, (0, 16, 0)),
    SIGNING_IN: (400, 100, (12, 12, 12)),
}


class Indicator:
    def __init__(self, led: "Description") -> None:
        """led: `LED` of the board's description."""
        self._pin = machine.Pin(led["pin"], machine.Pin.OUT)
        self._is_coloured = led["kind"] == WS2812
        self._is_active_low = bool(led["is_active_low"])
        self._control: "Control | None" = None
        self._condition: "Callable[[], int] | None" = None
        self._off()

    def begin(self, control: "Control", condition: "Callable[[], int]") -> None:
        """condition: as box.port has it; asked for at each beginning of a pattern."""
        self._control = control
        self._condition = condition
        self._turn_on()

    def _turn_on(self) -> None:
        control, condition = self._control, self._condition
        if control is None or condition is None:
            return
        on_ms, off_ms, colour = PATTERNS[condition()]
        self._shine(True, colour)
        if not off_ms:
            control.after(on_ms, self._turn_on)
        else:
            control.after(on_ms, lambda: self._turn_off(off_ms))

    def _turn_off(self, off_ms: int) -> None:
        self._off()
        if self._control is not None:
            self._control.after(off_ms, self._turn_on)

    def _off(self) -> None:
        self._shine(False, (0, 0, 0))

    def _shine(self, is_on: bool, colour: "tuple[int, int, int]") -> None:
        if self._is_coloured:
            machine.bitstream(self._pin, 0, _TIMING, bytes(colour))
        else:
            self._pin.value(int(is_on != self._is_active_low))

"""The button: who has pressed it stands at the box; who holds it wants to sign in."""

import machine

from wg.compat import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from box.control import Control

    Description = dict[str, object]

# Two looks in a row have to agree: contacts bounce for less than that.
LOOK_EVERY_MS = 40
PRESSED_MS = 30_000
# Held for so long it means something else than pressed.
HELD_MS = 2_000


class Button:
    def __init__(self, description: "Description") -> None:
        """description: `BUTTON` of the board's description."""
        pull = machine.Pin.PULL_UP if description["is_active_low"] else machine.Pin.PULL_DOWN
        self._pin = machine.Pin(
            description["pin"], machine.Pin.IN, pull if description["needs_pull"] else None
        )
        self._is_active_low = bool(description["is_active_low"])
        self._control: "Control | None" = None
        self._looks = (True, True)  # held at the start, as for flashing, is not pressed
        self._is_down = True
        self._pressed_ms: "int | None" = None
        self._held_since_ms: "int | None" = None
        self.on_hold: "Callable[[], object] | None" = None

    def begin(self, control: "Control") -> None:
        self._control = control
        self._look()

    def was_pressed(self) -> bool:
        """Within the last half a minute."""
        control = self._control
        if control is None or self._pressed_ms is None:
            return False
        return control.now_ms() - self._pressed_ms < PRESSED_MS

    def _is_held(self, now_ms: int) -> bool:
        return self._held_since_ms is not None and now_ms - self._held_since_ms >= HELD_MS

    def _look(self) -> None:
        control = self._control
        if control is None:
            return
        self._looks = (self._looks[1], bool(self._pin.value()) != self._is_active_low)
        if self._looks[0] == self._looks[1] != self._is_down:
            self._is_down = self._looks[1]
            if self._is_down:
                self._pressed_ms = self._held_since_ms = control.now_ms()
        if not self._is_down:
            self._held_since_ms = None
        elif self._is_held(control.now_ms()):
            self._held_since_ms = self._pressed_ms = None  # once, and it was no press
            if self.on_hold is not None:
                self.on_hold()
        control.after(LOOK_EVERY_MS, self._look)

"""All that a board with an ESP32 brings to the device program."""

import _board
import board_description
import esp32
from box.port import Port as PlainPort

from espressif import nvs_slots
from espressif.button import Button
from espressif.indicator import Indicator
from espressif.links import Links
from wg.compat import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from box.control import Control
    from box.port import Log


class Port(PlainPort):
    def __init__(self, log: "Log") -> None:
        super().__init__(log)
        self.links = Links(board_description.ETHERNET, True, log)
        self.slots = nvs_slots.NvsSlots()
        self._log = log
        self._indicator = Indicator(board_description.LED)
        self._button: "Button | None" = None
        # One that has to be added may not be there, and whoever waits for it would wait for ever.
        if board_description.BUTTON["is_on_board"]:
            self._button = Button(board_description.BUTTON)
            self.is_asked_for = self._button.was_pressed

    def begin(self, control: "Control", condition: "Callable[[], int]") -> None:
        self._indicator.begin(control, condition)
        if self._button is not None:
            self._button.on_hold = self.on_hold
            self._button.begin(control)

    def has_run_well(self) -> None:
        """A program that was just brought in by an update stays from here on."""
        try:
            esp32.Partition.mark_app_valid_cancel_rollback()
        except OSError as error:
            self._log("warning", "this firmware cannot be declared good (%s)" % error)

    def erase(self) -> None:
        nvs_slots.erase_partition(_board.feed)

"""The Ethernet socket (network.LAN), as the board's description has it.

network.LAN of MicroPython 1.25 takes events of Wi-Fi for its own, which have the same numbers: a
client that gets an address on our own network makes isconnected() and status() say that there is a
cable, or none. Neither is asked here. There can be one LAN only, and what its first call was given.
"""

import _board
import machine
import network

from wg.compat import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    Log = Callable[[str, str], object]
    # As in the board's description (modules/espressif/README.md).
    Ethernet = dict[str, object]

NAME = "eth"

ERRORS = (OSError, RuntimeError, ValueError)

_LINES = {
    "mdc": "mdc",
    "mdio": "mdio",
    "power": "power",
    "reset": "reset",
    "clock": "ref_clk",
    "cs": "cs",
    "interrupt": "int",
}


class Cable:
    """is_there: the board has a socket, and it works. why: what is wrong with it."""

    def __init__(self, ethernet: "Ethernet | None", log: "Log") -> None:
        self.is_there = ethernet is not None
        self.why: "str | None" = None
        self._ethernet = ethernet
        self._log = log
        self._lan: "network.LAN | None" = None

    def start(self) -> None:
        """Once, before anything else of the network."""
        if self._ethernet is None:
            return
        try:
            self._lan = network.LAN(**_arguments(self._ethernet))
            self._lan.active(True)
        except ERRORS as error:
            self.is_there = False
            self.why = "its Ethernet does not start (%s)" % error
            self._log("error", "Ethernet: " + self.why)

    def has_link(self) -> bool:
        return self.is_there and _board.link(NAME)


def _arguments(ethernet: "Ethernet") -> "dict[str, object]":
    """What network.LAN is to be called with."""
    out: "dict[str, object]" = {
        "phy_type": getattr(network, "PHY_%s" % ethernet["phy"]),
        "phy_addr": ethernet["phy_address"],
    }
    for line, keyword in _LINES.items():
        if line in ethernet:
            out[keyword] = machine.Pin(ethernet[line])
    if "clock_direction" in ethernet:
        is_out = ethernet["clock_direction"] == "out"
        out["ref_clk_mode"] = machine.Pin.OUT if is_out else machine.Pin.IN
    if "spi_host" in ethernet:
        out["spi"] = machine.SPI(
            ethernet["spi_host"],
            sck=machine.Pin(ethernet["sclk"]),
            mosi=machine.Pin(ethernet["mosi"]),
            miso=machine.Pin(ethernet["miso"]),
        )
    return out

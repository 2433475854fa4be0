"""A chip in download mode: the ROM loader of ESP32 chips, and the stub that esptool runs on it.

Written from the description of the serial protocol (Espressif, "Serial Protocol", and the chips'
technical reference manuals for addresses), so that the real esptool can be tried without a chip.
`RomLoader` is the chip itself, without input or output; the fronts put it on a pseudo-terminal or
a socket.
"""

from tests.support.romloader.chips import CHIPS, Chip
from tests.support.romloader.faults import Faults, UnpluggedError
from tests.support.romloader.fronts import PtyFront, SocketFront
from tests.support.romloader.loader import RomLoader
from tests.support.romloader.memory import Flash

__all__ = [
    "CHIPS",
    "Chip",
    "Faults",
    "Flash",
    "PtyFront",
    "RomLoader",
    "SocketFront",
    "UnpluggedError",
]

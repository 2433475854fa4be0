"""What MicroPython runs first: the device program. In a release nothing comes after it."""

import _board

_board.live()

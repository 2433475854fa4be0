"""MicroPython's ESP32 modules in memory: as documented, and with the faults that 1.25 has.

They are written after ports/esp32/network_wlan.c, network_lan.c, network_common.c, esp32_nvs.c and
esp32_partition.c of MicroPython 1.25, which are named where a fault is. Time is turned by hand.
"""

import sys


class Modules:
    """Stands in sys.modules for a module: has what the ether of now has under its name."""

    ether = None

    def __init__(self, name):
        self._name = name

    def __getattr__(self, name):
        return getattr(getattr(Modules.ether, "module_" + self._name), name)


_NAMES = ("network", "machine", "esp32", "_thread", "_board")


def load(name):
    """Import a module that finds the ether of now in place of the ESP32's modules.

    Nothing else does, afterwards: other tests, and CPython itself, have modules of these names.
    """
    before = {each: sys.modules.get(each) for each in _NAMES}
    for each in _NAMES:
        sys.modules[each] = Modules(each.strip("_"))
    try:
        return __import__(name, None, None, ("",))
    finally:
        for each, found in before.items():
            if found is None:
                del sys.modules[each]
            else:
                sys.modules[each] = found

"""A board's links in the ether, run by the real control loop."""

from box.box_settings import BoxSettings, Network
from box.control import Control
from tests.support.esp32 import load
from tests.support.esp32.ether import Device, Ether
from tests.support.esp32.pins import Machine

# The constants of its modules are looked at when they are imported.
Ether()
Links = load("espressif.links").Links

RMII = {
    "phy": "LAN8720",
    "phy_address": 0,
    "clock_direction": "out",
    "mdc": 23,
    "mdio": 18,
    "clock": 17,
    "power": 12,
}


class Rig:
    """A board with a socket, unless has_cable is false, and with Wi-Fi."""

    def __init__(self, has_cable=True):
        self.ether = Ether()
        self.ether.module_machine = Machine()
        self.lines = []
        self.control = Control(Device(), self.ether, lambda: self.ether.now_ms, self.log)
        self.links = Links(RMII if has_cable else None, True, self.log)

    def log(self, level, text):
        self.lines.append((level, text))

    def start(self, **settings):
        self.links.start(self.control)
        self.apply(**settings)

    def apply(self, **settings):
        carries = settings.pop("carries", True)
        self.links.apply(made(**settings), carries)

    def run(self, ms):
        self.ether.run(self.control, ms)

    def run_until(self, is_true, limit_ms=120_000):
        """How long it took, to a tenth of a second."""
        began_ms = self.ether.now_ms
        while not is_true():
            if self.ether.now_ms - began_ms >= limit_ms:
                raise AssertionError("not within %d ms; sides %s" % (limit_ms, self.links.sides))
            self.run(100)
        return self.ether.now_ms - began_ms

    @property
    def uplink(self):
        return self.ether.sides.uplink

    @property
    def lan(self):
        return self.ether.sides.lan


def made(networks=(), medium="auto", own=None, ssid=None):
    """BoxSettings. networks: (SSID, password or None) each. own: the password of our own Wi-Fi."""
    settings = BoxSettings()
    settings.uplink_medium = medium
    settings.networks = [
        Network(name, None if key is None else bytearray(key)) for name, key in networks
    ]
    settings.lan_ssid = ssid
    settings.lan_password = None if own is None else bytearray(own)
    return settings

"""What is around a board: time, the air, a cable, clients; and what must never happen."""

from tests.support.esp32 import Modules
from tests.support.esp32.lan import LanModule
from tests.support.esp32.sides import SidesModule
from tests.support.esp32.threads import ThreadModule
from tests.support.esp32.wlan import Class, WlanModule


class HangError(Exception):
    """The control loop would never come back."""


class SpinError(BaseException):
    """A thread would never come back: nobody hears of it again, not even what it runs."""


class Network:
    """An access point. refusal: the reason for which it lets nobody in; None: it does."""

    def __init__(self, ssid, password=None, channel=6, signal=-50, bssid=None, security=None):
        self.ssid = ssid
        self.password = password
        self.channel = channel
        self.signal = signal
        self.bssid = bssid or bytes([2, 0, 0, channel, len(ssid), -signal])
        self.security = security if security is not None else (0 if password is None else 3)
        self.refusal = None
        self.reason_of_wrong_password = 15
        self.is_hidden = False
        self.gives_addresses = True


class NetworkModule:
    """The module network: constants of MicroPython 1.25, WLAN and LAN."""

    STAT_IDLE = 1000
    STAT_CONNECTING = 1001
    STAT_GOT_IP = 1010
    STAT_NO_AP_FOUND = 201
    STAT_WRONG_PASSWORD = 202
    STAT_BEACON_TIMEOUT = 200
    STAT_HANDSHAKE_TIMEOUT = 204
    STAT_CONNECT_FAIL = 203
    STAT_NO_AP_FOUND_W_COMPATIBLE_SECURITY = 210
    STAT_NO_AP_FOUND_IN_AUTHMODE_THRESHOLD = 211
    STAT_NO_AP_FOUND_IN_RSSI_THRESHOLD = 212
    PHY_LAN8720 = 1
    PHY_W5500 = 102

    def __init__(self, wlan, lan):
        self.WLAN = Class(wlan)
        self.LAN = lan.LAN
        self.name = "mpy-esp32"

    def hostname(self, name):
        self.name = name


class Ether:
    """now_ms; networks: those in the air. blocked_ms: how long the control loop was held up."""

    def __init__(self):
        self.now_ms = 1
        self.limit_ms = 1
        self.networks = []
        self.blocked_ms = 0
        self.longest_block_ms = 0
        self.thread = None  # the thread that runs, with its own time
        self.thread_ends_ms = 0  # until when the last one runs beside the control loop
        self.has_memory = True
        self.calls = 0  # of the drivers
        self.fail_at = None  # the number of the call that raises, if any does
        self.failure = OSError("Wifi Internal State Error")
        self.violations = []
        self._events = []
        self._number = 0
        self.radio = WlanModule(self)
        self.cable = LanModule(self)
        self.module_network = NetworkModule(self.radio, self.cable)
        self.module_thread = ThreadModule(self)
        self.module_board = self.sides = SidesModule(self)
        self.module_machine = None
        self.module_esp32 = None
        Modules.ether = self

    # --- time ---

    def at(self, wait_ms, action):
        self._number += 1
        self._events.append((self.now_ms + wait_ms, self._number, action))
        self._events.sort(key=lambda event: event[:2])

    def advance(self, ms):
        end_ms = self.now_ms + ms
        while self._events and self._events[0][0] <= end_ms:
            at_ms, _, action = self._events.pop(0)
            self.now_ms = max(self.now_ms, at_ms)
            action()
            self.sides.check()
        self.now_ms = max(self.now_ms, end_ms)

    def block(self, ms):
        """Whoever calls waits: a thread beside the others, or the control loop with everything."""
        if self.thread is not None:
            self.thread.offset_ms += ms
            return
        self.blocked_ms += ms
        self.longest_block_ms = max(self.longest_block_ms, ms)
        self.advance(ms)

    def spin(self):
        """Wait for an event that never comes."""
        if self.thread is not None:
            raise SpinError
        raise HangError

    def ask_driver(self):
        """A driver is called; it may refuse that, once."""
        self.calls += 1
        if self.calls == self.fail_at:
            raise self.failure

    # --- what the world does ---

    def find(self, ssid):
        return [one for one in self.networks if one.ssid == ssid]

    def add(self, *arguments, **more):
        network = Network(*arguments, **more)
        self.networks.append(network)
        return network

    def remove(self, network):
        self.networks.remove(network)
        self.radio.look()

    # --- the path of box.control: it has no packets, and a clock ---

    WAKE_HANDSHAKE = 1

    def poll(self, timeout_ms):
        end_ms = self.limit_ms if timeout_ms < 0 else min(self.now_ms + timeout_ms, self.limit_ms)
        self.advance(max(end_ms - self.now_ms, 0))
        return 0

    def next_handshake(self, message):
        return None

    def run(self, control, ms):
        """Let the control loop run for so long."""
        self.limit_ms = self.now_ms + ms
        while self.now_ms < self.limit_ms:
            control.step()


class Device:
    """What box.control wants of a tunnel's device: nothing ever has to be done."""

    def poll(self, now_ms):
        return None

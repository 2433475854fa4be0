"""The box's own Wi-Fi (network.WLAN.IF_AP), which is never open: without a password there is none.

MicroPython can give an access point its settings only once it is on. Until then it is a hidden one
with a password that nobody knows (_board.close_access_point(), before the radio is first started);
without that it would be open. Nobody is served before `is_on`, which is after its settings, either:
everything on an interface that is no side of the router is dropped.
"""

import network

from wg.compat import TYPE_CHECKING
from wg.keytext import wipe

if TYPE_CHECKING:
    from collections.abc import Callable

    from espressif.worker import Worker

    Log = Callable[[str, str], object]

NAME = "ap"

CLIENTS_MAX = 10  # what the chips with the smallest tables can have
# Between two tries to switch it on or off, after it could not be.
AGAIN_MS = 10_000
ERRORS = (OSError, RuntimeError)


class AccessPoint:
    """is_on: it is up, and protected. why: what keeps it from that, half a sentence."""

    def __init__(self, worker: "Worker", log: "Log") -> None:
        self.is_on = False
        self.why: "str | None" = None
        self.ssid = b""
        self._password: "bytearray | None" = None
        self._worker = worker
        self._log = log
        self._is_clean = True  # the radio is as it is wanted: off, or on with these settings
        self._retry_ms = 0

    @property
    def is_wanted(self) -> bool:
        return self._password is not None

    def set(self, ssid: bytes, password: "bytearray | None") -> bool:
        """Have this network from the next step() on, or none; False: it is as it was.

        The password is copied. From here on nobody may be served until `is_on`.
        """
        if ssid == self.ssid and password == self._password:
            return False
        if self._password is not None:
            wipe(self._password)
        self.ssid = ssid
        self._password = None if password is None else bytearray(password)
        self.is_on = False
        self._is_clean = False
        self._retry_ms = 0
        return True

    def step(self, now_ms: int, channel: int) -> None:
        """Go on with what set() asked for. channel: where to begin; a joined network decides."""
        if self._is_clean or now_ms < self._retry_ms:
            return
        if self._password is None:
            self._worker.start(_switch_off, lambda _, error: self._is_off(error, now_ms))
            return
        # Copies of their own: settings may change while the radio starts.
        ssid, key = self.ssid, bytes(self._password)
        asked = (ssid, bytearray(self._password))
        self._worker.start(
            lambda: _switch_on(ssid, key, channel),
            lambda _, error: self._has_started(asked, error, now_ms),
        )

    def clients(self) -> int:
        """How many are associated."""
        if not self.is_on:
            return 0
        try:
            return len(network.WLAN(network.WLAN.IF_AP).status("stations"))
        except ERRORS:
            return 0

    def _has_started(
        self, asked: "tuple[bytes, bytearray]", error: "Exception | None", now_ms: int
    ) -> None:
        is_as_wanted = asked == (self.ssid, self._password)
        wipe(asked[1])
        if not is_as_wanted:
            return  # once more, as it is wanted now
        if error is not None:
            self.why = "the radio cannot have a network of its own (%s)" % error
            self._retry_ms = now_ms + AGAIN_MS
            self._log("error", "Wi-Fi: " + self.why)
            return
        self.why = None
        self.is_on = self._is_clean = True
        self._log("info", "Wi-Fi: the own network is up")

    def _is_off(self, error: "Exception | None", now_ms: int) -> None:
        if error is not None:
            self._retry_ms = now_ms + AGAIN_MS
            self._log("warning", "Wi-Fi: the own network cannot be switched off (%s)" % error)
        elif self._password is None:
            self._is_clean = True
            self.why = None


def _switch_on(ssid: bytes, key: bytes, channel: int) -> None:
    """Blocks. Anything but a network with a password is switched off again."""
    wlan = network.WLAN(network.WLAN.IF_AP)
    wlan.active(False)
    wlan.active(True)
    try:
        try:
            _configure(wlan, ssid, key, channel, network.WLAN.SEC_WPA2_WPA3)
        except ERRORS:
            # Not every build of the driver has WPA3 for its own network.
            _configure(wlan, ssid, key, channel, network.WLAN.SEC_WPA2)
    except Exception:
        wlan.active(False)
        raise


def _configure(wlan: "network.WLAN", ssid: bytes, key: bytes, channel: int, security: int) -> None:
    wlan.config(ssid=ssid, key=key, security=security, channel=channel, max_clients=CLIENTS_MAX)


def _switch_off() -> None:
    network.WLAN(network.WLAN.IF_AP).active(False)

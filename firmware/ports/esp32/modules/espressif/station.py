"""The radio's side that joins networks (network.WLAN.IF_STA): one attempt at a time.

What MicroPython 1.25 does here that has to be known:
- A station that loses its network tries again for ever, listens all the time for that, and so
  starves the clients of our own network; and scan() then finds nothing. `reconnects=0` ends that.
- status() tells the last reason for ever, also during the next attempt, and calls every failed
  connection a wrong password. So a reason counts once it has changed, or the attempt has ended.
- isconnected() asks for an address. Whether there is a link is asked of the interface itself.
- What it cannot name it raises as a RuntimeError, such as that there is no memory left.
"""

import _board
import network

from wg.compat import TYPE_CHECKING

if TYPE_CHECKING:
    from espressif.air import Target

NAME = "sta"
NO_ADDRESS = "0.0.0.0"  # noqa: S104 -- nothing is bound

# An attempt that came to nothing by then is ended. The driver listens on all channels first.
ATTEMPT_MAX_MS = 12_000
# Thin USB supplies brown out at full power, which reaches no further indoors.
POWER_DBM = 15
# What the driver raises.
ERRORS = (OSError, RuntimeError)

JOINED = 0
JOINING = 1
FAILED = 2

# Reasons, as status() tells them (ESP-IDF's wifi_err_reason_t): those that are not its constants.
_BUSY = 5
_HANDSHAKE_TIMEOUT = 15
_LOST = 200
_HANDSHAKE_TIMEOUT_TOO = 204

_REFUSED = "it refuses the password"
_WORDS = {
    network.STAT_NO_AP_FOUND: "it is not found",
    network.STAT_NO_AP_FOUND_IN_RSSI_THRESHOLD: "its signal is too weak",
    network.STAT_NO_AP_FOUND_IN_AUTHMODE_THRESHOLD: "it is not protected as it should be",
    network.STAT_NO_AP_FOUND_W_COMPATIBLE_SECURITY: "it is not protected as it should be",
    network.STAT_WRONG_PASSWORD: _REFUSED,
    _HANDSHAKE_TIMEOUT: _REFUSED,
    _HANDSHAKE_TIMEOUT_TOO: _REFUSED,
    _BUSY: "it has no room for more clients",
    _LOST: "its signal was lost",
}
_NO_ANSWER = "it does not answer"
_NO_REASON = (network.STAT_IDLE, network.STAT_CONNECTING, network.STAT_GOT_IP)


class Station:
    """why: of the attempt that failed last, half a sentence."""

    def __init__(self) -> None:
        self.why = ""
        self._wlan: "network.WLAN | None" = None
        self._since_ms = 0
        self._reason_before = 0
        self._is_refused = False  # the driver would not even begin
        self._was_started = False

    def start(self) -> None:
        """Switch the radio on. It blocks: for the worker. OSError, RuntimeError: it cannot be.

        It stays on, joined or not: the chip's generator of random numbers lives on its noise.
        """
        wlan = network.WLAN(network.WLAN.IF_STA)
        if not self._was_started:
            # Once: it switches modes. Where it fails, access_point.py serves nobody too early.
            _board.close_access_point()
        self._was_started = True
        wlan.active(True)
        wlan.config(reconnects=0)
        wlan.config(pm=network.WLAN.PM_NONE)  # saving power delays every answer to the next beacon
        wlan.config(txpower=POWER_DBM)
        self._wlan = wlan

    @property
    def is_on(self) -> bool:
        return self._wlan is not None

    def listen(self) -> "list[tuple[bytes, bytes, int, int, int, bool]]":
        """All that is heard; it blocks for seconds: for the worker, and never while joining."""
        return [] if self._wlan is None else self._wlan.scan()

    def has_link(self) -> bool:
        return _board.link(NAME)

    def has_address(self) -> bool:
        return self._wlan is not None and self._wlan.ipconfig("addr4")[0] != NO_ADDRESS

    def channel(self) -> "int | None":
        """On which it is; None: on none of its own."""
        if self._wlan is None or not self.has_link():
            return None
        try:
            return int(self._wlan.config("channel"))
        except ERRORS:
            return None

    def signal(self) -> "int | None":
        """In dBm; None: there is no link."""
        if self._wlan is None:
            return None
        try:
            return int(self._wlan.status("rssi"))
        except ERRORS:
            return None

    def join(self, target: "Target", now_ms: int) -> None:
        """Begin an attempt; outcome() tells how it goes."""
        wlan = self._wlan
        if wlan is None:
            return
        self._since_ms = now_ms
        self._is_refused = False
        self._reason_before = wlan.status()
        wanted = target.network
        # The one copy of a password that cannot be wiped: connect() takes no bytearray.
        key = None if wanted.password is None else bytes(wanted.password)
        try:
            wlan.connect(wanted.ssid, key, bssid=target.bssid)
        except ERRORS as error:
            self.why = "the radio cannot join it (%s)" % error
            self._is_refused = True

    def outcome(self, now_ms: int) -> int:
        """JOINED, JOINING or FAILED, and `why` then."""
        if self._is_refused or self._wlan is None:
            return FAILED
        if self.has_link():
            return JOINED
        reason = self._wlan.status()
        has_ended = now_ms - self._since_ms >= ATTEMPT_MAX_MS
        if reason in _NO_REASON or (reason == self._reason_before and not has_ended):
            if not has_ended:
                return JOINING
            reason = 0
        self.why = words(reason)
        return FAILED

    def words_of_loss(self) -> str:
        """Why a link that there was is gone."""
        return words(0 if self._wlan is None else self._wlan.status())

    def leave(self) -> None:
        """End the link or the attempt."""
        if self._wlan is None:
            return
        try:
            self._wlan.disconnect()
        except ERRORS:
            pass  # there was nothing to end


def words(reason: int) -> str:
    """Half a sentence on a network, from a reason; 0: none was given."""
    if reason == 0 or reason in _NO_REASON:
        return _NO_ANSWER
    return _WORDS.get(reason) or "it refuses us (reason %d)" % reason

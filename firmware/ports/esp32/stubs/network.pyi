"""What of MicroPython's network our ESP32 boards use, as version 1.25 has it (ports/esp32/network_*.c).

The stubs on PyPI describe LAN without its pins. Only what is used is here: what is not, is a mistake.
"""

from typing import Any, Literal, Optional, overload

STAT_IDLE: int
STAT_CONNECTING: int
STAT_GOT_IP: int
STAT_NO_AP_FOUND: int
STAT_WRONG_PASSWORD: int
STAT_NO_AP_FOUND_W_COMPATIBLE_SECURITY: int
STAT_NO_AP_FOUND_IN_AUTHMODE_THRESHOLD: int
STAT_NO_AP_FOUND_IN_RSSI_THRESHOLD: int

def hostname(name: str) -> None:
    """What interfaces that are started from now on call themselves to DHCP servers; empty: nothing."""

class WLAN:
    IF_STA: int
    IF_AP: int
    SEC_WPA2: int
    SEC_WPA2_WPA3: int
    PM_NONE: int

    def __init__(self, interface: int = 0) -> None:
        """Always the same object for an interface. RuntimeError: there is no memory for the driver."""

    def active(self, is_active: bool = ...) -> bool:
        """Spins until the interface is as asked, or for ever."""

    def connect(
        self, ssid: bytes, key: Optional[bytes] = None, *, bssid: Optional[bytes] = None
    ) -> None: ...
    def disconnect(self) -> None: ...
    @overload
    def status(self) -> int: ...
    @overload
    def status(self, what: Literal["rssi"]) -> int: ...
    @overload
    def status(self, what: Literal["stations"]) -> "list[tuple[bytes]]": ...
    def scan(self) -> "list[tuple[bytes, bytes, int, int, int, bool]]":
        """(SSID, BSSID, channel, dBm, security, False). Blocks for seconds; empty also when it was refused."""

    @overload
    def config(self, what: Literal["channel"], /) -> int: ...
    @overload
    def config(self, **values: object) -> None: ...
    def ipconfig(self, what: Literal["addr4"]) -> "tuple[str, str]": ...

class LAN:
    def __init__(self, **arguments: Any) -> None: ...
    def active(self, is_active: bool = ...) -> bool: ...

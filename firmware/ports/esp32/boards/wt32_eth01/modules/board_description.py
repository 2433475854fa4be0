"""What the Wireless-Tag WT32-ETH01 (v1.4) has, and on which pins.

Made by `./invoke hardware` from hardware/boards/wt32_eth01.toml: change that.
ETHERNET is None on a board without a socket for it.
"""

NAME = "wt32_eth01"
TITLE = "Wireless-Tag WT32-ETH01 (v1.4)"
SOC = "esp32"
FLASH_SIZE = 4194304
PSRAM_SIZE = 0
VFS_SIZE = 917504
NEEDS_RADIO_FOR_ENTROPY = True
CONSOLE = "uart"
ETHERNET = {
    "phy": "LAN8720",
    "phy_address": 1,
    "clock_direction": "in",
    "mdc": 23,
    "mdio": 18,
    "clock": 0,
    "power": 16,
}
BUTTON = {
    "pin": 35,
    "is_active_low": True,
    "needs_pull": False,
    "is_on_board": False,
}
LED = {
    "kind": "plain",
    "pin": 4,
    "is_active_low": False,
}
DISPLAY = {
    "kind": "SSD1306",
    "width": 128,
    "height": 64,
    "address": 60,
    "sda": 33,
    "scl": 32,
}

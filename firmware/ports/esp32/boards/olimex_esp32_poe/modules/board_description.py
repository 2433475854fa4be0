"""What the Olimex ESP32-POE has, and on which pins.

Made by `./invoke hardware` from hardware/boards/olimex_esp32_poe.toml: change that.
ETHERNET is None on a board without a socket for it.
"""

NAME = "olimex_esp32_poe"
TITLE = "Olimex ESP32-POE"
SOC = "esp32"
FLASH_SIZE = 4194304
PSRAM_SIZE = 0
VFS_SIZE = 917504
NEEDS_RADIO_FOR_ENTROPY = True
CONSOLE = "uart"
ETHERNET = {
    "phy": "LAN8720",
    "phy_address": 0,
    "clock_direction": "out",
    "mdc": 23,
    "mdio": 18,
    "clock": 17,
    "power": 12,
}
BUTTON = {
    "pin": 34,
    "is_active_low": True,
    "needs_pull": False,
    "is_on_board": True,
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
    "sda": 13,
    "scl": 16,
}

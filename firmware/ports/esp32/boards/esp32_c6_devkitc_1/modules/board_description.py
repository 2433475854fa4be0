"""What the Espressif ESP32-C6-DevKitC-1-N8 has, and on which pins.

Made by `./invoke hardware` from hardware/boards/esp32_c6_devkitc_1.toml: change that.
ETHERNET is None on a board without a socket for it.
"""

NAME = "esp32_c6_devkitc_1"
TITLE = "Espressif ESP32-C6-DevKitC-1-N8"
SOC = "esp32c6"
FLASH_SIZE = 8388608
PSRAM_SIZE = 0
VFS_SIZE = 1966080
NEEDS_RADIO_FOR_ENTROPY = True
CONSOLE = "uart"
ETHERNET = None
BUTTON = {
    "pin": 9,
    "is_active_low": True,
    "needs_pull": True,
    "is_on_board": True,
}
LED = {
    "kind": "ws2812",
    "pin": 8,
    "is_active_low": False,
}
DISPLAY = {
    "kind": "SSD1306",
    "width": 128,
    "height": 64,
    "address": 60,
    "sda": 6,
    "scl": 7,
}

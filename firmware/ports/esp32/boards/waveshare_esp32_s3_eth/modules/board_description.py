"""What the Waveshare ESP32-S3-ETH has, and on which pins.

Made by `./invoke hardware` from hardware/boards/waveshare_esp32_s3_eth.toml: change that.
ETHERNET is None on a board without a socket for it.
"""

NAME = "waveshare_esp32_s3_eth"
TITLE = "Waveshare ESP32-S3-ETH"
SOC = "esp32s3"
FLASH_SIZE = 16777216
PSRAM_SIZE = 8388608
VFS_SIZE = 8257536
NEEDS_RADIO_FOR_ENTROPY = True
CONSOLE = "usb"
ETHERNET = {
    "phy": "W5500",
    "phy_address": 1,
    "spi_host": 1,
    "sclk": 13,
    "mosi": 11,
    "miso": 12,
    "cs": 14,
    "interrupt": 10,
    "reset": 9,
}
BUTTON = {
    "pin": 0,
    "is_active_low": True,
    "needs_pull": True,
    "is_on_board": True,
}
LED = {
    "kind": "ws2812",
    "pin": 21,
    "is_active_low": False,
}
DISPLAY = {
    "kind": "SSD1306",
    "width": 128,
    "height": 64,
    "address": 60,
    "sda": 17,
    "scl": 18,
}

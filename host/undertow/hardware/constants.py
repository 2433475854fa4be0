"""A board's pins for the firmware: a header for C, a module for Python, MicroPython's pins.csv."""

import json

from undertow.hardware import partitions
from undertow.hardware.boards import Board

_MADE = "Made by `./invoke hardware` from hardware/boards/{}.toml: change that."
# Of Ethernet.lines, by RMII or by SPI; C gets -1 for those that a board lacks.
_RMII_LINES = ("mdc", "mdio", "power", "clock")
_SPI_LINES = ("sclk", "mosi", "miso", "cs", "interrupt", "reset")


def header(board: Board) -> str:
    """board_pins.h."""
    made = _MADE.format(board.name)
    defines: list[tuple[str, str]] = []

    def number(name: str, value: int) -> None:
        defines.append((name, f"({value})" if value < 0 else str(value)))

    def flag(name: str, value: bool) -> None:
        defines.append((name, "1" if value else "0"))

    defines.append(("BOARD_NAME", json.dumps(board.name)))
    defines.append(("BOARD_TITLE", json.dumps(board.title)))
    defines.append(("BOARD_FLASH_SIZE", f"{board.flash_size:#x}"))
    defines.append(("BOARD_PSRAM_SIZE", f"{board.psram_size:#x}"))
    ethernet = board.ethernet
    flag("BOARD_HAS_ETHERNET", ethernet is not None)
    flag("BOARD_ETHERNET_IS_RMII", ethernet is not None and ethernet.is_rmii)
    flag("BOARD_ETHERNET_CLOCK_IS_OUT", ethernet is not None and ethernet.clock_direction == "out")
    number("BOARD_ETHERNET_PHY_ADDRESS", ethernet.phy_address if ethernet else -1)
    number("BOARD_ETHERNET_SPI_HOST", ethernet.spi_host if ethernet and ethernet.spi_host else -1)
    lines = ethernet.lines if ethernet else {}
    for line in _RMII_LINES + _SPI_LINES:
        number(f"BOARD_PIN_ETHERNET_{line.upper()}", lines.get(line, -1))
    number("BOARD_PIN_BUTTON", board.button.gpio)
    flag("BOARD_BUTTON_IS_ACTIVE_LOW", board.button.is_active_low)
    flag("BOARD_BUTTON_NEEDS_PULL", board.button.pull == "internal")
    number("BOARD_PIN_LED", board.led.gpio)
    flag("BOARD_LED_IS_WS2812", board.led.kind == "ws2812")
    flag("BOARD_LED_IS_ACTIVE_LOW", board.led.is_active_low)
    number("BOARD_PIN_DISPLAY_SDA", board.display.sda)
    number("BOARD_PIN_DISPLAY_SCL", board.display.scl)
    defines.append(("BOARD_DISPLAY_ADDRESS", f"{board.display.address:#x}"))
    flag("BOARD_CONSOLE_IS_USB", console_is_usb(board))
    body = "\n".join(f"#define {name} {value}" for name, value in defines)
    return f"// {made}\n#pragma once\n\n// -1: the board has no such line.\n{body}\n"


def console_is_usb(board: Board) -> bool:
    """Its console is the chip's own USB, since it has no bridge to the UART."""
    return bool(board.usb) and all(port.is_native for port in board.usb)


def module(board: Board) -> str:
    """board_description.py, frozen into the board's firmware; it runs on CPython as well."""
    ethernet: dict[str, object] | None = None
    if board.ethernet is not None:
        ethernet = {"phy": board.ethernet.phy, "phy_address": board.ethernet.phy_address}
        if board.ethernet.is_rmii:
            ethernet["clock_direction"] = board.ethernet.clock_direction
        else:
            ethernet["spi_host"] = board.ethernet.spi_host
        ethernet |= board.ethernet.lines
    button, led, display = board.button, board.led, board.display
    vfs = partitions.find(partitions.table(board), "vfs")
    values: dict[str, object] = {
        "NAME": board.name,
        "TITLE": board.title,
        "SOC": board.soc.name,
        "FLASH_SIZE": board.flash_size,
        "PSRAM_SIZE": board.psram_size,
        "VFS_SIZE": vfs.size,
        "NEEDS_RADIO_FOR_ENTROPY": board.soc.needs_radio,
        "CONSOLE": "usb" if console_is_usb(board) else "uart",
        "ETHERNET": ethernet,
        "BUTTON": {
            "pin": button.gpio,
            "is_active_low": button.is_active_low,
            "needs_pull": button.pull == "internal",
            "is_on_board": button.is_on_board,  # else its pin may lead nowhere, and say anything
        },
        "LED": {"kind": led.kind, "pin": led.gpio, "is_active_low": led.is_active_low},
        "DISPLAY": {
            "kind": display.kind,
            "width": display.width,
            "height": display.height,
            "address": display.address,
            "sda": display.sda,
            "scl": display.scl,
        },
    }
    body = "".join(f"{name} = {_python(value)}\n" for name, value in values.items())
    return (
        f'"""What the {board.title} has, and on which pins.\n\n'
        f"{_MADE.format(board.name)}\n"
        'ETHERNET is None on a board without a socket for it.\n"""\n\n' + body
    )


def _python(value: object) -> str:
    """A literal as ruff formats it."""
    if isinstance(value, dict):
        inner = "".join(f"    {json.dumps(key)}: {_python(one)},\n" for key, one in value.items())
        return "{\n" + inner + "}"
    return json.dumps(value) if isinstance(value, str) else repr(value)


def pins(board: Board) -> str:
    """pins.csv: names of machine.Pin.board in MicroPython."""
    rows = []
    if board.ethernet:
        rows += [(f"ETH_{line.upper()}", gpio) for line, gpio in board.ethernet.lines.items()]
    rows += [("BUTTON", board.button.gpio), ("LED", board.led.gpio)]
    rows += [("SDA", board.display.sda), ("SCL", board.display.scl)]
    # As GPIO numbers too, those that are free or ours; never the memory's.
    memory = set(board.soc.flash_pins) | (set(board.soc.psram_pins) if board.psram_size else set())
    rows += [(f"IO{gpio}", gpio) for gpio in board.soc.gpios if gpio not in memory]
    return "".join(f"{name},GPIO{gpio}\n" for name, gpio in rows)

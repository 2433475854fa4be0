"""From hardware/boards/NAME.toml to a Board."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from undertow.hardware import facts
from undertow.hardware.boards import (
    Board,
    Button,
    Buying,
    Display,
    Ethernet,
    Led,
    Power,
    Reserved,
    Strap,
    Uart,
    UsbPort,
)
from undertow.hardware.facts import Source, Table
from undertow.hardware.socs import Soc

_RMII_PHYS = ("LAN8720",)
_SPI_PHYS = ("W5500",)


class Evidence:
    """The sources of all tables, and what they leave open."""

    def __init__(self) -> None:
        self._sources: dict[Source, None] = {}
        self._unconfirmed: list[str] = []

    def close(self, table: Table, part: str) -> None:
        """Take the table's sources, and let nothing in it be left over."""
        self._sources.update(dict.fromkeys(table.sources()))
        if table.has("unconfirmed"):
            self._unconfirmed.append(f"{part}: {table.text('unconfirmed')}")
        table.end()

    def sources(self) -> tuple[Source, ...]:
        return tuple(self._sources)

    def unconfirmed(self) -> tuple[str, ...]:
        return tuple(self._unconfirmed)


def board(path: Path, soc: Callable[[str], Soc]) -> Board:
    """The board that a file describes."""
    file = facts.read(path)
    evidence = Evidence()
    if (name := file.text("name")) != path.stem:
        raise facts.refused(file.where, f"its name is '{name}'")
    memory = file.table("memory")
    ethernet, uart = file.optional("ethernet"), file.optional("uart")
    antenna = file.table("antenna")
    found = Board(
        name=name,
        title=file.text("title"),
        maker=file.text("maker"),
        url=file.text("url"),
        soc=soc(file.text("soc")),
        module=file.text("module"),
        open_hardware=file.flag("open_hardware"),
        flash_size=memory.number("flash_kb") * 1024,
        psram_size=memory.number("psram_kb") * 1024,
        psram_kind=memory.text("psram_kind", ""),
        ethernet=_ethernet(ethernet, evidence) if ethernet else None,
        usb=tuple(_usb(table, evidence) for table in file.tables("usb")),
        uart=_uart(uart, evidence) if uart else None,
        button=_button(file.table("button"), evidence),
        led=_led(file.table("led"), evidence),
        display=_display(file.table("display"), evidence),
        reserved=tuple(_reserved(table, evidence) for table in file.tables("reserved")),
        power=_power(file.table("power"), evidence),
        antenna=antenna.text("kind"),
        buying=_buying(file.table("buying"), evidence),
        sources=(),
        unconfirmed=(),
    )
    evidence.close(memory, "memory")
    evidence.close(antenna, "antenna")
    evidence.close(file, "board")
    found = replace(found, sources=evidence.sources(), unconfirmed=evidence.unconfirmed())
    if not found.usb and not found.uart:
        raise facts.refused(file.where, "it has neither usb nor uart: nothing could flash it")
    return found


def _strap(table: Table, evidence: Evidence) -> Strap | None:
    inner = table.optional("strap")
    if inner is None:
        return None
    strap = Strap(
        inner.number("gpio"), inner.choice("at_reset", ("high", "low")), inner.text("why")
    )
    evidence.close(inner, f"GPIO{strap.gpio} at reset")
    return strap


def _ethernet(table: Table, evidence: Evidence) -> Ethernet:
    phy = table.choice("phy", _RMII_PHYS + _SPI_PHYS)
    by_rmii = phy in _RMII_PHYS
    names = ["mdc", "mdio", "clock"] if by_rmii else ["sclk", "mosi", "miso", "cs", "interrupt"]
    names += [name for name in ("power", "reset") if table.has(name)]
    ethernet = Ethernet(
        phy,
        table.number("phy_address"),
        {name: table.number(name) for name in names},
        table.choice("clock_direction", ("in", "out")) if by_rmii else "",
        0 if by_rmii else table.number("spi_host"),
        _strap(table, evidence),
    )
    evidence.close(table, "Ethernet")
    return ethernet


def _usb(table: Table, evidence: Evidence) -> UsbPort:
    port = UsbPort(
        table.text("connector"),
        table.text("bridge"),
        table.number("vid"),
        table.number("pid"),
        table.flag("resets"),
        table.number("flash_baud"),
    )
    evidence.close(table, f"USB ({port.connector})")
    return port


def _uart(table: Table, evidence: Evidence) -> Uart:
    uart = Uart(
        table.text("where_tx"),
        table.text("where_rx"),
        table.text("where_ground"),
        table.text("where_power"),
        table.text("where_boot"),
        table.text("download"),
        table.number("flash_baud"),
    )
    evidence.close(table, "UART")
    return uart


def _button(table: Table, evidence: Evidence) -> Button:
    on_board = table.flag("is_on_board")
    pull = table.choice("pull", ("internal", "external"))
    button = Button(
        table.number("gpio"),
        table.flag("is_active_low"),
        pull,
        table.text("resistor") if pull == "external" else "",
        on_board,
        "" if on_board else table.text("where"),
        _strap(table, evidence),
    )
    evidence.close(table, "button")
    return button


def _led(table: Table, evidence: Evidence) -> Led:
    on_board = table.flag("is_on_board")
    led = Led(
        table.choice("kind", ("plain", "ws2812")),
        table.number("gpio"),
        table.flag("is_active_low"),
        table.text("resistor", ""),
        on_board,
        "" if on_board else table.text("where"),
        _strap(table, evidence),
    )
    evidence.close(table, "light")
    return led


def _display(table: Table, evidence: Evidence) -> Display:
    display = Display(
        table.choice("kind", ("SSD1306",)),
        table.number("width"),
        table.number("height"),
        table.number("address"),
        table.number("sda"),
        table.number("scl"),
        table.flag("is_on_board"),
        {line: table.text(f"where_{line}") for line in ("sda", "scl", "power", "ground")},
    )
    evidence.close(table, "display")
    return display


def _reserved(table: Table, evidence: Evidence) -> Reserved:
    reserved = Reserved(table.numbers("gpios"), table.text("for"))
    evidence.close(table, reserved.purpose)
    return reserved


def _power(table: Table, evidence: Evidence) -> Power:
    power = Power(table.texts("inputs"), table.flag("isolated"), table.number("draw_ma"))
    evidence.close(table, "power")
    return power


def _buying(table: Table, evidence: Evidence) -> Buying:
    buying = Buying(
        table.text("price"),
        table.text("part"),
        table.texts("alternatives"),
        table.text("why"),
        table.text("why_not"),
    )
    evidence.close(table, "buying")
    return buying

"""The boards: hardware/boards/NAME.toml, and each use of a pin on them."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from undertow.hardware import facts, socs
from undertow.hardware.facts import Source
from undertow.hardware.socs import Soc

FOLDER = facts.FOLDER / "boards"


@dataclass(frozen=True)
class Strap:
    """That a strapping pin is used on purpose. at_reset: its level then, "high" or "low"."""

    gpio: int
    at_reset: str
    why: str


@dataclass(frozen=True)
class Ethernet:
    """The cable's socket. phy: "LAN8720" (by RMII), "W5500" (by SPI).

    lines: the pins by name; by RMII mdc, mdio, clock, power; by SPI sclk, mosi, miso, cs,
    interrupt, reset (power, reset: where there is one). clock_direction: "in", "out", "" by SPI.
    spi_host: the number that machine.SPI has for it in MicroPython; 0 by RMII.
    """

    phy: str
    phy_address: int
    lines: dict[str, int]
    clock_direction: str
    spi_host: int
    strap: Strap | None

    @property
    def is_rmii(self) -> bool:
        return bool(self.clock_direction)


@dataclass(frozen=True)
class UsbPort:
    """A socket that a laptop sees. resets: DTR and RTS start the download by themselves."""

    connector: str
    bridge: str
    vid: int
    pid: int
    resets: bool
    flash_baud: int

    @property
    def is_native(self) -> bool:
        """It is the chip's own, and not a bridge to its UART."""
        return self.vid == 0x303A


@dataclass(frozen=True)
class Uart:
    """Where a USB-UART adapter goes on a board without USB: the names printed there."""

    where_tx: str
    where_rx: str
    where_ground: str
    where_power: str
    where_boot: str
    download: str
    flash_baud: int


@dataclass(frozen=True)
class Button:
    """pull: "internal" or "external". resistor: the external one. where: of the one to be added."""

    gpio: int
    is_active_low: bool
    pull: str
    resistor: str
    is_on_board: bool
    where: str
    strap: Strap | None


@dataclass(frozen=True)
class Led:
    """kind: "plain" or "ws2812" (one colour light, GRB)."""

    kind: str
    gpio: int
    is_active_low: bool
    resistor: str
    is_on_board: bool
    where: str
    strap: Strap | None


@dataclass(frozen=True)
class Display:
    """An OLED on I2C. where: for its lines sda, scl, power and ground."""

    kind: str
    width: int
    height: int
    address: int
    sda: int
    scl: int
    is_on_board: bool
    where: dict[str, str]


@dataclass(frozen=True)
class Reserved:
    """Pins that something else on the board has."""

    gpios: tuple[int, ...]
    purpose: str


@dataclass(frozen=True)
class Power:
    """isolated: a laptop on USB and the network's power cannot meet. draw_ma: 0 if not measured."""

    inputs: tuple[str, ...]
    isolated: bool
    draw_ma: int


@dataclass(frozen=True)
class Buying:
    """What a buyer asks. price: a class."""

    price: str
    part: str
    alternatives: tuple[str, ...]
    why: str
    why_not: str


@dataclass(frozen=True)
class Use:
    """That a pin is used. direction: "in", "out" or "both". pull: "internal", "external" or ""."""

    gpio: int
    purpose: str
    direction: str
    pull: str = ""


@dataclass(frozen=True)
class Board:
    """A board. flash_size, psram_size: bytes. unconfirmed: what its sources leave open."""

    name: str
    title: str
    maker: str
    url: str
    soc: Soc
    module: str
    open_hardware: bool
    flash_size: int
    psram_size: int
    psram_kind: str
    ethernet: Ethernet | None
    usb: tuple[UsbPort, ...]
    uart: Uart | None
    button: Button
    led: Led
    display: Display
    reserved: tuple[Reserved, ...]
    power: Power
    antenna: str
    buying: Buying
    sources: tuple[Source, ...]
    unconfirmed: tuple[str, ...]

    @property
    def has_ethernet(self) -> bool:
        return self.ethernet is not None

    @property
    def entropy(self) -> str:
        """Where its random numbers come from; keys are made only with that running."""
        return "radio" if self.soc.needs_radio else "always on"

    @property
    def straps(self) -> tuple[Strap, ...]:
        """The strapping pins that it uses on purpose."""
        holders = (self.ethernet, self.button, self.led)
        return tuple(holder.strap for holder in holders if holder and holder.strap)


def is_emulated(name: str) -> bool:
    """Whether a name is that of a board that QEMU runs; it is described in firmware/ports."""
    return name.startswith("virt_")


def names() -> tuple[str, ...]:
    """All boards that are real, the first choice first."""
    found = sorted(path.stem for path in FOLDER.glob("*.toml"))
    return tuple(sorted(found, key=lambda name: name != "olimex_esp32_poe"))


@cache
def load(name: str) -> Board:
    """A board by its name."""
    if name not in names():
        raise facts.refused(f"'{name}'", f"there is no such board, only {', '.join(names())}")
    return read(FOLDER / f"{name}.toml")


def read(path: Path) -> Board:
    """The board that a file describes; it need not keep the rules (rules.py)."""
    from undertow.hardware import reading

    return reading.board(path, socs.load)


def uses(board: Board) -> tuple[Use, ...]:
    """Every pin that is used, the memory's and the console's too."""
    soc = board.soc
    found = [Use(gpio, "flash", "both") for gpio in soc.flash_pins]
    if board.psram_size:
        found += [Use(gpio, "PSRAM", "both") for gpio in soc.psram_pins]
    found += [Use(gpio, "USB", "both") for gpio in soc.usb_pins]
    found += [Use(soc.uart0[0], "console TX", "out"), Use(soc.uart0[1], "console RX", "in")]
    found += _ethernet_uses(board)
    found.append(Use(board.button.gpio, "button", "in", board.button.pull))
    found.append(Use(board.led.gpio, "light", "out"))
    found.append(Use(board.display.sda, "display SDA", "both"))
    found.append(Use(board.display.scl, "display SCL", "both"))
    found += [Use(gpio, one.purpose, "in") for one in board.reserved for gpio in one.gpios]
    return tuple(found)


def _ethernet_uses(board: Board) -> list[Use]:
    ethernet = board.ethernet
    if ethernet is None:
        return []
    directions = {"mdio": "both", "miso": "in", "interrupt": "in"}
    directions["clock"] = ethernet.clock_direction
    found = [
        Use(gpio, f"Ethernet {line}", directions.get(line, "out"))
        for line, gpio in ethernet.lines.items()
    ]
    if ethernet.is_rmii and board.soc.rmii:
        inputs = ("crs_dv", "rxd0", "rxd1")
        found += [
            Use(gpio, f"Ethernet {line}", "in" if line in inputs else "out")
            for line, gpio in board.soc.rmii.lines.items()
        ]
    return found

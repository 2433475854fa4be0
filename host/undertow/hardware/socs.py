"""The chips: hardware/socs/NAME.toml."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from undertow.hardware import facts
from undertow.hardware.facts import Source, Table

FOLDER = facts.FOLDER / "socs"


@dataclass(frozen=True)
class Strap:
    """A pin that the chip reads when it leaves reset.

    boots: the level with which the program in flash starts: "high", "low" or "any".
    floating: the level of a pin that nothing drives; "any" where the chip has no resistor there.
    """

    gpio: int
    boots: str
    floating: str
    meaning: str


@dataclass(frozen=True)
class Rmii:
    """The fixed lines from the chip's own Ethernet MAC to a PHY, and where the clock may be."""

    lines: dict[str, int]
    clock_in: tuple[int, ...]
    clock_out: tuple[int, ...]


@dataclass(frozen=True)
class Soc:
    """A chip.

    chip_id: 16 bits at offset 12 of an image's header. bootloader_offset: in flash, bytes.
    gpios: all that exist. flash_pins, psram_pins: the memory's (the latter where there is any).
    nvs_encryption: "flash" (under flash encryption, keys in nvs_keys), "hmac" (a key in an eFuse).
    """

    name: str
    title: str
    chip_id: int
    bootloader_offset: int
    esptool: str
    web_flasher: str
    idf_target: str
    architecture: str
    cores: int
    mhz: int
    ram_kb: int
    gpios: tuple[int, ...]
    input_only: tuple[int, ...]
    flash_pins: tuple[int, ...]
    psram_pins: tuple[int, ...]
    usb_pins: tuple[int, ...]
    uart0: tuple[int, int]
    straps: dict[int, Strap]
    rmii: Rmii | None
    flash_encryption: bool
    nvs_encryption: tuple[str, ...]
    secure_boot: str
    key_blocks: int
    needs_radio: bool
    without_radio: str
    sources: tuple[Source, ...]


def names() -> tuple[str, ...]:
    """All chips that there is a file of."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.toml")))


@cache
def load(name: str) -> Soc:
    """A chip by its name."""
    return read(FOLDER / f"{name}.toml")


def read(path: Path) -> Soc:
    """The chip that a file describes."""
    file = facts.read(path)
    name = file.text("name")
    if name != path.stem:
        raise facts.refused(file.where, f"its name is '{name}'")
    title = file.text("title")
    image, cpu, pins = file.table("image"), file.table("cpu"), file.table("pins")
    security, entropy = file.table("security"), file.table("entropy")
    rmii = file.optional("rmii")
    straps = file.numbered("strapping")
    tables = (image, cpu, pins, security, entropy, *straps.values(), *((rmii,) if rmii else ()))
    used = [table.sources() for table in tables]
    uart0 = pins.table("uart0")
    soc = Soc(
        name=name,
        title=title,
        chip_id=image.number("chip_id"),
        bootloader_offset=image.number("bootloader_offset"),
        esptool=image.text("esptool"),
        web_flasher=image.text("web_flasher"),
        idf_target=image.text("idf_target"),
        architecture=cpu.choice("architecture", ("xtensa", "riscv32")),
        cores=cpu.number("cores"),
        mhz=cpu.number("mhz"),
        ram_kb=cpu.number("ram_kb"),
        gpios=pins.spans("exist"),
        input_only=pins.numbers("input_only"),
        flash_pins=pins.numbers("flash"),
        psram_pins=pins.numbers("psram"),
        usb_pins=pins.numbers("usb"),
        uart0=(uart0.number("tx"), uart0.number("rx")),
        straps={gpio: _strap(gpio, table) for gpio, table in straps.items()},
        rmii=_rmii(rmii) if rmii else None,
        flash_encryption=security.flag("flash_encryption"),
        nvs_encryption=security.texts("nvs_encryption"),
        secure_boot=security.text("secure_boot"),
        key_blocks=security.number("key_blocks"),
        needs_radio=entropy.flag("needs_radio"),
        without_radio=entropy.text("without_radio"),
        sources=tuple(dict.fromkeys(source for table in used for source in table)),
    )
    for table in (uart0, *tables, file):
        table.end()
    return soc


def _strap(gpio: int, table: Table) -> Strap:
    return Strap(
        gpio,
        table.choice("boots", ("high", "low", "any")),
        table.choice("floating", ("high", "low", "any")),
        table.text("meaning"),
    )


def _rmii(table: Table) -> Rmii:
    lines = ("tx_en", "txd0", "txd1", "crs_dv", "rxd0", "rxd1")
    return Rmii(
        {line: table.number(line) for line in lines},
        table.numbers("clock_in"),
        table.numbers("clock_out"),
    )

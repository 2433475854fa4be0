"""What an ESP32's firmware is made of: boards, chips, and the lists that its build reads, too."""

import re
from dataclasses import dataclass
from pathlib import Path

from undertow import paths
from undertow.errors import UndertowError

PORT = paths.PORTS / "esp32"
DECLARATIONS = PORT / "idf_declarations"


@dataclass(frozen=True)
class Cpu:
    """A chip: ESP-IDF's name for it, and who compiles for it here."""

    name: str
    is_xtensa: bool
    definitions: tuple[str, ...]
    nm: str
    size: str


CPUS = {
    "esp32": Cpu(
        "esp32",
        True,
        ("CONFIG_IDF_TARGET_ESP32=1", "CONFIG_IDF_TARGET_ARCH_XTENSA=1"),
        "xtensa-lx106-elf-nm",
        "xtensa-lx106-elf-size",
    ),
    "esp32s3": Cpu(
        "esp32s3",
        True,
        (
            *("CONFIG_IDF_TARGET_ESP32S3=1", "CONFIG_IDF_TARGET_ARCH_XTENSA=1"),
            *("CONFIG_SPIRAM=1", "SOC_USB_OTG_SUPPORTED=1", "SOC_USB_SERIAL_JTAG_SUPPORTED=1"),
        ),
        "xtensa-lx106-elf-nm",
        "xtensa-lx106-elf-size",
    ),
    "esp32c6": Cpu(
        "esp32c6",
        False,
        (
            *("CONFIG_IDF_TARGET_ESP32C6=1", "CONFIG_IDF_TARGET_ARCH_RISCV=1"),
            *("CONFIG_FREERTOS_UNICORE=1", "SOC_USB_SERIAL_JTAG_SUPPORTED=1"),
        ),
        "riscv64-unknown-elf-nm",
        "riscv64-unknown-elf-size",
    ),
}


def boards() -> dict[str, Cpu]:
    """The boards of the port, each with its chip as its mpconfigboard.cmake says."""
    found = {}
    for file in sorted(PORT.glob("boards/*/mpconfigboard.cmake")):
        match = re.search(r"set\(IDF_TARGET (\w+)\)", file.read_text())
        if match is None:
            raise UndertowError(
                f"{file} does not say its chip", "The check compiles for it.", "set(IDF_TARGET ...)"
            )
        found[file.parent.name] = CPUS[match[1]]
    return found


def definitions(listing: str) -> list[str]:
    """The names and values in a list that board.cmake reads, too."""
    lines = (line.split("#")[0].strip() for line in (PORT / listing).read_text().splitlines())
    return [line for line in lines if line]


def chip_definitions(chip: str) -> list[str]:
    """Those of every board, and of this chip."""
    listing = f"definitions.{chip}.txt"
    more = definitions(listing) if (PORT / listing).is_file() else []
    return [*definitions("definitions.txt"), *more]


def own_sources() -> tuple[list[Path], list[Path]]:
    """The port's own files, and those among them in which MicroPython looks for names."""
    lines = [line.split("#")[0].split() for line in (PORT / "sources.txt").read_text().splitlines()]
    files = [((PORT / words[0]).resolve(), "names" in words) for words in lines if words]
    return [file for file, _ in files], [file for file, has_names in files if has_names]


def module_sources() -> list[Path]:
    """The modules for Python, of native/mpy."""
    router = ("", "_uplink", "_lan", "_stream", "_inside", "_sign_in", "_counters")
    parts = ("modwg", "modcarrier", *(f"modrouter{part}" for part in router))
    return [paths.NATIVE / "mpy" / f"{name}.c" for name in parts]


def all_sources() -> list[Path]:
    """Every C file of ours that is linked into a firmware."""
    native = [
        source
        for folder in ("core", "binding", "router", "lwip", "carrier", "carrier/tls")
        for source in paths.listed_sources(paths.NATIVE / folder / "sources.txt")
    ]
    return [*native, *module_sources(), *own_sources()[0]]

"""What takes how much memory in a board's firmware: from the linker's map, which lies beside it."""

import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from undertow import progress
from undertow.errors import UndertowError

# Who an object file belongs to: the first pattern that is found in its path.
OWNERS = (
    (r"frozen_content\.o$", "Python, frozen"),
    (r"/lib/lwip/", "lwIP"),
    (r"/lib/littlefs/", "LittleFS"),
    (r"libmbedtls\.a\(", "Mbed TLS"),
    (r"/carrier/.*\.o$|/modcarrier\.o$", "carriers"),
    (r"/(router|lwip)/\w+\.o$|/modrouter\.o$", "packet path"),
    (r"/(core|binding|mpy)/\w+\.o$", "tunnel"),
    (r"/(py|extmod|shared|lib)/.*\.o$", "MicroPython"),
    (r"\.a\(|/usr/", "the compiler's libraries"),
    (r"\.o$", "port"),
)
# What is so big, and is no code, gets a line of its own.
PIECE_MIN = 1024

_REGION = re.compile(r"^(CODE|RAM)\s+0x([0-9a-f]+)\s+0x([0-9a-f]+)", re.MULTILINE)
_ENTRY = re.compile(
    r"^ (\.\S+|COMMON)\s+0x([0-9a-f]+)\s+0x([0-9a-f]+)\s+(\S+(?:\.o|\.a\(\S+\)))$", re.MULTILINE
)
_SYMBOL = re.compile(r"^\s+0x([0-9a-f]+)\s+(_(?:code|ram|stack)_(?:start|end)) = ", re.MULTILINE)


@dataclass(frozen=True)
class Region:
    """Memory that the linker script sets a limit to: bytes by who has them."""

    title: str
    limit: int
    used: Counter[str]

    @property
    def total(self) -> int:
        return self.used.total()


def tell(firmware: Path) -> None:
    """Print what takes how much."""
    for region in regions(firmware):
        limit = f"{region.limit / 1024:.0f} KiB"
        progress.say(f"{region.title}: {region.total / 1024:.1f} KiB of at most {limit}")
        for owner, size in region.used.most_common():
            progress.say(f"{size / 1024:10.1f}  {owner}")


def regions(firmware: Path) -> tuple[Region, Region]:
    """Code with constants, and all other memory."""
    text = firmware.with_suffix(".map").read_text()
    limits = {name: int(length, 16) for name, _, length in _REGION.findall(text)}
    places = {name: int(address, 16) for address, name in _SYMBOL.findall(text)}
    missing = {"_code_start", "_code_end", "_ram_start", "_ram_end", "_stack_start", "_stack_end"}
    missing -= places.keys()
    if missing or len(limits) != 2:
        raise UndertowError(
            f"The linker's map of {firmware} does not say where its memory is",
            f"It lacks {', '.join(sorted(missing)) or 'the regions CODE and RAM'}.",
            "Mend the board's linker script.",
        )
    code: Counter[str] = Counter()
    ram: Counter[str] = Counter()
    for section, address_text, size_text, file in _ENTRY.findall(text):
        if section.startswith(".debug"):
            continue  # in no memory, though its addresses may look so
        address, size = int(address_text, 16), int(size_text, 16)
        if places["_code_start"] <= address < places["_code_end"]:
            code[_owner(file)] += size
        elif places["_ram_start"] <= address < places["_ram_end"]:
            ram[_piece(section, file) if size >= PIECE_MIN else _owner(file)] += size
    ram["stack"] = places["_stack_end"] - places["_stack_start"]
    # The sum is to be what the linker counted.
    code["gaps"] = places["_code_end"] - places["_code_start"] - code.total()
    ram["gaps, and what is kept over resets"] = (
        places["_ram_end"] - places["_ram_start"] - ram.total()
    )
    return (
        Region("code and constants", limits["CODE"], code),
        Region("all other memory", limits["RAM"], ram),
    )


def _owner(file: str) -> str:
    return next((owner for pattern, owner in OWNERS if re.search(pattern, file)), file)


def _piece(section: str, file: str) -> str:
    """A big piece: its name in the source, and whose it is."""
    return f"{section.rsplit('.', 1)[-1]} ({_owner(file)})"

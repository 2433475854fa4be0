"""What people read of a board: hardware/boards/NAME.md, and the tables in hardware/README.md."""

from undertow.hardware import boards, partitions
from undertow.hardware.boards import Board

BEGIN = "<!-- made by `./invoke hardware`: {} -->"
END = "<!-- end -->"


def table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    """A table in Markdown."""
    lines = ["| " + " | ".join(head) + " |", "| " + " | ".join("---" for _ in head) + " |"]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def page(board: Board) -> str:
    """hardware/boards/NAME.md."""
    parts = [
        f"# {board.title}\n",
        f"Made by `./invoke hardware` from [{board.name}.toml]({board.name}.toml): change that.\n",
        table(("", ""), _facts(board)),
        "## Pins\n",
        table(("GPIO", "what for", "direction", "notes"), _pins(board)),
        "## Wiring\n",
        f"![Wiring of the {board.title}](../wiring/{board.name}.svg)\n",
        "## Flash\n",
        table(("at", "size", "name", "what for"), _flash(board)),
        "## Sources\n",
        "\n".join(f"- [{source.title}]({source.url})" for source in board.sources) + "\n",
    ]
    if board.unconfirmed:
        parts.append("Not confirmed by them:\n")
        parts.append("\n".join(f"- {text}" for text in board.unconfirmed) + "\n")
    return "\n".join(parts)


def _facts(board: Board) -> list[tuple[str, ...]]:
    soc = board.soc
    chip = f"[{soc.title}](../socs/{soc.name}.toml)"
    ethernet = "none"
    if board.ethernet:
        bus = "RMII" if board.ethernet.is_rmii else "SPI"
        ethernet = f"{board.ethernet.phy} by {bus}"
    psram = f", {board.psram_size >> 20} MiB of PSRAM" if board.psram_size else ", no PSRAM"
    usb = ", ".join(f"{port.connector} ({port.bridge})" for port in board.usb)
    rows = [
        ("chip", f"{chip}: {soc.cores} x {soc.mhz} MHz, {soc.architecture}"),
        ("memory", f"{board.flash_size >> 20} MiB of flash{psram}, {soc.ram_kb} KiB of RAM"),
        ("Ethernet", ethernet),
        ("USB", usb or "none: a USB-UART adapter with 3.3 V levels"),
        ("power", ", ".join(board.power.inputs)),
        ("antenna", board.antenna),
        ("random numbers", "true while the radio runs; else " + soc.without_radio),
        ("keys at rest", _keys(board)),
        ("secure boot", soc.secure_boot),
        ("open hardware", "yes" if board.open_hardware else "no"),
    ]
    if board.uart:
        rows.insert(4, ("to flash it", board.uart.download))
    return list(rows)


def _keys(board: Board) -> str:
    if "hmac" in board.soc.nvs_encryption:
        return "in clear, unless NVS is encrypted: by HMAC (an eFuse, once and for all)"
    return "in clear, unless flash encryption is switched on (eFuses, once and for all)"


def _pins(board: Board) -> list[tuple[str, ...]]:
    directions = {"in": "in", "out": "out", "both": "both ways"}
    reasons = {strap.gpio: strap for strap in board.straps}
    rows = []
    for use in sorted(boards.uses(board), key=lambda use: use.gpio):
        if use.purpose in ("flash", "PSRAM"):
            continue
        notes = []
        if use.gpio in board.soc.straps:
            notes.append(f"strapping pin ({board.soc.straps[use.gpio].meaning})")
        if use.gpio in reasons:
            strap = reasons[use.gpio]
            notes.append(f"{strap.at_reset} at reset: {strap.why}")
        if use.gpio in board.soc.input_only:
            notes.append("input only")
        if use.purpose == "button" and board.button.resistor:
            notes.append(f"resistor: {board.button.resistor}")
        rows.append((str(use.gpio), use.purpose, directions[use.direction], "; ".join(notes)))
    memory = ", ".join(str(gpio) for gpio in sorted(_memory_pins(board)))
    return [*rows, (memory, "the memory's", "", "never to be touched")]


def _memory_pins(board: Board) -> set[int]:
    return {use.gpio for use in boards.uses(board) if use.purpose in ("flash", "PSRAM")}


_PURPOSES = {
    "otadata": "which of the two programs starts",
    "phy_init": "the radio's calibration",
    "nvs_keys": "keys of nvs, under flash encryption; else blank",
    "ota_0": "the program",
    "ota_1": "the program, the other one",
    "nvs": "settings and keys of the box",
    "vfs": "file system: leases and clocks",
}


def _flash(board: Board) -> list[tuple[str, ...]]:
    def size(count: int) -> str:
        return (
            f"{count // 1024} KiB" if count < 0x100000 or count % 0x100000 else f"{count >> 20} MiB"
        )

    rows = [(f"{board.soc.bootloader_offset:#x}", "", "", "the bootloader")]
    rows.append((f"{partitions.TABLE_OFFSET:#x}", "4 KiB", "", "the partition table"))
    rows += [
        (f"{row.offset:#x}", size(row.size), f"`{row.name}`", _PURPOSES[row.name])
        for row in partitions.table(board)
    ]
    return list(rows)


def choice() -> str:
    """The table of README.md: which board to buy."""
    rows: list[tuple[str, ...]] = []
    for name in boards.names():
        board = boards.load(name)
        ethernet = "Wi-Fi only"
        if board.ethernet:
            ethernet = "RMII" if board.ethernet.is_rmii else "SPI"
        rows.append(
            (
                f"[{board.title}](boards/{name}.md)",
                board.buying.price,
                f"{board.soc.title}, {board.flash_size >> 20} MiB"
                + (f" + {board.psram_size >> 20} MiB PSRAM" if board.psram_size else ""),
                ethernet,
                ", ".join(board.power.inputs),
                board.buying.why,
                board.buying.why_not,
            )
        )
    head = ("board", "price class", "chip, flash", "Ethernet", "power", "for", "against")
    return table(head, rows)


def pictures() -> str:
    """The wiring of every board, for README.md."""
    return "\n".join(
        f"### {boards.load(name).title}\n\n![Wiring](wiring/{name}.svg)\n"
        for name in boards.names()
    )


def with_sections(text: str, sections: dict[str, str]) -> str:
    """A document whose marked sections are replaced. Each has to be there, once."""
    for name, content in sections.items():
        begin = BEGIN.format(name)
        head, found, rest = text.partition(begin + "\n")
        _, ended, tail = rest.partition(END)
        if not found or not ended:
            raise ValueError(f"the document has no section '{name}'")
        text = f"{head}{begin}\n{content}{END}{tail}"
    return text

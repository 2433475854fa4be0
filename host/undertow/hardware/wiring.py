"""What is wired to a board, as WireViz reads it, and the drawing of that."""

import hashlib
import subprocess
import sys
import tempfile
from pathlib import Path

from undertow.errors import UndertowError
from undertow.hardware.boards import Board

# Of wires, by what they carry: WireViz's names of colours.
_RED, _BLACK, _YELLOW, _BLUE, _GREEN, _WHITE = "RD", "BK", "YE", "BU", "GN", "WH"
_STAMP = "<!-- drawn from: {} -->\n"


class _Part:
    """Something beside the board. wires: its pin, the board's pin for that, the wire's colour."""

    def __init__(self, name: str, kind: str, wires: list[tuple[str, str, str]]) -> None:
        self.name = name
        self.kind = kind
        self.wires = wires


def _parts(board: Board) -> list[_Part]:
    found = []
    where = board.display.where
    if not board.display.is_on_board:
        found.append(
            _Part(
                "Display",
                f"OLED {board.display.kind}, {board.display.width}x{board.display.height}, I2C",
                [
                    ("GND", where["ground"], _BLACK),
                    ("VCC", where["power"], _RED),
                    ("SCL", where["scl"], _YELLOW),
                    ("SDA", where["sda"], _BLUE),
                ],
            )
        )
    if not board.led.is_on_board:
        signal = f"anode, by {board.led.resistor}"
        found.append(
            _Part(
                "Light",
                "LED, 3 mm, green",
                [(signal, board.led.where, _GREEN), ("cathode", where["ground"], _BLACK)],
            )
        )
    if not board.button.is_on_board:
        wires = [("contact 1", board.button.where, _WHITE)]
        if board.button.pull == "external":
            resistor = board.button.resistor.split(" to ")[0]
            wires.append((f"contact 1, by {resistor}", where["power"], _RED))
        wires.append(("contact 2", where["ground"], _BLACK))
        found.append(_Part("Button", "push button", wires))
    if board.uart:
        uart = board.uart
        found.append(
            _Part(
                "USB-UART adapter",
                "3.3 V levels",
                [
                    ("GND", uart.where_ground, _BLACK),
                    ("5V", uart.where_power, _RED),
                    ("RXD", uart.where_tx, _YELLOW),
                    ("TXD", uart.where_rx, _BLUE),
                ],
            )
        )
        jumper = [("contact 1", uart.where_boot, _WHITE), ("contact 2", uart.where_ground, _BLACK)]
        found.append(_Part("Jumper", "closed at reset only to flash", jumper))
    return found


def yaml(board: Board) -> str:
    """The harness. The board's pins are those that something goes to, in that order."""
    parts = _parts(board)
    used = list(dict.fromkeys(pin for part in parts for _, pin, _ in part.wires))
    lines = [
        f"# Made by `./invoke hardware` from hardware/boards/{board.name}.toml: change that.",
        "options:",
        "  fontname: sans-serif",
        "connectors:",
        *_connector("Board", board.title, used),
    ]
    for part in parts:
        lines += _connector(part.name, part.kind, [pin for pin, _, _ in part.wires])
    lines.append("cables:")
    for part in parts:
        colours = ", ".join(colour for _, _, colour in part.wires)
        lines += [
            f"  {_wire(part)}:",
            f"    wirecount: {len(part.wires)}",
            f"    colors: [{colours}]",
        ]
        lines.append("    show_wirecount: false")
    lines.append("connections:")
    for part in parts:
        here = [pin for _, pin, _ in part.wires]
        lines += ["  -", f"    - Board: {_list(here)}"]
        lines.append(f"    - {_wire(part)}: [1-{len(part.wires)}]")
        lines.append(f"    - {part.name}: {_list([pin for pin, _, _ in part.wires])}")
    return "\n".join(lines) + "\n"


def _wire(part: _Part) -> str:
    return f"to {part.name}"


def _connector(name: str, kind: str, pins: list[str]) -> list[str]:
    head = [f"  {name}:", f'    type: "{kind}"', "    show_pincount: false"]
    return [*head, f"    pins: {_list(pins)}"]


def _list(names: list[str]) -> str:
    return "[" + ", ".join(f'"{name}"' for name in names) + "]"


def stamp(text: str) -> str:
    """The line by which a drawing says what it was drawn from: another harness, another line."""
    return _STAMP.format(hashlib.sha256(text.encode()).hexdigest())


def is_drawn_from(svg: str, text: str) -> bool:
    """Whether this drawing is that of this harness."""
    return svg.endswith(stamp(text))


def draw(text: str) -> str:
    """The harness as SVG, by WireViz and Graphviz."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "wiring.yml"
        source.write_text(text)
        command = [sys.executable, "-c", "from wireviz.wv_cli import wireviz; wireviz()"]
        command += ["--format", "s", str(source)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        drawn = source.with_suffix(".svg")
        if done.returncode != 0 or not drawn.exists():
            raise UndertowError(
                "The wiring could not be drawn",
                (done.stderr.strip().splitlines() or ["WireViz said nothing."])[-1],
                "Install graphviz; ./invoke setup has the rest.",
            )
        return drawn.read_text().rstrip() + "\n" + stamp(text)

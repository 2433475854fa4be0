"""The case: its figures from hardware/case/NAME.toml, its solids and its picture by OpenSCAD.

The solids are checked in as binary STL for those who print them, the picture for those who look;
each says in itself what it was made of, so that one that is out of date is found without OpenSCAD.
"""

import hashlib
import shutil
import struct
import subprocess
import tempfile
import zlib
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from undertow.errors import UndertowError
from undertow.hardware import facts
from undertow.hardware.facts import Source, Table
from undertow.hardware.reading import Evidence

FOLDER = facts.FOLDER / "case"
NAME = "olimex_esp32_poe"
SOURCE = FOLDER / "case.scad"
SOLIDS = ("base", "lid", "pin")
PICTURE = FOLDER / f"{NAME}.png"

Point = tuple[float, float, float]


@dataclass(frozen=True)
class Part:
    """A box that nothing of the case may reach into: two corners, millimetres."""

    name: str
    low: Point
    high: Point


@dataclass(frozen=True)
class Case:
    """figures: those of [outline], [holes] and [case], by the names that OpenSCAD gets."""

    board: str
    revision: str
    figures: dict[str, Any]
    parts: tuple[Part, ...]
    sources: tuple[Source, ...]
    unconfirmed: tuple[str, ...]

    def part(self, name: str) -> Part:
        return next(part for part in self.parts if part.name == name)


@cache
def load() -> Case:
    return read(FOLDER / f"{NAME}.toml")


def read(path: Path) -> Case:
    """The case that a file describes."""
    file = facts.read(path)
    evidence = Evidence()
    outline, holes, case = file.table("outline"), file.table("holes"), file.table("case")
    figures: dict[str, Any] = {
        f"board_{name}": outline.length(name) for name in ("width", "length", "thickness")
    }
    figures["hole_diameter"] = holes.length("diameter")
    figures["holes_at"] = holes.points("at", 2)
    figures |= {"floor_thickness": case.length("floor")} | _rest(case)
    found = Case(
        file.text("board"),
        file.text("revision"),
        figures,
        tuple(_part(table, evidence) for table in file.tables("parts")),
        (),
        (),
    )
    for table, name in ((outline, "outline"), (holes, "holes"), (file, "board")):
        evidence.close(table, name)
    case.end()  # its figures are ours to choose, and have no source
    return replace(found, sources=evidence.sources(), unconfirmed=evidence.unconfirmed())


_LENGTHS = (
    "wall gap_x gap_front gap_antenna below above corner standoff pilot rim rim_depth fit snap"
    " snap_length jack_gap plug_gap uext_gap vent vent_length light button_y button_z pin"
    " pin_gap pin_head pin_out nub nub_length"
)


def _rest(case: Table) -> dict[str, Any]:
    found: dict[str, Any] = {name: case.length(name) for name in _LENGTHS.split()}
    found |= {name: case.lengths(name) for name in ("snap_at", "vents_at", "light_at")}
    return found


def _part(table: Table, evidence: Evidence) -> Part:
    low, high = table.lengths("from", 3), table.lengths("to", 3)
    part = Part(table.text("name"), (low[0], low[1], low[2]), (high[0], high[1], high[2]))
    if not all(a < b for a, b in zip(part.low, part.high, strict=True)):
        raise facts.refused(table.where, "'from' is not below 'to'")
    evidence.close(table, part.name)
    return part


def dimensions(case: Case) -> str:
    """The figures as OpenSCAD reads them."""
    lines = [f"// Made by `./invoke hardware` from hardware/case/{NAME}.toml: change that."]
    lines += [f"{name} = {_scad(value)};" for name, value in case.figures.items()]
    names = {"RJ45 socket": "jack", "micro-USB plug": "plug", "micro-USB socket": "usb"}
    names |= {"UEXT plug, with its cable": "uext", "ESP32 module": "module"}
    for name, short in names.items():
        part = case.part(name)
        lines += [f"{short}_from = {_scad(part.low)};", f"{short}_to = {_scad(part.high)};"]
    return "\n".join(lines) + "\n"


def _scad(value: Any) -> str:
    if isinstance(value, tuple | list):
        return "[" + ", ".join(_scad(one) for one in value) + "]"
    return f"{value:g}"


def stamp() -> str:
    """What the solids and the picture are made of, as SHA-256."""
    text = SOURCE.read_text() + dimensions(load())
    return hashlib.sha256(text.encode()).hexdigest()


def outdated() -> list[Path]:
    """The solids and the picture that are missing or made of something else."""
    wanted = stamp().encode()
    found = [
        path
        for path in (FOLDER / f"{NAME}_{solid}.stl" for solid in SOLIDS)
        if not path.exists() or wanted not in path.read_bytes()[:80]
    ]
    if not PICTURE.exists() or _text_chunk(stamp()) not in PICTURE.read_bytes():
        found.append(PICTURE)
    return found


def render() -> list[Path]:
    """Make what is out of date; returns those files."""
    made = outdated()
    for path in made:
        with tempfile.TemporaryDirectory() as folder:
            if path == PICTURE:
                drawn = Path(folder) / "case.png"
                screen = ["xvfb-run", "-a", "-s", "-screen 0 1280x1024x24"]
                view = ["--imgsize=1000,760", "--colorscheme=Tomorrow", "--projection=p"]
                view += ["--camera=14,42,22,60,0,310,330"]
                _openscad(drawn, "picture", view, screen)
                path.write_bytes(_with_text(drawn.read_bytes(), stamp()))
            else:
                drawn = Path(folder) / "solid.stl"
                _openscad(drawn, path.stem.rsplit("_", 1)[1], [], [])
                path.write_bytes(_binary_stl(drawn.read_text(), stamp()))
    return made


def _openscad(to: Path, part: str, options: list[str], before: list[str]) -> None:
    if shutil.which("openscad") is None:
        raise UndertowError(
            "OpenSCAD is not there", "It makes the case.", "Run: sudo apt-get install openscad"
        )
    command = [*before, "openscad", "-D", f'part="{part}"', *options, "-o", str(to), str(SOURCE)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0 or not to.exists() or to.stat().st_size == 0:
        raise UndertowError(
            f"The case's {part} could not be made",
            (done.stderr.strip().splitlines() or ["OpenSCAD said nothing."])[-1],
            f"Run it by hand to see more: {' '.join(command)}",
        )


def _binary_stl(text: str, header: str) -> bytes:
    """OpenSCAD's ASCII as binary, a fifth of it. The header says what it was made of."""
    numbers = [
        [float(word) for word in line.split()[1:]]
        for line in text.splitlines()
        if line.strip().startswith("vertex")
    ]
    out = bytearray(header.encode().ljust(80, b" "))
    out += struct.pack("<I", len(numbers) // 3)
    for first in range(0, len(numbers), 3):
        corners = [x for corner in numbers[first : first + 3] for x in corner]
        out += struct.pack("<12fH", 0.0, 0.0, 0.0, *corners, 0)
    return bytes(out)


def _text_chunk(text: str) -> bytes:
    """A tEXt chunk of PNG (RFC 2083, 4.2.3)."""
    body = b"tEXtSource\0" + text.encode()
    return struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))


def _with_text(png: bytes, text: str) -> bytes:
    """A picture with that text in it, behind its header (8 bytes of signature, 25 of IHDR)."""
    return png[:33] + _text_chunk(text) + png[33:]

"""All C of an ESP32's firmware that is ours, compiled for its processor without ESP-IDF.

Against the real headers of lwIP and MicroPython, with what is used of ESP-IDF declared in
firmware/ports/esp32/idf_declarations. It shows that the C is right for the processor and its
widths, how big it is, and what ESP-IDF and MicroPython have to bring when it is linked: a prototype
that nobody implements is noticed here. What it cannot show is in firmware/ports/esp32/README.md.
"""

import hashlib
import os
import re
import sys
import tempfile
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from undertow import paths, progress
from undertow.build import mbedtls, micropython, xtensa, xtensa_cc
from undertow.build.esp32_parts import (
    DECLARATIONS,
    PORT,
    Cpu,
    all_sources,
    boards,
    chip_definitions,
    definitions,
    module_sources,
    own_sources,
)
from undertow.build.genhdr import Preprocessor, generate
from undertow.errors import UndertowError
from undertow.run import run
from undertow.setup import Tree, packages

SYMBOLS = DECLARATIONS / "symbols.txt"
BUILD = paths.BUILD / "esp32_check"

WARNINGS = ("-Wall", "-Wextra", "-Werror", "-Wno-unused-parameter")
# As micropython.cmake has it: for speed what packets pass, the rest for size.
FAST_FOLDERS = ("core", "binding", "router", "lwip", "carrier")
FAST_FILES = ("intake.c",)
# They know neither lwIP nor Python nor a board.
PLAIN_FOLDERS = ("core", "binding", "router")
_PLAIN = ("-std=gnu17", "-Os", "-DNDEBUG", "-ffunction-sections", "-fdata-sections")


@dataclass(frozen=True)
class Part:
    """One object: bytes of code and constants, of data with values, and of zeroed memory."""

    source: Path
    object: Path
    text: int
    data: int
    zeroed: int


@dataclass(frozen=True)
class Checked:
    """A board's firmware, as far as it is ours."""

    board: str
    cpu: Cpu
    parts: tuple[Part, ...]
    undefined: frozenset[str]  # what others have to bring
    in_ram: int  # bytes of code that linker.lf puts into internal RAM


@cache
def check(board: str, dev: bool = False) -> Checked:
    """Compile everything of a board's firmware, once in a run of ours.

    UndertowError: the compiler found something.
    """
    packages.ensure("boards")
    tree = micropython.tree()
    cpu = boards()[board]
    folder = BUILD / (board + ("-dev" if dev else ""))
    folder.mkdir(parents=True, exist_ok=True)
    flags = _flags(tree, board, cpu, folder, dev)
    with paths.locked(folder / "lock"):
        # MicroPython's sys.path is a root pointer, which modsys.c registers.
        names = [*module_sources(), *own_sources()[1], tree.folder / "py" / "modsys.c"]
        generate(
            tree.folder, folder / "genhdr", names, Preprocessor([*_compiler(cpu, ()), "-E", *flags])
        )
        headers = _headers(folder)
        # A development build differs in what the port itself does.
        wanted = [*module_sources(), *own_sources()[0]] if dev else all_sources()
        with ThreadPoolExecutor(2) as pool:
            objects = list(pool.map(lambda source: _compile(cpu, source, flags, headers), wanted))
    sizes = _sizes(cpu, objects)
    parts = tuple(
        Part(source, made, *sizes[made]) for source, made in zip(wanted, objects, strict=True)
    )
    return Checked(board, cpu, parts, _undefined(cpu, objects), 0 if dev else _in_ram(parts))


def _flags(tree: Tree, board: str, cpu: Cpu, folder: Path, dev: bool) -> list[str]:
    board_folder = PORT / "boards" / board
    includes = [
        folder,
        PORT,
        board_folder,
        *(paths.NATIVE / name for name in ("core", "binding", "router", "lwip", "carrier", "mpy")),
        DECLARATIONS / "lwip",
        DECLARATIONS,
        tree.folder / "lib" / "lwip" / "src" / "include",
        tree.folder,
        tree.folder / "ports" / "esp32",
    ]
    given = [
        *cpu.definitions,
        *chip_definitions(cpu.name),
        *definitions("lwip_definitions.txt"),
        f"UNDERTOW_DEV={int(dev)}",
        f'UNDERTOW_BOARD="{board}"',
        'IDF_VER="v5.4.2"',
    ]
    return [
        *_PLAIN,
        *(f"-D{definition}" for definition in given),
        *(f"-I{include}" for include in includes),
        *mbedtls.includes(tree, "mbedtls_of_idf.h"),
    ]


def _compiler(cpu: Cpu, extra: Iterable[str]) -> list[str]:
    if cpu.is_xtensa:
        script = Path(xtensa_cc.__file__)
        return [
            *(sys.executable, "-I", "-S", str(script), f"-isystem{xtensa.C_HEADERS}"),
            *("-Xclang", "-target-feature", "-Xclang", f"+{xtensa.MUL_HIGH}"),
            *("-Wno-unused-command-line-argument", *extra),
        ]
    return [
        *("riscv64-unknown-elf-gcc", "-march=rv32imac", "-mabi=ilp32"),
        *("--specs=picolibc.specs", *extra),
    ]


def _compile(cpu: Cpu, source: Path, flags: list[str], headers: str) -> Path:
    if source.parent.name in PLAIN_FOLDERS:  # the same for every board of a processor
        flags = [*_PLAIN, *(f"-I{paths.NATIVE / name}" for name in PLAIN_FOLDERS)]
    is_fast = source.parent.name in FAST_FOLDERS or source.name in FAST_FILES
    command = [*_compiler(cpu, flags), *WARNINGS, *(("-O2",) if is_fast else ())]
    known = source.read_text() + (headers if source.parent.name not in PLAIN_FOLDERS else _plain())
    digest = hashlib.blake2s("\0".join([*command, known]).encode(), digest_size=10).hexdigest()
    made = BUILD / "objects" / f"{source.stem}-{digest}.o"
    if made.exists():
        return made
    made.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=made.parent) as place:
        draft = Path(place) / made.name
        run(
            [*command, "-c", str(source), "-o", str(draft)],
            why=f"It compiles {source.name} for the {cpu.name} as the firmware would.",
        )
        os.replace(draft, made)
    return made


def _headers(folder: Path) -> str:
    """Everything of ours that a file may include, and what was generated for the board."""
    folders = (paths.NATIVE, PORT, paths.PORTS / "virt", folder)
    files = [file for each in folders for file in sorted(each.rglob("*.h"))]
    return "".join(file.read_text() for file in files)


@cache
def _plain() -> str:
    files = [f for name in PLAIN_FOLDERS for f in sorted((paths.NATIVE / name).glob("*.h"))]
    return "".join(file.read_text() for file in files)


def _sizes(cpu: Cpu, objects: list[Path]) -> Mapping[Path, tuple[int, int, int]]:
    said = run([cpu.size, "-B", *objects], why="It says how big the objects are.")
    rows = (line.split() for line in said.splitlines()[1:])
    return {Path(row[5]): (int(row[0]), int(row[1]), int(row[2])) for row in rows}


def _undefined(cpu: Cpu, objects: list[Path]) -> frozenset[str]:
    said = run([cpu.nm, "-g", *objects], why="It says what the objects lack.")
    wanted, defined = set(), set()
    for line in said.splitlines():
        words = line.split()
        if len(words) >= 2 and words[-2] == "U":
            wanted.add(words[-1])
        elif len(words) == 3:
            defined.add(words[-1])
    return frozenset(wanted - defined)


def _in_ram(parts: Iterable[Part]) -> int:
    """What linker.lf takes from internal RAM; single functions are counted as whole files."""
    names = re.findall(r"^    (\w+)(?::\w+)? \(noflash\)", (PORT / "linker.lf").read_text(), re.M)
    known = {part.source.stem: part.text for part in parts}
    missing = set(names) - known.keys()
    if missing:
        raise UndertowError(
            f"linker.lf names {', '.join(sorted(missing))}",
            "No file of the firmware is called so.",
            "Mend firmware/ports/esp32/linker.lf.",
        )
    return sum(known[name] for name in set(names))


@cache
def expected_symbols() -> Mapping[str, str]:
    """What ESP-IDF, MicroPython and the C library bring: who, by name."""
    owner, found = "", {}
    for line in SYMBOLS.read_text().splitlines():
        if line.startswith("["):
            owner = line.strip("[]")
        elif line and not line.startswith("#"):
            found[line.strip()] = owner
    return found


def surprises(checked: Checked) -> list[str]:
    """Symbols that are not in the list of what others bring; the compiler's own are its affair."""
    known = expected_symbols()
    return sorted(name for name in checked.undefined - known.keys() if not name.startswith("__"))


def tell(checked: Checked) -> None:
    """Print sizes by folder, and what lies in internal RAM."""
    groups: dict[str, list[Part]] = {}
    for part in checked.parts:
        groups.setdefault(part.source.parent.name, []).append(part)
    progress.say(f"{checked.board} ({checked.cpu.name}): our C, in bytes")
    progress.say(f"{'':12}{'text':>8}{'data':>8}{'bss':>8}")
    for name, parts in [*groups.items(), ("all", list(checked.parts))]:
        text, data, zeroed = (
            sum(getattr(part, kind) for part in parts) for kind in ("text", "data", "zeroed")
        )
        progress.say(f"{name:12}{text:8}{data:8}{zeroed:8}")
    progress.say(f"in internal RAM by linker.lf: at most {checked.in_ram} bytes of code")
    progress.say(
        f"symbols that ESP-IDF, MicroPython and the C library bring: {len(checked.undefined)}"
    )


def build() -> Path:
    """Check every board; what is wrong is an UndertowError."""
    for board in boards():
        checked = check(board)
        tell(checked)
        found = surprises(checked)
        if found:
            raise UndertowError(
                f"Nobody is known to bring {', '.join(found)}",
                "A prototype without a function would be noticed only when ESP-IDF links.",
                f"If ESP-IDF or MicroPython has it in this build, add it to {SYMBOLS}.",
            )
    return BUILD

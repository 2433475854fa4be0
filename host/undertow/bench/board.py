"""What a whole board takes for a packet, in retired instructions, on the ESP32's instruction sets.

`tests/bench/board.c` counts in the guest: from a frame in one interface's ring to the frame in the
other's, with the driver, lwIP, the translation and the cryptography, as the firmware is compiled;
only the devices themselves are played. Packets come in batches of 8, as they do under load.
"""

import re
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from undertow import paths
from undertow.bench import instructions
from undertow.bench.table import Line, Table
from undertow.build import xtensa
from undertow.run import ending_with_us, run
from undertow.setup import packages, sources

# A packet, all instructions, beside what it takes to seal it.
SHARE_MAX = 1.15
BEYOND_SEALING_MAX = 2500

# What the firmware compiles of lwIP for speed (ports/virt/port.mk); the rest is for size.
FAST = ("pbuf.c", "inet_chksum.c", "timeouts.c")

VIRT = paths.PORTS / "virt"
_LISTING = VIRT / "lwip_sources.txt"
_HEADERS = f"-isystem{xtensa.C_HEADERS}"


def measure() -> dict[str, dict[str, int]]:
    """By instruction set: "seal_64", "out_64_1", "in_1420_500" ...; "idle" is a poll of nothing."""
    packages.ensure("boards")
    return {"rv32": _rv32(), "xtensa": _xtensa()}


def sealing(name: str) -> dict[str, int]:
    """ "seal_64" and "seal_1420" as an emulated board's own processor has to do it."""
    # No windowed core of QEMU has the ESP32's instruction for the high word of a product.
    counts = _rv32() if name == "virt_rv32" else _xtensa(xtensa.FEATURES)
    return {key: count for key, count in counts.items() if key.startswith("seal_")}


def report(measured: Mapping[str, Mapping[str, int]]) -> Table:
    """A table of what was measured, beside the targets."""
    return Table(
        "A packet through a board with played devices, all instructions",
        [line for target, counts in measured.items() for line in _lines(target, counts)],
    )


def _lines(target: str, counts: Mapping[str, int]) -> list[Line]:
    lines = []
    for direction, title in (("out", "LAN to uplink"), ("in", "uplink to LAN")):
        for length in (1420, 64):
            count, seal = counts[f"{direction}_{length}_1"], counts[f"seal_{length}"]
            share, beyond = count / seal, count - seal
            many = counts[f"{direction}_{length}_500"]
            limit, met = "", None
            if direction == "out" and (length == 64 or target == "rv32"):
                limit = f"<= {SHARE_MAX}" if length == 1420 else f"<= {BEYOND_SEALING_MAX:,} beyond"
                met = share <= SHARE_MAX if length == 1420 else beyond <= BEYOND_SEALING_MAX
            note = f"sealing {seal:,}, x {share:.3f}, {beyond:,} beyond; {many:,} with 500 flows"
            lines.append(Line(f"{target}: {length} B {title}", f"{count:,}", note, limit, met))
    return lines


def _sources() -> tuple[list[Path], list[Path]]:
    """What is ours, and lwIP."""
    tree = sources.ensure().folder / "lib" / "lwip" / "src"
    # Streams as the path has them, but no TLS, which board.c leaves out: no packet here passes it.
    streams = paths.listed_sources(paths.CARRIER / "sources.txt")
    ours = [*paths.core_sources(), *paths.router_sources(), *streams, *paths.lwip_sources()]
    ours.append(VIRT / "nic.c")
    foreign = [tree / path.relative_to(_LISTING.parent) for path in paths.listed_sources(_LISTING)]
    return ours, foreign


def _flags() -> list[str]:
    include = sources.ensure().folder / "lib" / "lwip" / "src" / "include"
    folders = (paths.ROUTER, paths.CARRIER, paths.LWIP, VIRT, VIRT / "lwip", include)
    return [*(f"-I{folder}" for folder in folders), _HEADERS]


def _counts(command: Sequence[str]) -> dict[str, int]:
    words = [*command, "-display", "none", "-monitor", "none"]
    output = run(ending_with_us(words), why="It runs the board's bench.")
    return {name: int(value) for name, value in re.findall(r"^count (\w+) (\d+)$", output, re.M)}


def _rv32() -> dict[str, int]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        objects: list[Path] = []

        def compile_all(files: Sequence[Path], *flags: str) -> None:
            for file in files:
                objects.append(folder / f"{len(objects)}.o")
                instructions.rv32_compile(file, objects[-1], "-c", *_flags(), *flags)

        ours, foreign = _sources()
        compile_all(ours)
        compile_all([file for file in foreign if file.name in FAST], "-w")
        compile_all([file for file in foreign if file.name not in FAST], "-w", "-Os")
        guest = [instructions.FOLDER / file for file in ("rv32.c", "memory.c", "board.c", "rv32.S")]
        compile_all(guest, *instructions.RV32_LIBRARY_FLAGS)
        program = folder / "board.elf"
        instructions.rv32_link(objects, program, "-Wl,--gc-sections")
        return _counts([*instructions.RV32_QEMU, "-serial", "stdio", "-kernel", str(program)])


def _xtensa(features: Sequence[str] = instructions.XTENSA_LIBRARY_FEATURES) -> dict[str, int]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        objects: list[Path] = []

        def compile_all(files: Sequence[Path], *flags: str, features: Sequence[str]) -> None:
            for file in files:
                objects.append(folder / f"{len(objects)}.o")
                all_flags = (*instructions.FLAGS, *_flags(), *flags)
                xtensa.compile_c(file, objects[-1], all_flags, features)

        ours, foreign = _sources()
        compile_all(ours, features=features)
        compile_all([file for file in foreign if file.name in FAST], "-w", features=features)
        small = [file for file in foreign if file.name not in FAST]
        compile_all(small, "-w", "-Os", features=features)
        guest = [instructions.FOLDER / file for file in ("xtensa.c", "memory.c", "board.c")]
        helpers = paths.PORTS / "virt_xtensa" / "integer64.c"
        guest_features = instructions.XTENSA_LIBRARY_FEATURES
        compile_all([*guest, helpers], *instructions.LIBRARY_FLAGS, features=guest_features)
        objects.append(folder / "start.o")
        xtensa.assemble(instructions.FOLDER / "xtensa.s", objects[-1])
        program = folder / "board.elf"
        xtensa.link(objects, instructions.FOLDER / "xtensa.ld", program)
        return _counts([*instructions.XTENSA_QEMU, "-device", f"loader,file={program},cpu-num=0"])

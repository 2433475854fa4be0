"""What the crypto core costs on the ESP32's two instruction sets, in retired instructions.

The core is built for RV32IMC (gcc) and for windowed Xtensa (clang) without an operating system,
with tests/bench around it, and runs in QEMU with -icount, inside which it counts itself. Before it
counts it computes a few results, which are compared here with those of an independent
implementation. The numbers are the same in every run: they say nothing about caches or pipelines.
"""

import hashlib
import json
import re
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from undertow import paths
from undertow.build import xtensa
from undertow.errors import UndertowError
from undertow.run import ending_with_us, run
from undertow.setup import packages

FOLDER = paths.TESTS / "bench"
PRIMITIVES = ("wipe", "chacha20", "poly1305", "aead", "xaead", "blake2s", "kdf", "x25519")
# What gives datagrams their shape, on top of them.
SHAPE = ("chacha20_head", "shape")
SEALED_LENGTHS = (64, 256, 1420)
# So many datagrams are shaped in one count: what stands before them comes from blocks.
SHAPED = 8
# 3 % of what a packet of 1420 bytes takes on a board (undertow.bench.board), beside which a test
# holds it.
SHAPE_SHARE_MAX = 0.03
SHAPE_MAX = {"rv32": 1730, "xtensa": 1760}

FLAGS: tuple[str | Path, ...] = (
    *("-std=c11", "-O2", "-ffunction-sections", "-fdata-sections", "-fomit-frame-pointer"),
    *("-Wall", "-Wextra", "-Werror"),
    *(f"-I{folder}" for folder in (paths.CORE, FOLDER, FOLDER / "include")),
)
# A loop that copies must not become a call of the memcpy() that it is.
LIBRARY_FLAGS = ("-fno-builtin",)

RV32_GCC = "riscv64-unknown-elf-gcc"
RV32_FLAGS = ("-mabi=ilp32", "-mcmodel=medany", "-ffreestanding", "-fbuiltin")
RV32_QEMU = ("qemu-system-riscv32", "-M", "virt", "-bios", "none", "-icount", "shift=0")
RV32_LIBRARY_FLAGS = ("-fno-tree-loop-distribute-patterns",)

# CCOUNT, which the guest counts by, is among clang's timers3.
XTENSA_LIBRARY_FEATURES = (*xtensa.FEATURES, xtensa.MUL_HIGH, "timers3")
XTENSA_QEMU = (
    *("qemu-system-xtensa", "-M", "sim", "-cpu", "dc233c", "-m", "16M", "-semihosting"),
    *("-icount", "shift=10"),
)


@dataclass(frozen=True)
class Result:
    """What one instruction set came to.

    counts: instructions by what was done: "seal_1420", "open_64", "x25519" ...
    code, constants: bytes of machine code and of tables, by primitive.
    """

    target: str
    compiler: str
    counts: Mapping[str, int]
    code: Mapping[str, int]
    constants: Mapping[str, int]
    notes: Sequence[str] = field(default=())


@dataclass(frozen=True)
class Goal:
    """A figure that is to be kept below a limit: reached(result) says what it is."""

    name: str
    unit: str
    limits: Mapping[str, float]
    reached: Callable[[Result], float]


GOALS = (
    Goal(
        "seal 1420 B",
        "instructions/byte",
        {"rv32": 44, "xtensa": 43},
        lambda r: r.counts["seal_1420"] / 1420,
    ),
    Goal(
        "seal 64 B", "instructions", {"rv32": 5000, "xtensa": 5000}, lambda r: r.counts["seal_64"]
    ),
    Goal(
        "X25519",
        "instructions",
        {"rv32": 2_200_000, "xtensa": 2_800_000},
        lambda r: r.counts["x25519"],
    ),
    Goal(
        "code of all primitives",
        "bytes",
        {"rv32": 10 * 1024},
        lambda r: sum(r.code[name] for name in PRIMITIVES),
    ),
    Goal("open 1420 B", "instructions/byte", {}, lambda r: r.counts["open_1420"] / 1420),
    Goal("seal 256 B", "instructions", {}, lambda r: r.counts["seal_256"]),
    Goal("open 256 B", "instructions", {}, lambda r: r.counts["open_256"]),
    Goal("open 64 B", "instructions", {}, lambda r: r.counts["open_64"]),
    Goal("ChaCha20 1408 B", "instructions/byte", {}, lambda r: r.counts["chacha20_1408"] / 1408),
    Goal("Poly1305 1408 B", "instructions/byte", {}, lambda r: r.counts["poly1305_1408"] / 1408),
    Goal("BLAKE2s 64 B", "instructions", {}, lambda r: r.counts["blake2s_64"]),
    Goal(
        "full shape of a packet, sent",
        "instructions",
        SHAPE_MAX,
        lambda r: r.counts[f"wrap_{SHAPED}"] / SHAPED,
    ),
    Goal(
        "full shape of a packet, received",
        "instructions",
        SHAPE_MAX,
        lambda r: r.counts[f"unwrap_{SHAPED}"] / SHAPED,
    ),
)


def measure(targets: Sequence[str] = ("rv32", "xtensa")) -> list[dict[str, Any]]:
    """Build, check and count on each target; one JSON-ready dictionary for each.

    "figures" in it has an entry for each of GOALS: name, unit, value and limit (None: no target).
    """
    packages.ensure("boards")
    return [_as_dictionary(_TARGETS[target]()) for target in targets]


def report(measured: Sequence[Mapping[str, Any]]) -> str:
    """A table of what was measured, beside the targets."""
    lines = ["| work | unit |" + "".join(f" {m['target']} | target |" for m in measured)]
    lines.append("| --- | --- |" + " ---: | ---: |" * len(measured))
    for row in range(len(GOALS)):
        figures = [m["figures"][row] for m in measured]
        cells = "".join(f" {_number(f['value'])} | {_limit(f)} |" for f in figures)
        lines.append(f"| {figures[0]['name']} | {figures[0]['unit']} |{cells}")
    for m in measured:
        sizes = ", ".join(f"{name} {size}" for name, size in m["code"].items())
        lines.append(
            f"{m['target']} ({m['compiler']}): code {sizes}; tables {sum(m['constants'].values())}."
        )
        lines += [f"{m['target']}: {note}" for note in m["notes"]]
    return "\n".join(lines)


def compile_primitive(target: str, name: str, folder: Path) -> tuple[Path, str]:
    """Compile one primitive of the core for a target: its object in folder, and its assembly."""
    source = paths.CORE / f"wg_{name}.c"
    out = folder / f"wg_{name}.o"
    if target == "xtensa":
        xtensa.compile_c(source, out, FLAGS, (*xtensa.FEATURES, xtensa.MUL_HIGH))
    else:
        assembly = out.with_suffix(".s")
        rv32_compile(source, assembly, "-S")
        rv32_compile(assembly, out, "-c")
    return out, out.with_suffix(".s").read_text()


def _rv32() -> Result:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        core = [compile_primitive("rv32", part, folder)[0] for part in (*PRIMITIVES, *SHAPE)]
        guest = []
        for file in ("bench.c", "rv32.c", "memory.c", "rv32.S"):
            guest.append(folder / f"{file}.o")
            rv32_compile(FOLDER / file, guest[-1], "-c", *RV32_LIBRARY_FLAGS)
        # All that is in the core, with calls as short as they become: that is its size.
        whole = folder / "core.elf"
        rv32_link([*core, *guest], whole, "-Wl,--no-gc-sections")
        program = folder / "bench.elf"
        rv32_link([*core, *guest], program, "-Wl,--gc-sections")
        counts = _run([*RV32_QEMU, "-serial", "stdio", "-kernel", str(program)])
        code = {p: _code_size(whole, core[i]) for i, p in enumerate((*PRIMITIVES, *SHAPE))}
        return Result("rv32", _version(RV32_GCC), counts, code, _constants(core))


def rv32_compile(source: Path, out: Path, *flags: str) -> None:
    """Compile a file of the core, or of a guest that measures it, as firmware is compiled."""
    command = [RV32_GCC, "-march=rv32imc_zicsr", *RV32_FLAGS, *FLAGS, *flags, source, "-o", out]
    run(command, why=f"It compiles {source.name} for RV32.")


def rv32_link(objects: Sequence[Path], out: Path, *flags: str) -> None:
    """Link a guest that runs without an operating system."""
    script = FOLDER / "rv32.ld"
    march = ("-march=rv32imc", "-mabi=ilp32")
    command: list[str | Path] = [
        RV32_GCC,
        *march,
        "-nostdlib",
        "-Wl,--no-warn-rwx-segments",
        *flags,
        "-T",
        script,
    ]
    run([*command, *objects, "-lgcc", "-o", out], why="It links the bench for RV32.")


def _xtensa() -> Result:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        core = [compile_primitive("xtensa", part, folder)[0] for part in (*PRIMITIVES, *SHAPE)]
        guest = []
        for file in ("bench.c", "xtensa.c", "memory.c"):
            guest.append(folder / f"{file}.o")
            flags = (*FLAGS, *LIBRARY_FLAGS)
            xtensa.compile_c(FOLDER / file, guest[-1], flags, XTENSA_LIBRARY_FEATURES)
        guest.append(folder / "start.o")
        xtensa.assemble(FOLDER / "xtensa.s", guest[-1])
        program = folder / "bench.elf"
        xtensa.link([*core, *guest], FOLDER / "xtensa.ld", program)
        counts = _run([*XTENSA_QEMU, "-device", f"loader,file={program},cpu-num=0"])
        parts = enumerate((*PRIMITIVES, *SHAPE))
        code = {p: _sections(core[i], (".text", ".literal")) for i, p in parts}
        of_x25519, of_seal = counts["emulated_x25519"], counts["emulated_seal_1420"]
        note = (
            f"QEMU's core has no MULUH: {of_x25519} instructions of X25519 and {of_seal} of "
            "seal 1420 B were emulated and count as one each."
        )
        return Result("xtensa", _version(xtensa.CLANG), counts, code, _constants(core), [note])


_TARGETS = {"rv32": _rv32, "xtensa": _xtensa}


def _run(command: Sequence[str]) -> dict[str, int]:
    """Run the guest, compare what it computed, and return what it counted."""
    words = [*command, "-display", "none", "-monitor", "none"]
    output = run(ending_with_us(words), why="It runs the bench.")
    lines = re.findall(r"^(check|count) (\w+) (\w+)$", output, re.MULTILINE)
    checks = {name: value for kind, name, value in lines if kind == "check"}
    expected = _expected()
    wrong = [name for name in expected if checks.get(name) != expected[name]]
    if wrong:
        raise UndertowError(
            f"The emulated core computes {', '.join(wrong)} wrongly",
            f"'{command[0]}' ran it, and an independent implementation disagrees.",
            "Run the native tests; if they pass, look at the compiler.",
        )
    return {name: int(value) for kind, name, value in lines if kind == "count"}


def _expected() -> dict[str, str]:
    """What bench.c is to compute, from an independent implementation."""
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
    from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

    def filled(length: int, multiplier: int) -> bytes:
        return bytes((i * multiplier + 1) % 256 for i in range(length))

    key, nonce = filled(32, 3), bytes([0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0])
    private = X25519PrivateKey.from_private_bytes(key)
    public = X25519PublicKey.from_public_bytes(filled(32, 5))
    expected = {
        # RFC 7693, appendix B.
        "shape": _protected_header(key),
        "blake2s": "508c5e8c327c14e2e1a72ba34eeb452f37458b209ed63a294d999b4c86675982",
        "x25519": private.exchange(public).hex(),
    }
    for length in SEALED_LENGTHS:
        sealed = ChaCha20Poly1305(key).encrypt(nonce, filled(length, 7), None)
        expected[f"seal_{length}"] = hashlib.blake2s(sealed).hexdigest()
    return expected


def _protected_header(key: bytes) -> str:
    """A header of data under AmneziaWG's header protection."""
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms

    nonce = bytes(4) + bytes(range(0x40, 0x4C))  # the block's counter comes first there
    header = bytes.fromhex("04000000ddccbbaa0700000000000000")
    return Cipher(algorithms.ChaCha20(key, nonce), None).encryptor().update(header).hex()


def _code_size(program: Path, core: Path) -> int:
    """Bytes that the functions of an object have in the linked program."""
    wanted = _functions(core, core.stem)
    return sum(size for name, size in _functions(program, core.stem).items() if name in wanted)


def _functions(elf: Path, file: str) -> dict[str, int]:
    """The functions of an ELF file with their sizes; static ones only of this source file."""
    from elftools.elf.elffile import ELFFile
    from elftools.elf.sections import SymbolTableSection

    found = {}
    current = None
    with elf.open("rb") as stream:
        table = ELFFile(stream).get_section_by_name(".symtab")
        assert isinstance(table, SymbolTableSection)
        for symbol in table.iter_symbols():
            kind, local = symbol["st_info"]["type"], symbol["st_info"]["bind"] == "STB_LOCAL"
            if kind == "STT_FILE":
                current = Path(symbol.name).stem
            elif (
                kind == "STT_FUNC"
                and symbol["st_shndx"] != "SHN_UNDEF"
                and (not local or current == file)
            ):
                found[symbol.name] = int(symbol["st_size"])
    return found


def _constants(core: Sequence[Path]) -> dict[str, int]:
    parts = enumerate((*PRIMITIVES, *SHAPE))
    return {p: _sections(core[i], (".rodata", ".srodata")) for i, p in parts}


def _sections(elf: Path, prefixes: tuple[str, ...]) -> int:
    from elftools.elf.elffile import ELFFile

    with elf.open("rb") as stream:
        sections = ELFFile(stream).iter_sections()
        return sum(int(s["sh_size"]) for s in sections if s.name.startswith(prefixes))


def _version(compiler: str) -> str:
    return run([compiler, "--version"], why="It says which compiler measured.").splitlines()[0]


def _as_dictionary(result: Result) -> dict[str, Any]:
    figures = [
        {
            "name": goal.name,
            "unit": goal.unit,
            "value": goal.reached(result),
            "limit": goal.limits.get(result.target),
        }
        for goal in GOALS
    ]
    raw = {
        "counts": dict(result.counts),
        "code": dict(result.code),
        "constants": dict(result.constants),
    }
    head = {"target": result.target, "compiler": result.compiler, "notes": list(result.notes)}
    return {**head, "figures": figures, **raw}


def _number(value: float) -> str:
    return f"{value:.1f}" if isinstance(value, float) else f"{value:,}"


def _limit(figure: Mapping[str, Any]) -> str:
    if figure["limit"] is None:
        return ""
    return f"<= {figure['limit']:,}" + ("" if figure["value"] <= figure["limit"] else " missed")


if __name__ == "__main__":
    found = measure()
    print(report(found))
    print(json.dumps(found))

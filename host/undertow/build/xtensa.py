"""Windowed Xtensa, the ESP32's instruction set, from Debian's packages: clang, llvm-mc and GNU ld.

clang's own assembler places literals at odd addresses and computes some L32R offsets wrongly
(LLVM 22), so that each file goes through assembly: the literals of a function move to a section of
their own in front of it, and the linker resolves what refers to them.
"""

import re
from collections.abc import Sequence
from pathlib import Path

from undertow.run import run

CLANG = "clang-22"
ASSEMBLER = "llvm-mc-22"
LINKER = "xtensa-lx106-elf-ld"
TRIPLE = "xtensa-esp-elf"

# What QEMU's windowed cores have in common with the ESP32, as clang's names.
FEATURES = (
    *("density", "windowed", "mul16", "mul32", "nsa", "sext", "minmax", "loop", "bool", "s32c1i"),
    *("div32", "mac16", "clamps", "threadptr", "exception", "miscsr"),
)
# The ESP32's MULUH and MULSH, which no windowed core of QEMU has.
MUL_HIGH = "mul32high"

_LITERAL = re.compile(r"\s*\.literal\s+([^,]+),(.*)")
_FUNCTION = re.compile(r"\s*\.type\s+([\w.$]+),@function")
_TEXT = re.compile(r"\s*(\.section\s+\.text|\.text)")


def compile_c(
    source: Path, out: Path, flags: Sequence[str | Path] = (), features: Sequence[str] = FEATURES
) -> None:
    """Compile a C file to an object; leaves its assembly beside it, as out with the suffix .s."""
    chosen = [
        word for name in features for word in ("-Xclang", "-target-feature", "-Xclang", f"+{name}")
    ]
    assembly = out.with_suffix(".s")
    command: list[str | Path] = [CLANG, f"--target={TRIPLE}", "-mcpu=generic", *chosen]
    # A frame pointer costs the windowed ABI its sixth argument. The compiler does not say by itself
    # which ABI it uses.
    command += ["-fomit-frame-pointer", "-D__XTENSA_WINDOWED_ABI__=1", "-nostdlibinc"]
    run(
        [*command, *flags, "-S", source, "-o", assembly],
        why=f"It compiles {source.name} for Xtensa.",
    )
    assembly.write_text(separate_literals(assembly.read_text()))
    assemble(assembly, out)


def assemble(source: Path, out: Path) -> None:
    """Assemble a file that llvm-mc understands to an object."""
    command: list[str | Path] = [ASSEMBLER, f"--triple={TRIPLE}", "-mcpu=esp32", "-filetype=obj"]
    run([*command, source, "-o", out], why=f"It assembles {source.name} for Xtensa.")


def link(objects: Sequence[Path], script: Path, out: Path) -> None:
    """Link objects to an ELF file; what nothing refers to is left out."""
    # The ld for the ESP8266 also links windowed code, as long as it does not try to relax calls.
    command: list[str | Path] = [LINKER, "--no-relax", "--gc-sections", "-T", script]
    run([*command, *objects, "-o", out], why=f"It links {out.name} for Xtensa.")


def separate_literals(assembly: str) -> str:
    """Move each function's literals to an aligned section `.literal.FUNCTION` in front of it."""
    out: list[str] = []
    literals: list[tuple[str, str]] = []
    for line in assembly.splitlines():
        if line.strip().startswith(".literal_position"):
            continue
        literal = _LITERAL.match(line)
        if literal:
            literals.append((literal[1].strip(), literal[2].strip()))
            continue
        function = _FUNCTION.match(line)
        if function and literals:
            place = max(i for i, text in enumerate(out) if _TEXT.match(text))
            section = f'\t.section .literal.{function[1]},"ax",@progbits'
            out[place:place] = [
                section,
                "\t.p2align 2",
                *(f"{n}:\n\t.long {v}" for n, v in literals),
            ]
            literals = []
        out.append(line)
    if literals:
        raise ValueError(f"literals without a function: {literals}")
    return "\n".join(out) + "\n"

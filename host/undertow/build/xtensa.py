"""Windowed Xtensa, the ESP32's instruction set, from Debian's packages: clang, llvm-mc and GNU ld.

What is peculiar about compiling for it is in xtensa_cc.py.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

from undertow.build import xtensa_cc
from undertow.build.xtensa_cc import CLANG, FEATURES
from undertow.run import run

__all__ = ["CLANG", "FEATURES", "MUL_HIGH", "assemble", "compile_c", "link", "wrapper"]

LINKER = "xtensa-lx106-elf-ld"

# The ESP32's MULUH and MULSH, which no windowed core of QEMU has.
MUL_HIGH = "mul32high"


def compile_c(
    source: Path, out: Path, flags: Sequence[str | Path] = (), features: Sequence[str] = FEATURES
) -> None:
    """Compile a C file to an object; leaves its assembly beside it, as out with the suffix .s."""
    assembly = out.with_suffix(".s")
    run(
        [*xtensa_cc.compiler(features), *flags, "-S", source, "-o", assembly],
        why=f"It compiles {source.name} for Xtensa.",
    )
    assembly.write_text(xtensa_cc.separate_literals(assembly.read_text()))
    assemble(assembly, out)


def assemble(source: Path, out: Path) -> None:
    """Assemble a file that llvm-mc understands to an object."""
    run([*xtensa_cc.assembler(), source, "-o", out], why=f"It assembles {source.name} for Xtensa.")


def link(objects: Sequence[Path], script: Path, out: Path) -> None:
    """Link objects to an ELF file; what nothing refers to is left out."""
    # The ld for the ESP8266 also links windowed code, as long as it does not try to relax calls.
    command: list[str | Path] = [LINKER, "--no-relax", "--gc-sections", "-T", script]
    run([*command, *objects, "-o", out], why=f"It links {out.name} for Xtensa.")


def wrapper() -> str:
    """The command that make calls as its C compiler."""
    # Without the site's packages it starts in half the time.
    return f"{sys.executable} -I -S {xtensa_cc.__file__}"

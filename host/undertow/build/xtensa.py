"""Windowed Xtensa, the ESP32's instruction set, from Debian's packages: clang, llvm-mc and GNU ld.

What is peculiar about compiling for it is in xtensa_cc.py.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

from undertow import paths
from undertow.build import xtensa_cc
from undertow.build.xtensa_cc import CLANG, FEATURES
from undertow.run import run

__all__ = ["CLANG", "FEATURES", "MUL_HIGH", "assemble", "compile_c", "link", "variables"]

# The ESP32's MULUH and MULSH, which no windowed core of QEMU has.
MUL_HIGH = "mul32high"

# A C library's headers. None is packaged for windowed Xtensa; in these the compiler says
# what the types are, and what is the processor's own (setjmp.h) a port brings itself.
C_HEADERS = Path("/usr/lib/picolibc/riscv64-unknown-elf/include")

BOARD = paths.PORTS / "virt_xtensa"


def compile_c(
    source: Path, out: Path, flags: Sequence[str | Path] = (), features: Sequence[str] = FEATURES
) -> None:
    """Compile a C file to an object; leaves its assembly beside it, as out with the suffix .s."""
    assembly = out.with_suffix(".s")
    run(
        [*xtensa_cc.compiler(features), *flags, "-S", source, "-o", assembly],
        why=f"It compiles {source.name} for Xtensa.",
    )
    assembly.write_text(xtensa_cc.prepare(assembly.read_text()))
    assemble(assembly, out)


def assemble(source: Path, out: Path) -> None:
    """Assemble a file that llvm-mc understands to an object; it may include parts of the board."""
    command: list[str | Path] = [*xtensa_cc.assembler(), "-I", BOARD, source, "-o", out]
    run(command, why=f"It assembles {source.name} for Xtensa.")


def link(objects: Sequence[Path], script: Path, out: Path) -> None:
    """Link objects to an ELF file; what nothing refers to is left out."""
    command: list[str | Path] = [*xtensa_cc.linker(), "-T", script]
    run([*command, *objects, "-o", out], why=f"It links {out.name} for Xtensa.")


def variables() -> dict[str, str]:
    """What a Makefile of MicroPython's is told to compile for Xtensa."""
    # Without the site's packages Python starts in half the time.
    return {
        "XTENSA_CC": f"{sys.executable} -I -S {xtensa_cc.__file__}",
        "C_HEADERS": str(C_HEADERS),
    }

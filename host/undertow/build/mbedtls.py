"""Mbed TLS as an archive, once for each processor: what firmware/native/carrier/tls names of it.

The archive keeps its name and changes only when its sources, settings or compiler's options do, so
that what is linked with it is linked anew just then.
"""

import hashlib
import os
import shutil
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from undertow import paths, progress
from undertow.build import xtensa, xtensa_cc
from undertow.run import run
from undertow.setup import Tree, packages

SETTINGS = (paths.TLS / "cr_mbedtls.h", paths.TLS / "cr_psa.h")
SOURCES = paths.TLS / "mbedtls_sources.txt"
BUILD = paths.BUILD / "mbedtls"

COMMON = ("-std=gnu11", "-w", "-DNDEBUG", "-ffunction-sections", "-fdata-sections")
# As a firmware that uses it has to be told, too, when it includes Mbed TLS's headers.
SMALL = "-DCR_TLS_SMALL=1"


@dataclass(frozen=True)
class Target:
    """A processor: its compiler with its options, `ar`, and how all but the fast files are."""

    compiler: tuple[str, ...]
    archiver: str
    size: str
    packages: str


def _targets() -> dict[str, Target]:
    rv32 = (
        *("riscv64-unknown-elf-gcc", "-march=rv32imac_zicsr", "-mabi=ilp32"),
        *("--specs=picolibc.specs", "-msmall-data-limit=0", SMALL),
    )
    script = [sys.executable, "-I", "-S", xtensa_cc.__file__]
    board = paths.PORTS / "virt_xtensa" / "include"
    lx = (*script, f"-I{board}", f"-isystem{xtensa.C_HEADERS}", "-fno-builtin-wcslen", SMALL)
    return {
        "native": Target(("gcc",), "ar", "-O2", "build"),
        # As on a board, for tests on this machine.
        "native_small": Target(("gcc", SMALL), "ar", "-O2", "build"),
        "rv32": Target(rv32, "riscv64-unknown-elf-ar", "-Os", "boards"),
        # clang takes -Os to mean less than gcc does.
        "xtensa": Target(lx, "xtensa-lx106-elf-ar", "-Oz", "boards"),
    }


def sources() -> dict[str, bool]:
    """The files of Mbed TLS's library/, and whether each packet passes them."""
    lines = (line.split("#")[0].split() for line in SOURCES.read_text().splitlines())
    return {words[0]: words[1:] == ["fast"] for words in lines if words}


def includes(tree: Tree, settings: str = SETTINGS[0].name) -> list[str]:
    """What a compiler is told for a file that includes Mbed TLS's headers."""
    folder = tree.folder / "lib" / "mbedtls"
    return [
        f"-I{paths.TLS}",
        f"-isystem{folder / 'include'}",
        f"-isystem{folder / 'library'}",
        f'-DMBEDTLS_CONFIG_FILE="{settings}"',
    ]


def archive(name: str, tree: Tree) -> Path:
    """Bring an archive (native, native_small, rv32, xtensa) up to date; its place."""
    target = _targets()[name]
    packages.ensure(target.packages)
    made = BUILD / name / "libmbedtls.a"
    note = made.with_name("made-of")
    with paths.locked(BUILD / f"{name}.lock"):
        digest = _digest(tree, target)
        if made.exists() and note.exists() and note.read_text() == digest:
            return made
        made.parent.mkdir(parents=True, exist_ok=True)
        title = f"Building Mbed TLS ({name})"
        with tempfile.TemporaryDirectory(dir=made.parent) as place, progress.quiet_step(title):
            folder = Path(place)
            with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
                wanted = sources().items()
                objects = list(pool.map(lambda it: _compile(it, target, tree, folder), wanted))
            draft = folder / made.name
            run([target.archiver, "rcsD", draft, *objects], why="It keeps Mbed TLS's objects.")
            shutil.move(draft, made)
        note.write_text(digest)
    return made


def settings(name: str, tree: Tree) -> dict[str, str]:
    """Make's variables for a firmware that is linked with it (native/mpy/micropython.mk)."""
    return {
        "MBEDTLS_LIB": str(archive(name, tree)),
        "MBEDTLS_INCLUDE": str(tree.folder / "lib" / "mbedtls" / "include"),
    }


def _compile(wanted: tuple[str, bool], target: Target, tree: Tree, folder: Path) -> Path:
    source, is_fast = wanted
    library = tree.folder / "lib" / "mbedtls" / "library"
    made = folder / source.replace(".c", ".o")
    command: list[str | Path] = [*target.compiler, *_options(target, is_fast), *includes(tree)]
    command += [f"-I{library}", f"-I{paths.CARRIER}", "-c", library / source, "-o", made]
    run(command, why=f"It compiles {source} of Mbed TLS.")
    return made


def _options(target: Target, is_fast: bool) -> Sequence[str]:
    return [*COMMON, "-O2" if is_fast else target.size]


def _digest(tree: Tree, target: Target) -> str:
    library = tree.folder / "lib" / "mbedtls"
    parts = [
        repr(target),
        repr(COMMON),
        str(library.resolve()),
        *(file.read_text() for file in SETTINGS),
        SOURCES.read_text(),
        Path(xtensa_cc.__file__).read_text(),
        # A tree of the user's own may change under its name.
        *(f"{name} {(library / 'library' / name).stat().st_mtime_ns}" for name in sources()),
    ]
    return hashlib.blake2s("\0".join(parts).encode()).hexdigest()

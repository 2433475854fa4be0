"""Builds `_wg`, the C core as a module of CPython; everything else is in pyproject.toml."""

import os
import platform
from pathlib import Path

from setuptools import Extension, setup
from setuptools.command.build_py import build_py

NATIVE = Path("firmware/native")
# Where the wide variants of the cryptography apply.
WIDE_MACHINES = ("x86_64", "AMD64", "aarch64", "arm64")


def listed(folder: str) -> list[list[str]]:
    """The words of each line of a folder's list of sources, which every other build reads too."""
    lines = (NATIVE / folder / "sources.txt").read_text().splitlines()
    return [words for line in lines if (words := line.split("#")[0].split())]


def core_sources() -> list[str]:
    """The C core, with wide variants of its files where this machine has the registers."""
    replaced = {}
    if platform.machine() in WIDE_MACHINES:
        replaced = {portable: f"vector/{wide}" for wide, portable in listed("vector")}
    return [str(NATIVE / replaced.get(name, f"core/{name}")) for (name,) in listed("core")]


def extension() -> Extension:
    """The core, the module's functions, and CPython's side of them."""
    binding = [str(NATIVE / "binding" / name) for (name,) in listed("binding")]
    headers = [str(header) for header in sorted(NATIVE.glob("*/*.h"))]
    return Extension(
        "_wg",
        sources=[*core_sources(), *binding, str(NATIVE / "cpython/modwg.c")],
        # The lists too: a file that is new there must be compiled.
        depends=[
            *headers,
            *(str(NATIVE / folder / "sources.txt") for folder in ("core", "vector", "binding")),
        ],
        include_dirs=[str(NATIVE / "core"), str(NATIVE / "binding")],
        define_macros=[("WG_KEY_EXPORT", "1")],
        extra_compile_args=["-std=c11", "-O3", "-Wall", "-Wextra"],
    )


class BuildWithStubs(build_py):
    """Installs what type checkers read about `_wg` as the package `_wg-stubs` (PEP 561), and the
    descriptions of boards, which are in hardware/ here (undertow.hardware.facts)."""

    def run(self) -> None:
        super().run()
        if self.editable_mode:
            return
        self._install("firmware/stubs/_wg.pyi", "_wg-stubs", "__init__.pyi")
        for kind in ("boards", "socs"):
            for path in sorted(Path("hardware", kind).glob("*.toml")):
                self._install(str(path), f"undertow/hardware/descriptions/{kind}", path.name)

    def _install(self, source: str, folder: str, name: str) -> None:
        to = Path(self.build_lib) / folder
        to.mkdir(parents=True, exist_ok=True)
        self.copy_file(source, str(to / name))


# ./invoke sets up the environment without it, so that an error in C does not take the tasks away.
wanted = [] if os.environ.get("UNDERTOW_WITHOUT_EXTENSION") else [extension()]
setup(ext_modules=wanted, cmdclass={"build_py": BuildWithStubs})

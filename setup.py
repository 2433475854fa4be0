"""Builds `_wg`, the C core as a module of CPython; everything else is in pyproject.toml."""

from pathlib import Path

from setuptools import Extension, setup

NATIVE = Path("firmware/native")


def core_sources() -> list[str]:
    """The C core's files: the list that every other build reads too."""
    listed = NATIVE / "core/sources.txt"
    lines = listed.read_text().splitlines() if listed.exists() else []
    names = (line.split("#")[0].strip() for line in lines)
    return [str(NATIVE / "core" / name) for name in names if name]


def extensions() -> list[Extension]:
    bindings = sorted((NATIVE / "cpython").glob("*.c"))
    if not bindings:
        return []
    return [
        Extension(
            "_wg",
            sources=[*core_sources(), *map(str, bindings)],
            depends=[
                *map(str, sorted(NATIVE.glob("core/*.h"))),
                *map(str, sorted(NATIVE.glob("cpython/*.h"))),
            ],
            include_dirs=[str(NATIVE / "core")],
            extra_compile_args=["-std=c11", "-O3", "-Wall", "-Wextra"],
        )
    ]


setup(ext_modules=extensions())

"""Building: undertow-unix, `_wg` for this Python, and the RV32 firmware that runs the tests."""

from pathlib import Path

from undertow.build import cpython, rv32, unix
from undertow.errors import UndertowError

TARGETS = {"unix": unix.build, "cpython": cpython.build, "rv32": rv32.build}


def build(*names: str) -> dict[str, Path]:
    """Bring targets up to date by their names, "all" is each of them; what they built."""
    wanted = list(TARGETS) if "all" in names else list(names)
    for name in wanted:
        if name not in TARGETS:
            raise UndertowError(
                f"There is no target '{name}'",
                "A target is a program that is built from this checkout.",
                f"The targets are: {', '.join(TARGETS)}, all.",
                exit_code=2,
            )
    return {name: TARGETS[name]() for name in wanted}

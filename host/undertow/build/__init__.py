"""Building: undertow-unix, `_wg` for this Python, the tests' RV32 firmware, the boards."""

from collections.abc import Callable
from pathlib import Path

from undertow.build import cpython, rv32, unix, virt
from undertow.errors import UndertowError

TARGETS: dict[str, Callable[[], Path]] = {
    "unix": unix.build,
    "cpython": cpython.build,
    "rv32": rv32.build,
    **virt.targets(),
}


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

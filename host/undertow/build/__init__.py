"""Building: undertow-unix, `_wg` for this Python, the tests' RV32 firmware, the boards."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

from undertow.build import cpython, esp32_check, rv32, unix, virt
from undertow.errors import UndertowError

TARGETS: dict[str, Callable[[], Path]] = {
    "unix": unix.build,
    "cpython": cpython.build,
    "rv32": rv32.build,
    **virt.targets(),
    "esp32_check": esp32_check.build,
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
    return {name: _built(name) for name in wanted}


@cache
def _built(name: str) -> Path:
    """Once in a run: in `flash provision verify` each task would look at everything anew."""
    return TARGETS[name]()

"""Building: undertow-unix, `_wg` for this Python, and the RV32 firmware that runs the tests."""

from undertow import progress
from undertow.build import cpython, rv32, unix
from undertow.errors import UndertowError

TARGETS = {"unix": unix.build, "cpython": cpython.build, "rv32": rv32.build}


def build(*names: str) -> None:
    """Bring targets up to date by their names; "all" is each of them."""
    wanted = list(TARGETS) if "all" in names else list(names)
    for name in wanted:
        if name not in TARGETS:
            raise UndertowError(
                f"There is no target '{name}'",
                "A target is a program that is built from this checkout.",
                f"The targets are: {', '.join(TARGETS)}, all.",
                exit_code=2,
            )
    for name in wanted:
        progress.say(f"{name}: {TARGETS[name]()}")

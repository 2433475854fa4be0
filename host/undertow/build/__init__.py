"""Building: undertow-unix, `_wg` for this Python, and the RV32 firmware that runs the tests."""

from undertow.build import cpython, rv32, unix

TARGETS = {"unix": unix.build, "cpython": cpython.build, "rv32": rv32.build}

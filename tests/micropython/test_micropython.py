"""MicroPython's own tests pass on the emulated boards: one outcome for each board and file."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.micropython.runs import Run, files

from undertow.build import virt

GENERATES_NO_CODE = "the boards generate no machine code"
LEFT_OUT = "run-tests.py leaves it out on every board"

# What may be skipped, and why; a test that is skipped and not named here fails.
SKIPPED = {
    r"basics/builtin_range_binop": "the boards do not compare ranges",
    r"basics/class_inplace_op2": "the boards have not all special methods for inplace operators",
    r"basics/exception_chain": LEFT_OUT,
    r"basics/fun_code": "functions on the boards do not show their code",
    r"basics/io_buffered_writer": "the boards have no io.BufferedWriter",
    r"basics/memoryview_itemsize": "memoryviews on the boards have no itemsize",
    r"basics/namedtuple_asdict": "namedtuples on the boards have no _asdict()",
    r"basics/nanbox_smallint": "the boards do not keep numbers in NaNs",
    r"basics/subclass_native_call": "the boards have no module machine",
    r"basics/sys_getsizeof": "the boards have no sys.getsizeof()",
    r"basics/sys_path": "it is for tests that are run as files",
    r"basics/sys_tracebacklimit": "the boards have no sys.tracebacklimit",
    r"micropython/heap_locked": "the boards have no micropython.heap_locked()",
    r"micropython/import_mpy_native": GENERATES_NO_CODE,
    r"micropython/meminfo": LEFT_OUT,
    r"micropython/(native|viper)_": GENERATES_NO_CODE,
    r"micropython/ringio_async": "the boards have no asyncio",
}


@pytest.fixture(scope="module")
def runs(request: pytest.FixtureRequest) -> Iterator[dict[str, Run]]:
    """The runs of all boards that are asked for, at the same time."""
    wanted = {item.callspec.params["board"] for item in request.session.items if here(item)}
    begun = {board: Run(board) for board in sorted(wanted)}
    yield begun
    for run in begun.values():
        run.end()


def here(item: pytest.Item) -> bool:
    return item.path == Path(__file__)


def reason_to_skip(file: str) -> str | None:
    return next((why for pattern, why in SKIPPED.items() if re.match(pattern, file)), None)


@pytest.mark.parametrize("file", files())
@pytest.mark.parametrize("board", virt.BOARDS)
def test_micropython_passes_its_own_test(runs: dict[str, Run], board: str, file: str) -> None:
    outcome = runs[board].outcome(file)
    why = reason_to_skip(file)
    if outcome == "skip" and why is not None:
        pytest.skip(f"{board}: {why}")
    assert outcome == "pass", f"{outcome or 'not run'}\n{runs[board].complaint(file)}"

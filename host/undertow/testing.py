"""Running the portable tests inside MicroPython, and what came of each.

`names()` reads a test file without importing it; `on_unix()` and `on_rv32()` run it and return an
outcome for each test.
"""

import ast
import json
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from undertow import paths, romfs
from undertow.errors import UndertowError
from undertow.run import ending_with_us

MARK = "@@ "
TIMEOUT_S = 240
SUPPORT = paths.TESTS / "support" / "micropython"
# The packages of firmware/lib, whose tests run on every target.
SHARED = ("wg", "ut1", "dhcp", "pairing", "improv", "carrier")
# What of the device program needs no board, or one in memory (tests/support/board.py).
BOARDLESS = (
    "box/test_documents.py",
    "box/test_state.py",
    "box/test_console.py",
    "box/test_kept.py",
    "box/test_pairing.py",
    "box/test_improv.py",
    "box/test_flash.py",
    "box/test_uplink.py",
    "box/test_lan.py",
    "box/test_board.py",
    "box/test_store.py",
    "box/test_climb_board.py",
    "box/test_doctor.py",
)

# What ports/esp32 has beside the device program; its tests run on the unix port too.
ESP32 = paths.PORTS / "esp32" / "modules"

# Where QEMU puts the image with the tests: behind the firmware's own memory (rv32_test/virt.ld).
IMAGE_ADDRESS = 0x8400_0000
MEMORY = "128M"


@dataclass(frozen=True)
class Outcome:
    """What one test came to: "passed", "failed" or "skipped", and the traceback or the reason."""

    outcome: str
    text: str = ""


def portable_files() -> list[Path]:
    """The test files that every target runs: the shared packages', and the contract of `_wg`."""
    shared = (f for package in SHARED for f in paths.TESTS.glob(f"{package}/test_*.py"))
    boardless = (paths.TESTS / file for file in BOARDLESS)
    return sorted([*shared, *boardless, *paths.TESTS.glob("contract/test_contract_*.py")])


def names(file: Path) -> list[str]:
    """The tests of a file as `Class.test`, from its text; inherited ones too, within the file."""
    classes = {n.name: n for n in ast.parse(file.read_text()).body if isinstance(n, ast.ClassDef)}

    def tests_of(name: str) -> set[str]:
        own = {
            item.name
            for item in classes[name].body
            if isinstance(item, ast.FunctionDef) and item.name.startswith("test")
        }
        bases = [base.id for base in classes[name].bases if isinstance(base, ast.Name)]
        return own.union(*(tests_of(base) for base in bases if base in classes))

    def is_case(name: str) -> bool:
        bases = [ast.unparse(base) for base in classes[name].bases]
        return any(b.endswith("TestCase") or (b in classes and is_case(b)) for b in bases)

    return [
        f"{name}.{test}"
        for name in sorted(classes)
        if is_case(name) and not name.startswith("_")
        for test in sorted(tests_of(name))
    ]


def module_name(file: Path) -> str:
    """The dotted name under which a target imports a test file."""
    return ".".join(file.relative_to(paths.ROOT).with_suffix("").parts)


@cache
def on_unix(file: Path) -> Mapping[str, Outcome]:
    """Run a test file on the unix port."""
    process = subprocess.run(
        [
            paths.UNIX_PROGRAM,
            "--micropython",
            "-X",
            "heapsize=64M",
            SUPPORT / "run_tests.py",
            module_name(file),
        ],
        env={"MICROPYPATH": f".frozen:{SUPPORT}:{paths.ROOT}:{paths.FIRMWARE / 'lib'}:{ESP32}"},
        capture_output=True,
        text=True,
        errors="replace",
        timeout=TIMEOUT_S,
        check=False,
    )
    said = process.stdout + process.stderr
    return _outcomes(said, f"undertow-unix ended with status {process.returncode}")


@cache
def on_rv32(file: Path, packages: Path | None = None) -> Mapping[str, Outcome]:
    """Run a test file on bare RV32: one boot of the firmware in QEMU.

    packages: a folder with packages that are used in place of those in the firmware.
    """
    content = _image_bytes(packages)
    script = f"""
import sys, uctypes, vfs
vfs.mount(vfs.VfsRom(uctypes.bytearray_at({IMAGE_ADDRESS:#x}, {len(content)})), "/rom")
sys.path[:] = ["/rom/packages", ".frozen", "/rom/tests/support/micropython", "/rom"]
import run_tests
from tests.support import vectors
vectors.FROZEN = run_tests.RomVectors()
run_tests.run({module_name(file)!r})
"""
    with tempfile.TemporaryDirectory() as folder:
        image = Path(folder) / "tests.romfs"
        image.write_bytes(content)
        command: list[str | Path] = [
            *("qemu-system-riscv32", "-machine", "virt", "-m", MEMORY, "-bios", "none"),
            *("-display", "none", "-monitor", "none", "-serial", "stdio", "-semihosting"),
            *("-device", f"loader,file={image},addr={IMAGE_ADDRESS:#x},force-raw=on"),
            *("-kernel", paths.RV32_FIRMWARE),
        ]
        return _outcomes(*_converse(command, script))


def check(outcomes: Mapping[str, Outcome], name: str) -> None:
    """Pass, skip or fail a pytest test by what its twin on the target came to."""
    import pytest

    run = outcomes.get(name) or outcomes.get("import") or outcomes.get("the run")
    if run is None:
        pytest.fail(f"the target did not run {name}", pytrace=False)
    if run.outcome == "skipped":
        pytest.skip(run.text)
    if run.outcome != "passed":
        pytest.fail(run.text, pytrace=False)


def _converse(command: list[str | Path], script: str) -> tuple[str, str]:
    """Run a script by MicroPython's raw prompt on stdin: (what it said, how it ended)."""
    if shutil.which(command[0]) is None:
        raise UndertowError(
            f"{command[0]} is not there", "It emulates the RV32 board.", "Run ./invoke setup."
        )
    process = subprocess.Popen(
        ending_with_us(command),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    assert process.stdin is not None and process.stdout is not None
    try:
        # Ctrl-A: the raw prompt; Ctrl-D: run what came.
        process.stdin.write(
            b"\x01" + script.encode() + b"\x04\x01import machine; machine.reset()\x04"
        )
        process.stdin.flush()
        said, _ = process.communicate(timeout=TIMEOUT_S)
        how = f"QEMU ended with status {process.returncode}"
    except subprocess.TimeoutExpired:
        process.kill()
        said, _ = process.communicate()
        how = f"it did not end within {TIMEOUT_S} s"
    finally:
        process.kill()
        process.wait()
    return said.decode(errors="replace").replace("\r\n", "\n"), how


@cache
def _image_bytes(packages: Path | None = None) -> bytes:
    """The tests, their support, the vectors and packages as a file system in memory."""
    files = [
        *portable_files(),
        *paths.TESTS.glob("contract/support.py"),
        *paths.TESTS.glob("dhcp/client.py"),
        *paths.TESTS.glob("carrier/websocket_server.py"),
        *paths.TESTS.glob("box/abroad*.py"),
        *paths.TESTS.glob("support/*.py"),
        *paths.TESTS.glob("support/micropython/*.py"),
        *paths.VECTORS.glob("*/*.json"),
    ]
    content = {str(f.relative_to(paths.ROOT)): f.read_bytes() for f in sorted(files)}
    if packages is not None:
        for file in sorted(packages.rglob("*.py")):
            content[f"packages/{file.relative_to(packages)}"] = file.read_bytes()
    return romfs.image(content)


def _outcomes(said: str, how: str) -> Mapping[str, Outcome]:
    """The outcomes that the runner printed, and a failed `the run` when it broke off."""
    found: dict[str, Outcome] = {}
    ended = False
    for line in said.splitlines():
        if MARK not in line:
            continue
        try:
            entry = json.loads(line.split(MARK, 1)[1])
        except ValueError:
            continue
        if "end" in entry:
            ended = True
        else:
            found[entry["test"]] = Outcome(entry["outcome"], entry["text"])
    if not ended:
        found["the run"] = Outcome("failed", f"It broke off: {how}.\n{said[-3000:]}")
    return found

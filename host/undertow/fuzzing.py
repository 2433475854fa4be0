"""Fuzz targets: replayed over their checked-in corpora by the tests, run for real by `invoke fuzz`.

A target is tests/native/fuzz/fuzz_NAME.c with LLVMFuzzerTestOneInput; its corpus is the folder
corpus/NAME beside it. A line `// with: posix` in the target links the data path on Linux,
`// with: router` the translation between LAN and tunnel, `// with: carrier` (and the data paths)
the carriers with Mbed TLS, `// with: lwip` the data path of the boards with lwIP itself.
"""

import subprocess
from collections.abc import Callable
from pathlib import Path

from undertow import native_tests
from undertow.build import mbedtls
from undertow.errors import UndertowError
from undertow.paths import (
    BUILD,
    CARRIER,
    CORE,
    LWIP,
    POSIX,
    ROUTER,
    TESTS,
    carrier_sources,
    core_sources,
    lwip_sources,
    posix_sources,
    router_sources,
)
from undertow.progress import say, step
from undertow.run import run
from undertow.setup import sources as source_trees

FOLDER = TESTS / "native" / "fuzz"
CORPUS = FOLDER / "corpus"
OUTPUT = BUILD / "fuzz"

CLANG = "clang"  # with libFuzzer, from libclang-rt-14-dev; see firmware/versions.toml
SANITIZE = "-fsanitize=address,undefined"
FLAGS = ("-std=c11", "-g", "-O1", "-Wall", "-Wextra", "-Werror", "-fno-sanitize-recover=all")
INPUT_MOST_BYTES = 4096


def targets() -> list[str]:
    """The names of all targets."""
    return [path.stem.removeprefix("fuzz_") for path in sorted(FOLDER.glob("fuzz_*.c"))]


def _compile(compiler: str, extra: list[str | Path], name: str, output: Path) -> Path:
    output.parent.mkdir(parents=True, exist_ok=True)
    target = FOLDER / f"fuzz_{name}.c"
    parts: dict[str, Callable[[], list[Path]]] = {
        "carrier": carrier_sources,
        "posix": lambda: [*posix_sources(), *carrier_sources()],
        "router": router_sources,
        "lwip": lambda: [*router_sources(), *lwip_sources(), *carrier_sources()],
    }
    text = target.read_text()
    linked = [path for part in parts if f"// with: {part}\n" in text for path in parts[part]()]
    sources = [target, *core_sources(), *linked]
    includes = [f"-I{folder}" for folder in (CORE, CARRIER, POSIX, ROUTER, LWIP, FOLDER)]
    if "// with: lwip\n" in text:
        sources += native_tests.foreign_sources()
        includes += native_tests.lwip_includes()
    archives: list[Path] = []
    if any(source.parent == CARRIER for source in linked):
        tree = source_trees.ensure()
        includes += mbedtls.includes(tree)
        archives = [mbedtls.archive("native", tree)]
    run(
        [compiler, *FLAGS, *extra, *includes, *sources, *archives, "-o", output],
        why=f"The fuzz target '{name}' is built from the core and tests/native/fuzz.",
    )
    return output


def replay(name: str) -> str:
    """Run one target over its corpus, compiled by gcc with sanitizers; what it printed."""
    # Of the objects of the native tests: each target would compile the whole core for itself.
    target, main = (FOLDER / f"{part}.c" for part in (f"fuzz_{name}", "replay_main"))
    program = native_tests.build(target, beside=[main])
    inputs = sorted((CORPUS / name).iterdir())
    return run([program, *inputs], why=f"The corpus of '{name}' shows every fault once found.")


def fuzz(name: str, seconds: int) -> int:
    """Fuzz one target; how many inputs it ran.

    New inputs stay in build/fuzz; a failing one is named in the error.
    """
    program = _compile(CLANG, [f"{SANITIZE},fuzzer"], name, OUTPUT / f"fuzz_{name}")
    found = OUTPUT / "corpus" / name
    found.mkdir(parents=True, exist_ok=True)
    (CORPUS / name).mkdir(parents=True, exist_ok=True)
    command: list[str | Path] = [
        program,
        f"-max_total_time={seconds}",
        f"-max_len={INPUT_MOST_BYTES}",
    ]
    command += ["-print_final_stats=1", f"-artifact_prefix={OUTPUT}/{name}-"]
    log = OUTPUT / f"{name}.log"
    with log.open("w") as stderr:
        status = subprocess.run([*command, found, CORPUS / name], stderr=stderr).returncode
    lines = log.read_text(errors="replace").splitlines()
    if status:
        written = [line.split()[-1] for line in lines if "Test unit written to" in line]
        raise UndertowError(
            f"The fuzz target '{name}' failed on {written[0] if written else 'an input'}",
            f"What it printed is in {log}.",
            f"Mend the fault, then add the input to {CORPUS / name} so that the tests replay it.",
        )
    executed = [line for line in lines if line.startswith("stat::number_of_executed_units")]
    return int(executed[0].split()[-1]) if executed else 0


def keep(name: str) -> int:
    """Add to the corpus what reaches new code; how many inputs it then has."""
    program = _compile(CLANG, [f"{SANITIZE},fuzzer"], name, OUTPUT / f"fuzz_{name}")
    kept = CORPUS / name
    kept.mkdir(parents=True, exist_ok=True)
    run(
        [program, "-set_cover_merge=1", kept, OUTPUT / "corpus" / name],
        why="Only inputs that reach new code are worth keeping.",
    )
    return len(list(kept.iterdir()))


def main(seconds: int, only: str | None = None, keep_found: bool = False) -> None:
    """Fuzz every target (or one), sharing the seconds between them."""
    names = targets()
    if only is not None and only not in names:
        raise UndertowError(
            f"There is no fuzz target '{only}'",
            "A target is a file tests/native/fuzz/fuzz_NAME.c.",
            f"Choose one of: {', '.join(names)}.",
        )
    chosen = [only] if only else names
    for name in chosen:
        with step(f"Fuzz {name}"):
            executed = fuzz(name, max(1, seconds // len(chosen)))
        say(f"  {executed} inputs, no fault")
        if keep_found:
            say(f"  {keep(name)} inputs in the corpus")

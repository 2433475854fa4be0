"""The packet glue of ports/esp32 as a program of this machine: with lwIP in a task of its own.

lwIP is the real one with its port to threads; of ESP-IDF there is what threads/idf.c plays.
"""

import subprocess
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

from undertow import native_tests, paths
from undertow.build import esp32_parts, mbedtls
from undertow.run import run
from undertow.setup import sources

FOLDER = paths.TESTS / "esp32" / "threads"
BUILD = paths.BUILD / "esp32_threads"
TEST = FOLDER / "test_threads.c"
# Mbed TLS as it is made for this machine has records of 16 KiB.
ARENA = "LWPATH_TLS_ARENA=65536"
# The port's files that know packets, and nothing of MicroPython.
GLUE = (
    *("clock.c", "entropy.c", "flash_blocks.c", "intake.c"),
    *("interfaces.c", "lock.c", "radio.c", "wait.c"),
)
SANITIZERS = {
    "address": ("-fsanitize=address,undefined", "-fno-sanitize-recover=all"),
    "thread": ("-fsanitize=thread",),
}
WARNINGS = ("-Wall", "-Wextra", "-Werror", "-Wno-unused-parameter")
TSAN = "halt_on_error=1 atexit_sleep_ms=0"
TIMEOUT_S = 120


@cache
def _lwip() -> Path:
    return sources.ensure().folder / "lib" / "lwip"


def _flags(sanitizer: str) -> list[str]:
    lwip = _lwip()
    ours = [
        FOLDER,
        paths.TESTS / "native",
        esp32_parts.PORT,
        *(paths.NATIVE / name for name in ("core", "router", "carrier", "lwip", "mpy")),
        esp32_parts.DECLARATIONS,
    ]
    definitions = [
        *esp32_parts.definitions("definitions.txt"),
        *esp32_parts.definitions("lwip_definitions.txt"),
    ]
    return [
        *("-std=gnu11", "-O1", "-g1", "-fno-omit-frame-pointer", *SANITIZERS[sanitizer]),
        *(f"-D{definition}" for definition in (*definitions, ARENA)),
        *(f"-I{folder}" for folder in ours),
        f"-isystem{lwip / 'src' / 'include'}",
        f"-isystem{lwip / 'contrib' / 'ports' / 'unix' / 'port' / 'include'}",
        *mbedtls.includes(sources.ensure()),
    ]


def _foreign() -> list[Path]:
    lwip = _lwip()
    listed = paths.listed_sources(native_tests.LWIP_SOURCES)
    return [
        *(lwip / "src" / file.relative_to(native_tests.LWIP_SOURCES.parent) for file in listed),
        *(lwip / "src" / "core" / "ipv6").glob("*.c"),
        lwip / "src" / "core" / "sys.c",
        lwip / "src" / "api" / "tcpip.c",
        lwip / "contrib" / "ports" / "unix" / "port" / "sys_arch.c",
    ]


OWN = (paths.LWIP, paths.CORE, paths.ROUTER, paths.CARRIER)


def build(sanitizer: str, replaced: Mapping[str, str] | None = None) -> Path:
    """The program. replaced: texts that stand in for files of ours, by their names."""
    ours = [
        *(esp32_parts.PORT / name for name in GLUE),
        *paths.core_sources(),
        *paths.router_sources(),
        *paths.lwip_sources(),
        *paths.carrier_sources(),
        FOLDER / "idf.c",
        TEST,
    ]
    foreign = _foreign()
    flags = _flags(sanitizer)
    headers = "".join(
        file.read_text()
        for folder in (
            FOLDER,
            esp32_parts.PORT,
            paths.LWIP,
            paths.CORE,
            paths.ROUTER,
            paths.CARRIER,
        )
        for file in sorted(folder.glob("*.h"))
    )

    def compile_(source: Path) -> Path:
        text = (replaced or {}).get(source.name, source.read_text())
        own = [*flags, *(("-w",) if source in foreign else WARNINGS)]
        digest = native_tests._digest(headers, text, *own)
        made = BUILD / "objects" / f"{source.stem}-{digest}.o"
        if not made.exists():
            with native_tests._atomic(made) as out:
                file = out.with_name(source.name)
                file.write_text(f'#line 1 "{source}"\n{text}')
                include = f"-I{source.parent}"
                run(
                    ["gcc", *own, include, "-c", file, "-o", out],
                    why=f"It compiles {source.name} for the board on threads.",
                )
        return made

    with ThreadPoolExecutor(2) as pool:
        objects = list(pool.map(compile_, [*ours, *foreign]))
    archives = [mbedtls.archive("native", sources.ensure())]
    program = BUILD / f"threads-{native_tests._digest(*[path.name for path in objects])}"
    if not program.exists():
        with native_tests._atomic(program) as out:
            run(
                ["gcc", *SANITIZERS[sanitizer], *objects, *archives, "-pthread", "-o", out],
                why="It links the board on threads.",
            )
    return program


def run_test(program: Path, name: str) -> str:
    """What was said of a test that failed; nothing: it passed."""
    try:
        done = subprocess.run(
            [program, name],
            capture_output=True,
            text=True,
            errors="replace",
            timeout=TIMEOUT_S,
            env={"TSAN_OPTIONS": f"{TSAN} suppressions={FOLDER / 'tsan.supp'}"},
        )
    except subprocess.TimeoutExpired:
        return f"{name} waits for ever"
    return "" if done.returncode == 0 else done.stdout + done.stderr or f"status {done.returncode}"

"""The native tests: each tests/native/test_*.c is a program with the core, under ASan and UBSan.

Objects are kept in build/native under the hash of all that went into them, so that a second run,
and a core with one line changed, compile only what is new.
"""

import hashlib
import os
import platform
import re
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from undertow import paths
from undertow.build import mbedtls
from undertow.run import run
from undertow.setup import sources

FOLDER = paths.TESTS / "native"
FUZZ = FOLDER / "fuzz"
BUILD = paths.BUILD / "native"
OBJECTS = BUILD / "objects"
WIDE = paths.NATIVE / "vector"

COMPILER = "gcc"
SANITIZERS = ("-fsanitize=address,undefined", "-fno-sanitize-recover=all")
FLAGS = (
    # Lines and functions, which a sanitizer names; types and variables take a tenth of the time.
    *("-std=c11", "-O1", "-g1", "-fno-omit-frame-pointer", *SANITIZERS),
    *("-Wall", "-Wextra", "-Werror", "-Wshadow", "-Wconversion", "-Wstrict-prototypes"),
    f"-I{paths.CORE}",
    f"-I{paths.POSIX}",
    f"-I{paths.CARRIER}",
    f"-I{paths.ROUTER}",
    f"-I{paths.LWIP}",
    f"-I{WIDE}",
    f"-I{FOLDER}",
)
# lwIP with the boards' settings; what it is warned of is not ours to mend.
LWIP_SETTINGS = FOLDER / "lwip"
LWIP_SOURCES = paths.PORTS / "virt" / "lwip_sources.txt"
WIDE_MACHINES = ("x86_64", "aarch64")
PARALLEL = 2
TIMEOUT_S = 120

TEST = re.compile(r"^TEST\((\w+)\)", re.MULTILINE)
OWN_FLAGS = re.compile(r"^// flags: (.*)$", re.MULTILINE)
WITH = re.compile(r"^// with: (carrier|posix|router|lwip)$", re.MULTILINE)
# With each of these come the carriers, and Mbed TLS.
WITH_CARRIER = {"carrier", "posix", "lwip"}
INCLUDED_TEST = re.compile(r'^#include "(test_\w+\.c)"', re.MULTILINE)


def test_files() -> list[Path]:
    """Every native test file."""
    return sorted(FOLDER.glob("test_*.c"))


def test_names(source: Path) -> list[str]:
    """The tests of a file, also of a test file that it includes."""
    text = source.read_text()
    included = [test_names(source.parent / name) for name in INCLUDED_TEST.findall(text)]
    return [name for names in included for name in names] + TEST.findall(text)


def wide_substitutes() -> dict[Path, Path]:
    """The files for 64-bit machines with wide registers, by the file of the core each stands for.

    Empty on other machines.
    """
    if platform.machine() not in WIDE_MACHINES:
        return {}
    lines = (line.split("#")[0].split() for line in (WIDE / "sources.txt").read_text().splitlines())
    return {paths.CORE / words[1]: WIDE / words[0] for words in lines if words}


@cache
def built(test: Path, wide: bool = False) -> Path:
    """The program of a test file with the core as it is; looked at once in a run."""
    return build(test, wide=wide)


def build(
    test: Path,
    replaced: Mapping[str, str] | None = None,
    wide: bool = False,
    beside: Sequence[Path] = (),
) -> Path:
    """Compile a test file and the core, and link them; the program.

    replaced: texts that stand in for files of the core or of what is linked, by their names.
    wide: with the files for wide registers in place of those of the core.
    beside: other files of the test.
    A line `// flags: -DNAME` in the test file goes to the compiler for that file and for the core.
    A line `// with: posix` links the data path on Linux, too, `// with: router` the translation
    between LAN and tunnel, `// with: lwip` that and the data path of the boards, with lwIP itself,
    `// with: carrier` (and both data paths) the carriers with Mbed TLS.
    """
    own = [word for line in OWN_FLAGS.findall(test.read_text()) for word in line.split()]
    wanted = WITH.findall(test.read_text())
    parts: dict[str, Callable[[], list[Path]]] = {
        "carrier": paths.carrier_sources,
        "posix": lambda: [*paths.posix_sources(), *paths.carrier_sources()],
        "router": paths.router_sources,
        "lwip": lambda: [
            *paths.router_sources(),
            *paths.lwip_sources(),
            *paths.carrier_sources(),
        ],
    }
    linked = [path for name in wanted for path in parts[name]()]
    foreign: list[Path] = []
    told = [test] if "carrier" in wanted else []  # where Mbed TLS's headers are
    if "lwip" in wanted:
        own += lwip_includes()
        foreign = foreign_sources()
    substitutes = wide_substitutes() if wide else {}
    core = [substitutes.get(source, source) for source in paths.core_sources()]
    texts = {source: source.read_text() for source in [test, *beside, *core, *linked, *foreign]}
    for name, text in (replaced or {}).items():
        texts[next(path for path in texts if path.name == name)] = text
    with ThreadPoolExecutor(PARALLEL) as pool:
        objects = list(
            pool.map(
                lambda item: _compile(
                    item[0],
                    item[1],
                    [
                        *own,
                        *(["-w"] if item[0] in foreign else []),
                        *(_tls_flags() if item[0].parent == paths.TLS or item[0] in told else []),
                    ],
                ),
                texts.items(),
            )
        )
    archives = [_mbedtls(mbedtls.SMALL in own)] if WITH_CARRIER & set(wanted) else []
    notes = [archive.with_name("made-of").read_text() for archive in archives]
    program = BUILD / f"{test.stem}-{_digest(*[path.name for path in objects], *notes)}"
    if not program.exists():
        with _atomic(program) as out:
            command: list[str | Path] = [COMPILER, *SANITIZERS, *objects, *archives, "-o", out]
            run(command, why=f"It links the native tests of {test.name}.")
    return program


@cache
def _mbedtls(small: bool) -> Path:
    """Mbed TLS as it is shipped for this machine, or with a board's settings; no sanitizers."""
    return mbedtls.archive("native_small" if small else "native", sources.ensure())


@cache
def _tls_flags() -> list[str]:
    return mbedtls.includes(sources.ensure())


@cache
def _lwip() -> Path:
    """The folder of lwIP's sources."""
    return sources.ensure().folder / "lib" / "lwip" / "src"


def lwip_includes() -> list[str]:
    """What is told of lwIP to whatever is compiled with it."""
    return [f"-I{LWIP_SETTINGS}", f"-isystem{_lwip() / 'include'}"]


def foreign_sources() -> list[Path]:
    """What is compiled of lwIP itself."""
    parts = paths.listed_sources(LWIP_SOURCES)
    return [_lwip() / path.relative_to(LWIP_SOURCES.parent) for path in parts]


def run_test(program: Path, name: str) -> subprocess.CompletedProcess[str]:
    """Run one test; its status is 0 when it passed."""
    return subprocess.run(
        [program, name], capture_output=True, text=True, errors="replace", timeout=TIMEOUT_S
    )


def _compile(source: Path, text: str, own: Sequence[str]) -> Path:
    flags = [*FLAGS, *own]
    if source.is_relative_to(FUZZ):
        flags += [f"-I{FUZZ}", "-Wno-conversion", "-Wno-sign-conversion", "-Wno-shadow"]
    made = OBJECTS / f"{source.stem}-{_digest(_headers(), text, *flags)}.o"
    if made.exists():
        return made
    with _atomic(made) as out:
        # From a file of the same name, so that a changed text is told apart by its contents alone.
        file = out.with_name(source.name)
        file.write_text(f'#line 1 "{source}"\n{text}')
        command: list[str | Path] = [COMPILER, *flags, "-c", file, "-o", out]
        run(command, why=f"It compiles {source.name} for the native tests.")
    return made


@cache
def _headers() -> str:
    """A digest of everything that a source may include."""
    folders = [
        paths.CORE.glob("*.h"),
        paths.POSIX.glob("*.h"),
        paths.ROUTER.glob("*.h"),
        paths.LWIP.glob("*.h"),
        paths.CARRIER.rglob("*.h"),
        LWIP_SETTINGS.rglob("*.h"),
        (LWIP_SOURCES.parent / "lwip").rglob("*.h"),
        WIDE.glob("*.h"),
        FOLDER.glob("*.h"),
        FOLDER.glob("test_*.c"),
        FUZZ.glob("*.h"),
    ]
    return _digest(*[path.read_text() for folder in folders for path in sorted(folder)])


def _digest(*parts: str) -> str:
    return hashlib.blake2s("\0".join(parts).encode(), digest_size=10).hexdigest()


@contextmanager
def _atomic(path: Path) -> Iterator[Path]:
    """A place to write a file, which appears under its name when it is whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        draft = Path(folder) / path.name
        yield draft
        os.replace(draft, path)
